#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The short form of `make soak`: nothing lost, nothing doubled. See tests/soak/soak.py.
cd "$(dirname "$0")/../.." && exec python3 tests/soak/soak.py --seconds 25 --seed "${SOAK_SEED:-1}"
