#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What `make demo SECONDS=12` runs: all windows of three boards reach the collector. And its check can fail: when a board
# is expected that does not exist, the exit status says so.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
command -v mosquitto >/dev/null || { echo 'skipped: no mosquitto'; exit 77; }
RUNNEL_BUILD=${RUNNEL_BUILD:-$here/../build}
export RUNNEL_BUILD
out=$(mktemp)
trap 'rm -f "$out"' EXIT

DEMO_SECONDS=12 "$here/demo.sh" >"$out"
[ "$(grep -c '"state":"COMPLETE"' "$out")" -ge 4 ] || { echo 'no complete fleet KPI'; cat "$out"; exit 1; }
jq -es 'any(.devices == 3 and .complete_devices == 3 and .name == "temp_p95" and .value > 15 and .value < 30)' "$out" >/dev/null ||
	{ echo 'no fleet KPI over all three boards'; cat "$out"; exit 1; }

if DEMO_SECONDS=4 DEMO_EXPECT=4 "$here/demo.sh" >"$out" 2>&1; then
	echo 'the demo did not notice that a fourth board is missing'
	exit 1
fi
grep -q 'partials of [0-9] devices came, expected 4' "$out" || { cat "$out"; exit 1; }
