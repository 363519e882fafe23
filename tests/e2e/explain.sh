#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `runnel explain`: its numbers are those that python3 computes from the rows, and its value is what `runnel replay` gives.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "$0")/lib.sh"

cat >"$work/config.yaml" <<'YAML'
device: board-1
window: 10s
sensors:
  air: {driver: sim, unit: Cel, every: 1s}
streams:
  temp: {from: air.value, through: [scale: 2]}
kpis:
  spread: {value: "(max(temp) - min(temp)) * 1", window: 30s}
  warm: {value: "mean(temp) > 41", window: 30s}
YAML
# 95 s, a hole from 40 to 52 s, and gaps.
awk 'BEGIN { print "time,air.value"; for (i = 0; i < 95; i++) if (i < 40 || i > 52) printf "%d,%s\n", 1763700000 + i, i % 17 == 3 ? "" : 20 + i / 100 }' \
	>"$work/input.csv"
cat >"$work/verify.py" <<'PY'
import csv, json, sys
e, w0 = json.load(open(sys.argv[2])), int(sys.argv[3])
rows = [(int(r["time"]), r["air.value"]) for r in csv.DictReader(open(sys.argv[1]))]
x = [float(v) for t, v in rows if w0 <= t < w0 + 30 and v]
gaps = sum(1 for t, v in rows if w0 <= t < w0 + 30 and not v)
near = lambda a, b: abs(a - b) < 1e-9
source, scaled = e["points"]
assert source["what"] == "air.value" and scaled["what"] == "scale" and scaled["stream"] == "temp"
for point, factor in (source, 1), (scaled, 2):
    y = [v * factor for v in x]
    assert (point["n"], point["gaps"]) == (len(y), gaps), point
    assert near(point["min"], min(y)) and near(point["max"], max(y)) and near(point["first"], y[0]) and near(point["last"], y[-1])
    assert near(point["mean"], sum(y) / len(y))
k = [round((2 * v - 20) / 0.01) for v in x]
merged = e["inputs"][0]["merged"]
assert (merged["n"], merged["s1"], merged["min"], merged["max"]) == (len(k), sum(k), min(k), max(k)), merged
assert sum(p["n"] for p in e["inputs"][0]["parts"]) == len(k)
assert [p["w0"] for p in e["inputs"][0]["parts"]] == [w0, w0 + 10, w0 + 20]
steps = {s["step"]: s["value"] for s in e["steps"]}
assert near(steps["max(temp)"], 20 + max(k) / 100) and near(steps["min(temp)"], 20 + min(k) / 100), steps
assert near(e["value"], (max(k) - min(k)) / 100) and e["unit"] == "K" and e["w0"] == w0
PY

for w0 in 1763700000 1763700030 1763700060; do
	"$runnel" explain spread -c "$work/config.yaml" --input "$work/input.csv" --window $((w0 + 7)) --json >"$work/json" 2>"$work/log" ||
		fail "explain: $(cat "$work/log")"
	python3 "$work/verify.py" "$work/input.csv" "$work/json" $w0 || fail "the window $w0"
done

"$runnel" replay -c "$work/config.yaml" --input "$work/input.csv" 2>/dev/null | jq -c 'select(.name == "spread")' >"$work/kpis"
[[ $(tail -n 1 "$work/kpis" | jq -c '[.w0, .value, .coverage]') == "$("$runnel" explain spread -c "$work/config.yaml" \
	--input "$work/input.csv" --json 2>/dev/null | jq -c '[.w0, .value, .coverage]')" ]] || fail 'it does not explain the last window by default'

"$runnel" explain warm -c "$work/config.yaml" --input "$work/input.csv" --window 2025-11-21T04:41:05Z >"$work/text" 2>/dev/null
grep -q '^  mean(temp)  *= 41\.[0-9]*$' "$work/text" || fail "no step mean(temp): $(cat "$work/text")"
grep -q '^  41\.[0-9]* > 41  *= 1$' "$work/text" || fail 'no step of the comparison'
grep -q '^value 1 1, coverage ' "$work/text" || fail 'no value'
[[ $(wc -l <"$work/text") -lt 40 ]] || fail 'it is too long'

expect_status() {
	local want=$1 status=0
	shift
	"$runnel" explain "$@" >"$work/out" 2>"$work/log" || status=$?
	[[ $status == "$want" ]] || fail "explain $*: $status, expected $want"
}
expect_status 64 spred -c "$work/config.yaml" --input "$work/input.csv"
grep -q "did you mean 'spread'" "$work/log" || fail 'no suggestion'
expect_status 1 spread -c "$work/config.yaml" --input "$work/input.csv" --window 5
expect_status 64 spread -c "$work/config.yaml" --input -
expect_status 64 spread -c "$work/config.yaml"
expect_status 74 spread -c "$work/config.yaml" --input "$work/none.csv"
exit $((failures > 0))
