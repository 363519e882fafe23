#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Processes and scripts behind operators in a real agent: a good one gives the results that were asked for; one that hangs, dies, floods or
# cannot be started, and a script without end, cost their own streams and nobody else's. None outlives the agent. A replay waits for
# each answer and gives the same results every time.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || skip 'python3 is not installed'

cat >"$work/double.py" <<'PY'
import json, sys, time
with open(sys.argv[0] + ".began", "w") as f:
    f.write(str(time.time()))
for line in sys.stdin:
    sample = json.loads(line)
    print(json.dumps({"t": sample["t"], "y": 2 * sample["x"]}))
PY
cat >"$work/dies.py" <<'PY'
import json, sys
for n, line in enumerate(sys.stdin):
    print(json.dumps({"t": json.loads(line)["t"], "y": 1}))
    if n == 4:
        raise SystemExit("had enough")
PY
mark=$work/alive # in the command line of all of them
cat >"$work/bad.yaml" <<YAML
device: board-1
window: 1s
sensors:
  air: {driver: sim, unit: Cel, shape: noise, noise: 1, offset: 20, every: 100ms}
streams:
  raw: {from: air.value}
  good: {from: air.value, through: [exec: {command: [python3, "$work/double.py", "$mark"], within: 20s}]}
  hangs: {from: air.value, through: [exec: {command: [sleep, 1000, "$mark"], queue: 5}]}
  stuck: {from: air.value, through: [exec: {command: [sh, -c, "sleep 15 & wait", "$mark"]}]}
  dies: {from: air.value, through: [exec: [python3, "$work/dies.py", "$mark"]]}
  floods: {from: air.value, through: [exec: [yes, '{"t":1,"y":1}', "$mark"]]}
  drowns: {from: air.value, through: [exec: [cat, /dev/zero]]}
  absent: {from: air.value, through: [exec: /nonexistent/program]}
  runaway: {from: air.value, through: [lua: "function on_sample(x) while true do end end"]}
YAML
sed -i "s|sleep, 1000, \"$mark\"|python3, -c, \"import time; time.sleep(1000)\", \"$mark\"|" "$work/bad.yaml"

cat >"$work/stamp.py" <<'PY'
import sys, time
for line in sys.stdin:
    print("%.3f %s" % (time.time(), line), end="", flush=True)
