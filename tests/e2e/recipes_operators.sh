#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The recipes for single operators in docs/recipes find and compute what they say: Lua, Python, and the failures of a real machine.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "$0")/lib.sh"
recipes=$root/docs/recipes
data=$root/../shared/data

# Degree hours: 3600 s at 28 degrees are 10, the first half hour of 18 nothing.
{
	echo time,air.temperature
	for ((i = 0; i <= 5400; i++)); do echo "$((1763700000 + i)),$((i < 1800 ? 18 : 28))"; done
} >"$work/warmth.csv"
"$runnel" replay -c "$recipes/lua-operator.yaml" --input "$work/warmth.csv" >"$work/warmth" 2>"$work/replay.log" || fail 'lua'
jq -se '[.[].metrics[] | select(.name == "warmth@1" and .n > 0)] | last | (.last - 10 | fabs) < 0.01' "$work/warmth" >/dev/null ||
	fail "lua-operator.yaml: $(tail -1 "$work/warmth")"

if command -v python3 >/dev/null; then
	sed "s|/etc/runnel|$recipes|" "$recipes/python-operator.yaml" >"$work/python.yaml"
	{
		echo time,press.x
		for ((i = 0; i < 600; i++)); do echo "$((1763700000 + i / 10)).$((i % 10)),$((i % 2 ? 3 : 1))"; done
	} >"$work/press.csv"
	"$runnel" replay -c "$work/python.yaml" --input "$work/press.csv" >"$work/press" 2>"$work/replay.log" || fail 'python'
	# 1 and 3 in turn: 1 about their mean
	jq -se '[.[].metrics[] | select(.name == "vibration@1")] | first | .n == 600 and .first == 0 and (.last - 1 | fabs) < 0.001' \
		"$work/press" >/dev/null || fail "python-operator.yaml: $(head -c 600 "$work/press")"
fi

recording=$data/nab_machine_temperature_system_failure.csv
[[ -f $recording ]] || skip 'no recordings here; the rest was checked'
sed '1s/.*/time,machine.temperature/' "$recording" >"$work/machine.csv"
"$runnel" replay -c "$recipes/machine-temperature.yaml" --input "$work/machine.csv" >"$work/machine" 2>"$work/replay.log" || fail 'machine'
jq -r 'select(.type == "event" and .stream == "failing" and .event == "raised") | .at[:10]' "$work/machine" >"$work/raised"
diff - "$work/raised" <<'DAYS' || fail 'machine-temperature.yaml does not find what it says'
2013-12-10
2013-12-16
2014-01-24
2014-02-08
DAYS
# The recording has no pause of 20 minutes but the night when the clock was set back, which is none.
! jq -e 'select(.type == "event" and .stream == "silent" and .event == "raised")' "$work/machine" || fail 'silent'
