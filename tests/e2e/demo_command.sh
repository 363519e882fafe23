#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `runnel demo`: data at once as JSON lines and as a table on a terminal, which is redrawn in place and leaves nothing behind;
# its config is good and runs.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1

runnel=$(realpath -m "${RUNNEL_BUILD:-build}/runnel")
[[ -x $runnel ]] || { echo "$runnel is not there" && exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

fail() {
	printf '%s\n' "$*"
	failures=$((failures + 1))
}

# Samples of stream NAME in all partials of a file.
samples() {
	jq -s --arg name "$1@1" '[.[] | select(.type == "partial") | .metrics[] | select(.name == $name) | .n] | add // 0' "$2"
}

"$runnel" demo --seconds 6 --json >"$work/json" 2>"$work/log" || fail "demo --seconds 6 --json: status $?"
jq -e . "$work/json" >"$work/parsed" || fail 'demo --json: a line is no JSON'
# A quarter of what 6 s should give, for machines that are busy with something else.
for expected in cpu:3 memory:3 network:3 temp:6 hot:6 vibration:15 gate:3 water:3; do
	n=$(samples "${expected%:*}" "$work/json")
	((n >= ${expected#*:})) || fail "demo: $n samples of ${expected%:*} in 6 s, expected at least ${expected#*:}"
done
jq -s -e '[.[] | select(.type == "partial")] | (.[0].flags | index("CUT_START")) and (.[-1].flags | index("CUT_END"))' \
	"$work/json" >"$work/parsed" || fail 'demo: the first and last partial do not say that they are cut'

# The longest way to the end of the second whole window of 5 s and the KPIs over it: in one of them the machine may stand still.
"$runnel" demo --seconds 16 >"$work/plain" 2>"$work/log" || fail "demo without a terminal: status $?"
jq -s -e '[.[] | select(.type == "kpi" and .name == "temp_p95" and .value > 15 and .value < 35 and .coverage > 0.5)] |
	length >= 1' "$work/plain" >"$work/parsed" || fail 'demo: no temp_p95 of a whole window in 16 s'
jq -s -e '[.[] | select(.type == "event")] | length >= 1' "$work/plain" >"$work/parsed" || fail 'demo: no event in 16 s'

"$runnel" demo --config >"$work/my.yaml" || fail "demo --config: status $?"
"$runnel" check "$work/my.yaml" >"$work/checked" || fail "demo --config does not pass: $(cat "$work/checked")"
"$runnel" run -c "$work/my.yaml" --print --seconds 5 >"$work/run" 2>"$work/log" || fail "run with it: status $?"
(($(samples vibration "$work/run") >= 5)) || fail 'run with the config of the demo gives no data'

for arguments in '--seconds 0' '--seconds soon' 'now' '--sound'; do
	# shellcheck disable=SC2086 # options of their own
	"$runnel" demo $arguments >"$work/out" 2>&1
	[[ $? == 64 ]] || fail "demo $arguments: not 64"
done
"$runnel" demo --seconds 3 --json >/dev/full 2>"$work/log"
[[ $? == 74 ]] || fail 'demo on a full disk: not 74'
timeout 30 "$runnel" demo --seconds 20 --json 2>"$work/log" | head -n 1 >"$work/out"
[[ ${PIPESTATUS[0]} == 0 && ! -s $work/log ]] || fail "demo | head does not end quietly: $(cat "$work/log")"

python3 tests/e2e/demo_terminal.py "$runnel" || failures=$((failures + 1))
exit $((failures > 0))
