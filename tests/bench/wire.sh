#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Bytes of a partial, as a message and as a JSON line.
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"

title 'bytes: streams at 1 Hz, windows of a minute, site of 5 and device of 13 letters' \
	"payload of the message, the JSON line of --print, and the time to encode and decode ($bin/tests/bench_wire)"
"$bin/tests/bench_wire" | sed 's/^/   /'
