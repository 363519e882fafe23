#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The wall clock is set, two hours ahead and back again, while the agent runs: parts before each step are marked STEP, no key
# is used twice, no sample is lost, counted twice or put into a window that its time is not in. The clock of this machine is
# left alone: a library between the agent and libc adds what a file says.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "$0")/lib.sh"
make_clock

cat >"$work/config.yaml" <<EOF
device: board-1
window: 10s
sensors:
  air: {driver: sim, unit: "1", every: 50ms, shape: ramp, period: 10s, amplitude: 5, offset: 5}
  slow: {driver: sim, unit: "1", every: 1s}
streams:
  phase: {from: air.value, quantum: 0.001}
  slow: {from: slow.value}
  short: {from: air.value, window: 1s, quantum: 0.001}
EOF
# Both steps within one window of 10 s: the time between the steps is in windows of another time.
in_first_second() { ((EPOCHSECONDS % 10 == 0)); }
wait_for 20 'the start of a window' in_first_second
began=$EPOCHREALTIME
with_clock start_agent agent "$work/config.yaml" --print
wait_for 10 'a window' has "$work/agent.out" '"wl":1,'
set_clock 7200
wait_for 10 'the first step in the log' has "$work/agent.log" 'the clock was set by +7200.0 s'
sleep 2
set_clock 0
wait_for 10 'the second step in the log' has "$work/agent.log" 'the clock was set by -7200.0 s'
sleep 2
set_clock 0
end agent
ended=$EPOCHREALTIME
expect_status 0 'the agent'
((n = $(grep -c 'the clock was set' "$work/agent.log"), n == 2)) || fail "$n steps were seen, there were 2"

cat >"$work/verify.py" <<'EOF'
import json, sys
path, began, ended = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
keys, parts = set(), [json.loads(line) for line in open(path)]
n = {}
for p in parts:
    key = p["w0"], p["wl"], p["part"]
    assert key not in keys, ("twice", key)
    keys.add(key)
    at = p["w0"] - (7200 if p["w0"] > began + 3600 else 0)
    assert began - p["wl"] <= at <= ended, ("not the time of this test", p)
    for m in p["metrics"]:
        n[m["name"]] = n.get(m["name"], 0) + m["n"]
        assert m["bad"] == 0 and m["n"] <= m["expected"] <= p["wl"] / (1 if m["name"] == "slow@1" else 0.05), m
        if m["name"] == "short@1" and m["n"]:
            # The ramp tells the time of each sample: 10 s are 0 to 10. Windows that are mixed would show.
            into = p["w0"] % 10
            assert into - 1e-9 <= m["min"] <= m["max"] < into + 1, (into, m)
steps = [p for p in parts if "STEP" in p["flags"]]
assert len([p for p in steps if p["wl"] == 10]) == 2, steps
assert len([p for p in steps if p["wl"] == 1]) == 2, steps
assert all("CUT_END" not in p["flags"] for p in steps)
long = [(p["w0"] > began + 3600, p["part"], p["flags"]) for p in parts if p["wl"] == 10]
print(long)
assert long[0][0] is False and "STEP" in long[0][2] and long[0][1] == 0, long
assert long[1][0] is True and "STEP" in long[1][2] and "CUT_START" in long[1][2], long
assert long[2][0] is False and "CUT_START" in long[2][2], long
assert [p["seq"] for p in parts] == list(range(1, len(parts) + 1))
took = ended - began
# A machine that stands still misses readings, of whole windows too: these are away from the steps.
missed = sum(m["expected"] - m["n"] for p in parts if not p["flags"] for m in p["metrics"] if m["name"] == "short@1")
assert took / 0.05 * 0.8 - 20 <= n["phase@1"] + missed and n["phase@1"] <= took / 0.05 + 1, (n, missed, took)
assert n["phase@1"] == n["short@1"], n
print(n, "in %.1f s" % took)
EOF
python3 "$work/verify.py" "$work/agent.out" "$began" "$ended" || fail "the steps: $(cut -c 1-200 "$work/agent.out")"
