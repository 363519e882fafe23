#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What one reading of each chip costs on an I2C bus: counted, so the same on every machine.
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"

title 'bus: one reading of each chip, default options; a transfer is one system call (ioctl I2C_RDWR)' \
	'bits: 9 a byte with its acknowledge, addresses too, and 1 a start or stop; without stretched clocks'
cost=${RUNNEL_BUILD:-build}/tests/hil/bus_cost
[[ -x $cost ]] || { skip "there is no $cost: make hil-tools" && exit; }
"$cost"
