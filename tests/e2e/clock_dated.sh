#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Two boards start in 1970 and cannot wait for the time; later they know it. The collector is killed (-9) before they do, and is away when they say
# how far they were off. Its KPIs must be those of the true time, which the test knows, for the clock of the boards is its own. The same messages in other
# orders, twice, with another kill in between, must give the same KPIs to the last digit.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "$0")/lib.sh"
need_broker
collector=$(dirname "$runnel")/runnel-collector
make_clock
make_broker 'allow_anonymous true' 'log_type all'
keep_for_watcher
start_broker
start_watcher

# fine: windows of a second, which are whole seconds in any time. coarse: of five, which begin three seconds late in true time.
config() { # NAME WINDOW KPI-WINDOW
	cat >"$work/$1.yaml" <<EOC
device: $1
site: lab
window: $2
mqtt: {broker: "mqtt://127.0.0.1:$port"}
spool: {path: $work/$1.db}
clock: {trust: kernel, wait: 1s}
sensors:
  air: {driver: sim, shape: sine, period: 7s, amplitude: 3, unit: Cel, every: 50ms}
streams: {$1: {from: air.value}}
kpis:
  level_$1: {value: mean($1), window: $3}
  count_$1: {value: n($1), unit: "1", window: $3}
EOC
}

start_collector() { # NAME PREFIX
	"$collector" run --json --broker "mqtt://127.0.0.1:$port" --store "$work/$1.store" --client-id "$1" --prefix "$2" \
		>>"$work/$1.jsonl" 2>>"$work/$1.log" &
	pids["$1"]=$!
	wait_for 20 'the collector' is_subscribed "$1"
}
is_subscribed() { (($(grep -c "Sending SUBACK to $1" "$work/mosquitto.log") >= 4)); } # then its session remembers
n_partials() { grep -c "/$1/partial " "$work/messages.txt" || true; }
at_least() { (($(n_partials "$1") >= $2)); }

off=$((EPOCHSECONDS - 1000))
off=$((off + (8 - off % 5) % 5)) # 3 more than a multiple of 5
config fine 1s 5s
config coarse 5s 10s
set_clock $((-off)) 0
start_collector alive runnel/1
for board in fine coarse; do
	with_clock start_agent "$board" "$work/$board.yaml"
done
wait_for 40 'partials of 1970' at_least coarse 2
end alive KILL
wait_for 40 'more of them' at_least coarse 4
set_clock 0 1
for board in fine coarse; do
	wait_for 30 'what the clock was' has "$work/$board.log" 'told, so that a collector can date them'
done

# told STORE: the KPIs, once there is nothing more to date
told() {
	"$collector" query --store "$work/$1.store" --last 1d --json 2>/dev/null | python3 -c '
import json, sys
rows = [json.loads(line) for line in sys.stdin]
for r in rows:
    r.pop("version"), r.pop("spread", None)
print("\n".join(sorted(json.dumps(r, sort_keys=True) for r in rows)))'
}

