#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Brokers that cannot be used: what is wrong is told, and data are kept. See tests/soak/connection.py.
cd "$(dirname "$0")/../.." && exec python3 tests/soak/connection.py
