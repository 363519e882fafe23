#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# An outage of the broker of 60 s in five ways: what arrives of it.
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"

title "an outage of ${OUTAGE_SECONDS:-60} s: 4 sensors at 5 Hz, windows of 1 s, so 240 windows of a stream; 5 brokers and agents at once" \
	'agent killed: in the middle of the outage and of a window, and started again at once' \
	'sent again: messages that came a second time, because their acknowledgement was lost; they change nothing' \
	'first, all: seconds after the broker is back'
have mosquitto || { skip 'there is no mosquitto' && exit; }
RUNNEL_BUILD=$bin python3 "$top/tests/soak/outage.py" --seconds "${OUTAGE_SECONDS:-60}"
