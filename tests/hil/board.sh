#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A whole board of 32-bit Arm, with sensors, a mux and GPIO: see arm.sh.
exec "$(dirname "$0")/arm.sh" ast2600
