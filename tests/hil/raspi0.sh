#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A Raspberry Pi Zero, which is ARMv6: see arm.sh.
exec "$(dirname "$0")/arm.sh" raspi0