# What the fleet must say: parts by their true time, each in the shortest window that holds it.
cat >"$work/truth.py" <<'EOC'
import collections, json, subprocess, sys
work, runnel, off, store = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
KPI = {"fine": 5, "coarse": 10}
want, moved, apart = collections.defaultdict(lambda: [0, 0]), collections.Counter(), 0
for line in sorted(set(open(f"{work}/messages.txt"))):  # some come twice
    topic, _, raw = line.rstrip("\n").split(" ", 2)
    if not topic.startswith("runnel/1/lab/") or not topic.endswith("/partial"):
        continue
    p = json.loads(subprocess.run([runnel, "decode"], input=bytes.fromhex(raw), capture_output=True, check=True).stdout)
    if not p["metrics"]:
        continue
    w0, wl = p["w0"] + (off if "UNSYNCED" in p["flags"] else 0), p["wl"]
    longer = next((l for l in (1, 5, 10, 15, 30, 60, 300, 900, 3600) if l % wl == 0 and w0 // l * l + l >= w0 + wl), None)
    moved[p["device"], longer] += "UNSYNCED" in p["flags"]
    apart += longer is None
    if longer and KPI[p["device"]] % longer == 0:
        m, key = p["metrics"][0], (p["device"], w0 // KPI[p["device"]] * KPI[p["device"]])
        want[key][0] += m["n"]
        want[key][1] += m["exact"]["s1"]
assert moved["fine", 1] >= 12 and moved["coarse", 5] == 0 and moved["coarse", 10] >= 2, moved
q, got = 0.01, {}
for line in open(store):
    r = json.loads(line)
    got[r["name"], r["w0"]] = r
for (device, w0), (n, s1) in want.items():
    count, level = got.pop((f"count_{device}", w0), None), got.pop((f"level_{device}", w0), None)
    if count is None:  # the last window, which nobody has seen the end of
        assert w0 == max(w for d, w in want if d == device), (device, w0)
        continue
    assert count["n"] == n and (count["value"] or 0) == n, (device, w0, n, count)
    assert n == 0 or abs(level["value"] - (20 + q * s1 / n)) < 1e-12, (device, w0, level)
assert all(r["n"] == 0 for r in got.values()), got
print(f"{len(want)} windows, {sum(moved.values())} parts dated, {apart} apart")
EOC
agrees() {
	told "$1" >"$work/$1.kpis" && python3 "$work/truth.py" "$work" "$runnel" "$off" "$work/$1.kpis" 2>"$work/truth.log"
}

sleep 1
start_collector alive runnel/1
# What the kill took is asked for after 5 s, if it was acknowledged already, and only boards that are there can answer.
wait_for 60 'what the kill took' agrees alive
for board in fine coarse; do
	end "$board"
	expect_status 0 "$board"
done

wait_for 30 "the truth: $(agrees alive >/dev/null; tail -n 1 "$work/truth.log")" agrees alive
is_empty_but_clocks() { ! "$collector" query --store "$work/$1.store" --list | grep -q 'parts of boot'; }
is_empty_but_clocks alive || fail 'something was not dated'
end alive

# --- the same messages below another prefix: backwards, what was told of clocks first; and shuffled, twice, with a kill ---
cat >"$work/again.py" <<'EOC'
import random, subprocess, sys
work, port, how = sys.argv[1:4]
lines = [line.rstrip("\n").split(" ", 2) for line in open(f"{work}/messages.txt")]
messages = [(topic.replace("runnel/1/", f"{how}/1/"), bytes.fromhex(raw)) for topic, _, raw in lines
            if topic.startswith("runnel/1/lab/") and topic.split("/")[4] in ("birth", "partial", "contract") and raw]
if how == "backwards":
    messages.reverse()
else:
    messages += messages
    random.Random(int(how[5:])).shuffle(messages)
for topic, payload in messages:
    subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", port, "-q", "1", "-t", topic, "-s"], input=payload, check=True)
EOC
again() {
	local how=$1
	start_collector "$how" "$how/1"
	python3 "$work/again.py" "$work" "$port" "$how" &
	local feeder=$!
	if [[ $how != backwards ]]; then
		sleep 0.3
		end "$how" KILL
		start_collector "$how" "$how/1"
	fi
	wait "$feeder"
	wait_for 30 "the same KPIs ($how)" agrees "$how"
	end "$how"
}
again backwards
again mixed1970
python3 - "$work" <<'EOC' || fail 'another order gave other digits'
import json, sys
def told(name):
    rows = [json.loads(line) for line in open(f"{sys.argv[1]}/{name}.kpis")]
    return {(r["name"], r["w0"]): (r["value"], r["n"]) for r in rows} # what is expected depends on when a board is born
alive = told("alive")
for name in ("backwards", "mixed1970"):
    other = told(name)
    both = alive.keys() & other.keys()
    assert len(both) >= len(alive) - 4 and all(alive[k] == other[k] for k in both), (alive, other)
EOC