PY
cat >"$work/judge.py" <<'PY'
import json, sys
rows = [line.split(" ", 1) for line in open(sys.argv[1])]
parts = [(float(t), json.loads(text)) for t, text in rows]
whole = [(t, p) for t, p in parts if not p["flags"]]
assert len(whole) >= 6, "only %d whole windows" % len(whole)
assert len({p["w0"] for _, p in whole if p["part"] == 0}) == len([p for _, p in whole if p["part"] == 0])
# An agent that stands still with its machine misses a reading each 0.1 s: so long a window may be later.
missed = {p["w0"]: 10 - m["n"] for _, p in whole for m in p["metrics"] if m["name"] == "raw@1" and p["part"] == 0}
stood = lambda w0: 0.1 * sum(missed.get(w, 0) + (missed.get(w, 0) > 0) for w in range(w0, w0 + 4))
# And they wait for the good process, which a busy machine may be slow to start.
began = float(open(sys.argv[2]).read())
late = sorted(t - max(p["w0"] + 1, began) - stood(p["w0"]) for t, p in whole)
print("windows came %.2f s after their end, the latest %.2f s" % (late[len(late) // 2], late[-1]))
assert late[-1] < 2.5, "a window waited %.2f s" % late[-1]
assert late[len(late) // 2] < 0.6, "windows wait for those that are not in time"
def of(name):
    return [m for _, p in whole for m in p["metrics"] if m["name"] == name + "@1" and p["part"] == 0]
def sums(name, what):
    return sum(m[what] for _, p in parts for m in p["metrics"] if m["name"] == name + "@1")
assert all(m["n"] <= 10 and m["lost"] == 0 and m["bad"] == 0 for m in of("raw")) and sums("raw", "n") >= 50, "raw lost something"
# Cel counts from 20 in hundredths, each sample rounded once: 2 x is 2 s1 + 2000 n. Answers that come seconds late may be in a second part.
def whole_sums(name, w0):
    own = [m for _, p in parts if p["w0"] == w0 for m in p["metrics"] if m["name"] == name + "@1"]
    return sum(m["n"] for m in own), sum(m["exact"]["s1"] for m in own)
good = [(*whole_sums("raw", p["w0"]), *whole_sums("good", p["w0"])) for _, p in whole if p["part"] == 0]
assert all(n == n_raw and abs(s - 2 * r - 2000 * n) <= n for n_raw, r, n, s in good), good
for name in ("hangs", "stuck", "floods", "drowns", "absent", "runaway"):
    assert sums(name, "n") == 0, name
    assert sums(name, "bad") > 0, name
assert sums("hangs", "bad") == 5, "the queue of 5 let %d in" % sums("hangs", "bad")
assert 0 < sums("dies", "n") < sums("raw", "n"), sums("dies", "n")
PY

stamped() { "$runnel" run -c "$work/bad.yaml" --print --seconds 9 2>"$work/agent.log" | python3 "$work/stamp.py" >"$work/out"; }
stamped || fail 'the agent failed'
python3 "$work/judge.py" "$work/out" "$work/double.py.began" || fail 'the windows are not what they should be'
for words in 'stream dies: python3 ended with status 1: had enough' 'which is no answer' 'stream floods: yes said much that answers nothing and was ended' \
	'stream drowns: cat wrote a line without end and was ended' 'stream absent: cannot start /nonexistent/program: No such file' \
	'stream runaway: operator lua: lua:1: more than 100000 instructions in one call' 'stream hangs: python3 is not in time'; do
	has "$work/agent.log" "$words" || fail "the log does not say: $words"
done
(($(grep -c 'runaway' "$work/agent.log") == 1)) || fail 'the error of a script is told more than once'
(($(grep -c 'stream good' "$work/agent.log") == 0)) || fail 'a good process is complained about'

# Whoever is left names the mark in its command line; the patterns stand in files, or grep would find itself.
printf '%s' "$mark" >"$work/pattern"
is_running() { grep -l -a -s -F -f "$work/pattern" /proc/[0-9]*/cmdline >/dev/null; }
is_clean() { ! is_running; }
wait_for 10 'the processes to go with the agent' is_clean
"$runnel" run -c "$work/bad.yaml" --print >"$work/out2" 2>"$work/agent2.log" &
pids[agent]=$!
wait_for 20 'the processes to start' is_running
sleep 0.3
end agent KILL
wait_for 10 'the processes to go with an agent that was killed' is_clean

# A replay, twice; and one whose process never answers right.
{
	echo time,air.value
	for ((i = 0; i < 50; i++)); do echo "$((1763700000 + i)).25,$i"; done
} >"$work/in.csv"
cat >"$work/replay.yaml" <<YAML
device: board-1
window: 10s
sensors:
  air: {driver: sim, unit: Cel, every: 1s}
streams:
  good: {from: air.value, through: [exec: [python3, "$work/double.py"]]}
  dies: {from: air.value, through: [exec: [python3, "$work/dies.py"]]}
  absent: {from: air.value, through: [exec: /nonexistent/program]}
YAML
"$runnel" replay -c "$work/replay.yaml" --input "$work/in.csv" >"$work/one" 2>"$work/replay.log" || fail 'the replay failed'
"$runnel" replay -c "$work/replay.yaml" --input "$work/in.csv" >"$work/two" 2>"$work/replay2.log" || fail 'the replay failed'
cmp "$work/one" "$work/two" || fail 'two replays differ'
[[ $(jq -c '[.metrics[] | select(.name == "good@1") | .n, .mean]' "$work/one" | head -1) == '[10,9]' ]] ||
	fail "the replay is wrong: $(head -1 "$work/one")"
jq -se '[.[].metrics[] | select(.name == "good@1") | .n] | add == 50' "$work/one" >/dev/null || fail 'the replay lost answers'
has "$work/replay.log" 'stream absent: /nonexistent/program: No such file or directory; it is left out from now on' ||
	fail 'the replay does not say what it left out'
