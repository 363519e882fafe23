#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The short form of a part of `make soak`: boards that are killed while configs come run one of the good ones. See tests/soak/push_kills.py.
cd "$(dirname "$0")/../.." && exec python3 -B tests/soak/push_kills.py --kills 40 --seed "${SOAK_SEED:-1}"
