#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A Raspberry Pi 3B with 64-bit Arm: see arm.sh.
exec "$(dirname "$0")/arm.sh" raspi3b
