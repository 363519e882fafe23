#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What a clock does once in years: the board is suspended for two minutes; a week passes in a second; January 2038 comes, when the
# seconds no longer fit into 32 bits; and all of it is taken back. The real agent, its spool, a broker; the clock is the test's.
# No key twice, no number missing, no sample lost, watermarks that only grow; the windows of the suspend say that nothing was
# sampled in them, and of the time that a step leaves out there are none.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "$0")/lib.sh"
need_broker
make_clock
make_broker 'allow_anonymous true'
keep_for_watcher
start_broker
start_watcher

cat >"$work/config.yaml" <<EOF
device: board-1
site: lab
window: 1s
mqtt: {broker: "mqtt://127.0.0.1:$port"}
spool: {path: $work/spool.db}
clock: {trust: kernel}
sensors:
  air: {driver: sim, unit: "1", every: 50ms}
streams:
  air: {from: air.value}
EOF
n_partials() { grep -c '/board-1/partial ' "$work/messages.txt" || true; }
at_least() { (($(n_partials) >= $1)); }
more() { wait_for 20 "partials after $1" at_least $(($(n_partials) + ${2:-3})); }

set_clock 0 1
began=$EPOCHREALTIME
with_clock start_agent agent "$work/config.yaml"
more 'the start'
before=$(n_partials)
set_suspended 120
suspended=$EPOCHREALTIME
wait_for 20 'the windows of the suspend' at_least $((before + 123))
set_clock 604800 1
wait_for 10 'the week in the log' has "$work/agent.log" 'the clock was set by +604800'
more 'a week in a second'
set_clock $(((1 << 31) - 7 - EPOCHSECONDS - 120)) 1
more 'January 2038' 10
set_clock 0 1
wait_for 10 'the way back in the log' has "$work/agent.log" 'the clock was set by -'
more 'the way back'
end agent
ended=$EPOCHREALTIME
expect_status 0 'the agent'

awk '$1 ~ /partial$/ { print $3 }' "$work/messages.txt" | while read -r hex; do
	tr a-f A-F <<<"$hex" | basenc --base16 -d | "$runnel" decode
done >"$work/parts"
cat >"$work/verify.py" <<'EOF'
import json, sys
path, began, ended, suspended = sys.argv[1], *map(float, sys.argv[2:])
parts = [json.loads(line) for line in open(path)]
keys = [(p["boot"], p["w0"], p["wl"], p["part"]) for p in parts]
assert len(keys) == len(set(keys)), "a key was used twice"
lives = sorted({p["boot"] for p in parts})
assert len(lives) == 2, "the way back is another life, and nothing else is"
for boot in lives:
    life = sorted((p for p in parts if p["boot"] == boot), key=lambda p: p["seq"])
    assert [p["seq"] for p in life] == list(range(1, len(life) + 1)), "numbers are missing"
    wm = [p["wm"] for p in life]
    assert wm == sorted(wm) and all(p["wm"] <= p["w0"] + p["wl"] for p in life), wm
def place(p):
    at = p["w0"] - began
    return "2038" if p["w0"] > 2**31 - 100 else "week" if 600000 < at < 700000 else "now" if at < 300 else at
places = [place(p) for p in parts if p["boot"] == lives[0]]
assert [x for i, x in enumerate(places) if i == 0 or places[i - 1] != x] == ["now", "week", "2038"], places
assert {place(p) for p in parts if p["boot"] == lives[1]} == {"now"}, "back"
steps = [place(p) for p in parts if "STEP" in p["flags"]]
assert steps == ["now", "week", "2038"], steps
first = [p for p in parts if p["boot"] == lives[0] and place(p) == "now"]
assert [p["w0"] for p in first] == list(range(first[0]["w0"], first[-1]["w0"] + 1)), "a window of the suspend is missing"
# The suspend began before the clock of the machine was at `suspended`. Other windows are silent if the machine stood still, or cut before a sample.
silent = [p for p in first if suspended <= p["w0"] <= suspended + 115]
assert len(silent) >= 115 and all(p["metrics"][0]["n"] == 0 for p in silent), silent
assert all(19 <= p["metrics"][0].get("expected", 20) <= 21 for p in silent), silent
over = [p["w0"] for p in parts if place(p) == "2038"]
assert over[0] < 2**31 <= over[-1] and over == list(range(over[0], over[-1] + 1)), over
n, took = sum(p["metrics"][0]["n"] for p in parts), ended - began
assert took / 0.05 * 0.8 - 30 <= n <= took / 0.05 + 2, (n, took)
assert all(p["metrics"][0]["n"] <= 20 for p in parts)
print(len(parts), "parts,", n, "samples in %.1f s," % took, "windows in", over[0], "to", over[-1])
EOF
python3 "$work/verify.py" "$work/parts" "$began" "$ended" "$suspended" || fail "$(cut -c 1-160 "$work/parts")"
