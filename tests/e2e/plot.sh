#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `runnel replay --plot`: the picture is XML that a parser takes, with the extremes of the recording at their height, a picture of bounded
# size for a recording of any, and one also of recordings that have little or nothing to draw.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "$0")/lib.sh"

cat >"$work/config.yaml" <<'YAML'
device: board-1
window: 1m
sensors:
  air: {driver: sim, unit: Cel, every: 1s}
streams:
  temp: {from: air.value, through: [moving_average: 5]}
  hot: {from: temp, through: [threshold: {above: 25, clear: 24}], event: true}
kpis:
  warm: {value: mean(temp) > 20, event: yes}
YAML
cat >"$work/look.py" <<'PY'
import re, sys, xml.etree.ElementTree as et
svg = "{http://www.w3.org/2000/svg}"
root = et.parse(sys.argv[1]).getroot()
assert root.tag == svg + "svg"
lines = {e.get("class"): e.get("d") for e in root.iter(svg + "path") if (e.get("class") or "").startswith("line ") and len(e.get("d")) > 40}
frame = next(e for e in root.iter(svg + "rect") if e.get("class") == "frame")
top, height = float(frame.get("y")), float(frame.get("height"))
ys = [float(y) for y in re.findall(r"[ML]-?[\d.]+ (-?[\d.]+)", lines["line raw"])]
ticks = sorted(float(t.text) for t in root.iter(svg + "text") if t.get("text-anchor") == "end" and re.fullmatch(r"-?[\d.]+", t.text))
value = lambda y: ticks[-1] - (y - top) / height * (ticks[-1] - ticks[0])
want = [float(a) for a in sys.argv[2:4]]
got = [value(max(ys)), value(min(ys))]
assert all(abs(g - w) < (ticks[-1] - ticks[0]) / 500 for g, w in zip(got, want)), (got, want)
assert "line c0" in lines
words = {t.text for t in root.iter(svg + "text")}
assert {"board-1", "air.value", "temp", "hot", "warm", "level", "Cel"} <= words, words
classes = [e.get("class") for e in root.iter()]
assert classes.count("level") == 3 and "event raised" in classes and "on" in classes, classes  # two levels and the key
PY

rows() { # from 10 to 30 Cel, with one spike
	awk -v n="$1" 'BEGIN { print "time,air.value"; for (i = 0; i < n; i++) print 1763700000 + i "," (i == 77 ? 39 : 20 + 10 * sin(i * 20 / n)) }'
}
draw() {
	status=0
	"$runnel" replay -c "$work/config.yaml" --input "$work/$1.csv" --plot "$work/$1.svg" >"$work/out" 2>"$work/log" || status=$?
	[[ $status == 0 ]] || fail "$1: $status: $(cat "$work/log")"
	[[ ! -s $work/out ]] || fail "$1: JSON lines nobody asked for"
	python3 -c 'import sys, xml.etree.ElementTree as et; et.parse(sys.argv[1])' "$work/$1.svg" || fail "$1: no XML"
}

rows 300 >"$work/short.csv"
draw short
python3 "$work/look.py" "$work/short.svg" 10.0 39 || fail 'the picture of the short recording'
rows 200000 >"$work/long.csv"
draw long
python3 "$work/look.py" "$work/long.svg" 10.0 39 || fail 'a spike of one sample in 200 000 is lost'
[[ $(stat -c %s "$work/long.svg") -lt 400000 ]] || fail 'the picture grows with the recording'

echo 'time,air.value' >"$work/empty.csv"
draw empty
printf 'time,air.value\n1763700000,20\n' >"$work/one.csv"
draw one
printf 'time,air.value\n1763700000,\n1763700001,nan\n' >"$work/gaps.csv"
draw gaps
printf 'time,air.value\n1763700000,1e300\n1763700001,-1e300\n9999999999,5\n5,7\n' >"$work/wild.csv"
draw wild

status=0
"$runnel" replay -c "$work/config.yaml" --input "$work/one.csv" --plot "$work/x.png" 2>"$work/log" || status=$?
if [[ $status != 64 ]] || ! grep -q svg "$work/log"; then
	fail 'a picture as PNG'
fi
status=0
"$runnel" replay -c "$work/config.yaml" --input "$work/one.csv" --plot "$work/none/x.svg" 2>"$work/log" || status=$?
[[ $status == 74 ]] || fail "a place that is not there: $status"
exit $((failures > 0))
