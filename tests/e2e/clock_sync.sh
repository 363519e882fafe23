#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A board starts in 1970 and learns what time it is, too late, early enough, or never; somebody sets its clock by hand; NTP sets it
# back by an hour. The real agent, broker and collector; the wall clock is the test's.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "$0")/lib.sh"
need_broker
make_clock
make_broker 'allow_anonymous true'
keep_for_watcher
start_broker
start_watcher

config() {
	cat >"$work/$1.yaml" <<EOC
device: $1
site: lab
window: 1s
mqtt: {broker: "mqtt://127.0.0.1:$port"}
spool: {path: $work/$1.db}
clock: {trust: kernel, wait: $2}
sensors:
  air: {driver: sim, unit: "1", every: 50ms}
  door: {driver: sim, shape: square, every: 50ms, period: 1s}
streams:
  air: {from: air.value}
  door: {from: door.value, event: true}
EOC
}

# What arrived of a board: one JSON line each.
cat >"$work/partials.py" <<'EOC'
import json, subprocess, sys
work, runnel, device = sys.argv[1:4]
for line in open(f"{work}/messages.txt"):
    topic, _, raw = line.rstrip("\n").split(" ", 2)
    if topic == f"runnel/1/lab/{device}/partial":
        print(subprocess.run([runnel, "decode"], input=bytes.fromhex(raw), capture_output=True, check=True).stdout.decode(), end="")
EOC
partials() { python3 "$work/partials.py" "$work" "$runnel" "$1"; }
n_partials() { grep -c "/$1/partial " "$work/messages.txt" || true; }
at_least() { (($(n_partials "$1") >= $2)); }
check() { # NAME SCRIPT: python over the parts of a board
	partials "$1" >"$work/$1.json"
	python3 - "$work/$1.json" "$began" <<EOC || fail "$1: $(cut -c 1-160 "$work/$1.json")"
import json, sys
parts = [json.loads(line) for line in open(sys.argv[1])]
began = float(sys.argv[2])
keys = [(p["boot"], p["w0"], p["wl"], p["part"]) for p in parts]
assert len(keys) == len(set(keys)), "a key was used twice"
def n(of): return sum(m["n"] for p in of for m in p["metrics"] if m["id"] == 0)
def expected(of): return sum(m.get("expected", 20) for p in of for m in p["metrics"] if m["id"] == 0) # left out: all of a window. A busy machine reads fewer
$2
EOC
}
start_of_1970=$((1000 - EPOCHSECONDS))

# --- it is known in time: nothing is sent before, all is dated ---
config early 60s
set_clock "$start_of_1970" 0
began=$EPOCHREALTIME
with_clock start_agent early "$work/early.yaml"
wait_for 20 'the connection' has "$work/early.log" 'mqtt: connected'
has "$work/early.log" 'samples wait' || fail 'nothing says that samples wait'
wait_for 20 'an event, which does not wait' grep -q '/early/event ' "$work/messages.txt"
sleep 2
(($(n_partials early) == 0)) || fail 'partials were sent before the time was known'
set_clock 0 1
wait_for 20 'partials' at_least early 5
is_past_what_waited() { partials early | tail -n 1 | grep -q '"flags":\[\]'; }
wait_for 20 'a window that began later' is_past_what_waited
retained_has runnel/1/lab/early/status '"clock":{"state":"synchronised"' || retained runnel/1/lab/early/status
end early
expect_status 0 'the agent'
check early '
assert all(began - 1 <= p["w0"] <= began + 60 for p in parts), "not the time of this test"
assert "RETIMED" in parts[0]["flags"] and "CUT_START" in parts[0]["flags"], parts[0]
assert "RETIMED" not in parts[-1]["flags"], parts[-1]
assert all("UNSYNCED" not in p["flags"] for p in parts)
assert all(p["boot"] >= int(began) for p in parts), "a board that forgets all would use this number again"
assert n(parts) > 0 and expected(parts) >= 20 * (parts[-1]["w0"] - parts[0]["w0"]) - 20, expected(parts)
'

# --- it is known too late, and somebody set the clock meanwhile: what could not wait is marked; then it is told by how much it was off ---
config late 1s
set_clock "$start_of_1970" 0
began=$EPOCHREALTIME
with_clock start_agent late "$work/late.yaml"
wait_for 20 'partials of 1970' at_least late 3
has "$work/late.log" 'still not synchronised' || fail 'nothing says that partials are marked'
set_clock "$((start_of_1970 + 500))" 0
n=$(n_partials late)
wait_for 30 'partials after the hand' at_least late $((n + 4))
set_clock 0 1
n=$(n_partials late)
wait_for 30 'partials of today' at_least late $((n + 5))
end late
check late "start = $start_of_1970"'
told = [p for p in parts if "clock" in p]
parts = [p for p in parts if "clock" not in p]
assert [p["metrics"] for p in told] == [[], []] and all(p["part"] == 2**31 + p["seq"] for p in told), told
hand, net = (p["clock"] for p in told)
assert hand["boot"] == net["boot"] == told[0]["boot"] and hand["first"] == 1 and net["first"] == hand["last"] + 1, told
assert net["last"] + 1 == told[0]["seq"] == told[1]["seq"] - 1, told
assert abs(hand["offset_us"] + start * 10**6) < 5000 and abs(net["offset_us"] + (start + 500) * 10**6) < 5000, told
for c in (hand, net):
    of = [p for p in parts if c["first"] <= p["seq"] <= c["last"]]
    assert of and all(began - 1 <= p["w0"] + c["offset_us"] / 1e6 <= began + 60 for p in of), (c, [p["w0"] for p in of])
old = [p for p in parts if p["w0"] < 100000]
new = [p for p in parts if p["w0"] > began - 2]
assert len(old) + len(new) == len(parts) and old and new
assert all("UNSYNCED" in p["flags"] for p in old)
assert all("UNSYNCED" not in p["flags"] for p in new)
assert "STEP" in old[-1]["flags"]
'

# --- somebody sets the clock by hand: not followed; NTP sets it back by an hour: followed, as another life of the board ---
config set 1s
set_clock 0 1
began=$EPOCHREALTIME
with_clock start_agent set "$work/set.yaml"
wait_for 20 'partials' at_least set 3
set_clock 86400 0
wait_for 20 'the hand in the log' has "$work/set.log" 'is not synchronised: going on'
n=$(n_partials set)
wait_for 20 'partials after the hand' at_least set $((n + 3))
set_clock -3600 1
wait_for 20 'the step in the log' has "$work/set.log" 'the clock was set by -3600.0 s'
n=$(n_partials set)
wait_for 20 'partials after the step' at_least set $((n + 3))
end set
check set '
boots = sorted({p["boot"] for p in parts})
assert len(boots) == 2, boots
first = [p for p in parts if p["boot"] == boots[0]]
second = [p for p in parts if p["boot"] == boots[1]]
assert all(began - 1 <= p["w0"] <= began + 120 for p in first), "the hand was followed"
assert "STEP" in first[-1]["flags"], first[-1]
assert all(began - 3601 <= p["w0"] <= began - 3480 for p in second), [p["w0"] - began for p in second]
for life in (first, second):
    assert [p["seq"] for p in life] == list(range(1, len(life) + 1))
    wm = [p["wm"] for p in life]
    assert wm == sorted(wm) and all(p["wm"] <= p["w0"] + p["wl"] for p in life), wm
'
