#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# 64-bit Arm, of no board in particular: see arm.sh.
exec "$(dirname "$0")/arm.sh" arm64
