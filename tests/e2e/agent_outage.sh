#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# No broker at first, one that is killed, one that is restarted: every window arrives, once per key or with the same
# bytes again. With a spool that is too small the loss is counted, told once, and seen in the sequence numbers.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "$0")/lib.sh"
need_broker

make_broker 'allow_anonymous true' 'autosave_on_changes true' 'autosave_interval 1'
keep_for_watcher
cat >"$work/config.yaml" <<EOF
device: board-1
site: lab
window: 1s
mqtt: {broker: "mqtt://127.0.0.1:$port"}
spool: {path: $work/spool.db}
sensors:
  air: {driver: sim, unit: Cel, every: 50ms, offset: 20, amplitude: 5, period: 3s}
  door: {driver: sim, shape: square, every: 50ms, period: 1s}
streams:
  temp: {from: air.value}
  hot: {from: door.value, event: true}
EOF

# Prints "seq w0 part n sha span" of each partial that the watcher got, and checks that it decodes.
cat >"$work/partials.py" <<'EOF'
import hashlib, json, subprocess, sys
work, runnel, device = sys.argv[1:]
for line in open(work + "/messages.txt"):
    topic, _, payload = line.split()
    if topic == f"runnel/1/lab/{device}/partial":
        raw = bytes.fromhex(payload)
        d = json.loads(subprocess.run([runnel, "decode"], input=raw, capture_output=True, check=True).stdout)
        n = sum(m["n"] for m in d["metrics"])
        print(d["seq"], d["w0"], d["part"], n, hashlib.sha256(raw).hexdigest(), d.get("span", 0))
EOF
partials() { python3 "$work/partials.py" "$work" "$runnel" "$1"; }
n_partials() { grep -c "$1/partial" "$work/messages.txt" || true; }
more_than() { (($(n_partials board-1) > $1)); }
connected() { (($(grep -c 'mqtt: connected' "$work/agent.log") >= $1)); } # what the broker kept for the watcher comes without the agent

start_agent agent "$work/config.yaml"
wait_for 20 'the first failure in the log' has "$work/agent.log" 'cannot connect'
sleep 2 # two windows that nobody takes
is_alive agent || fail 'the agent ended without a broker'
start_broker
start_watcher
wait_for 70 'partials after the broker came' more_than 3

end broker KILL
wait_for 20 'the loss in the log' has "$work/agent.log" 'mqtt: lost'
sleep 2
before=$(n_partials board-1)
start_broker
wait_for 70 'the connection after the broker was killed' connected 2
wait_for 70 'partials after the broker was killed' more_than $((before + 3))

end broker
sleep 1
before=$(n_partials board-1)
start_broker
wait_for 70 'the connection after the broker was restarted' connected 3
wait_for 70 'partials after the broker was restarted' more_than $((before + 3))

end agent
expect_status 0 'the agent'
has_last() { partials board-1 | awk '{ print $1 }' | sort -n | tail -n 1 | grep -qx "$(last_seq)"; }
last_seq() {
	retained runnel/1/lab/board-1/status | python3 -c 'import json, sys; print(json.load(sys.stdin)["seq"])'
}
wait_for 20 'the last window' has_last
partials board-1 >"$work/partials.txt"
python3 - "$work/partials.txt" <<'EOF' || fail 'windows were lost, doubled or changed'
import sys
rows = [l.split() for l in open(sys.argv[1])]
by_seq, by_key = {}, {}
for seq, w0, part, n, sha, span in rows:
    assert span == "0", "merged, and there was room"
    assert by_seq.setdefault(int(seq), sha) == sha, ("other bytes for seq", seq)
    assert by_key.setdefault((int(w0), int(part)), sha) == sha, ("other bytes for window", w0, part)
assert sorted(by_seq) == list(range(1, len(by_seq) + 1)), sorted(by_seq)
assert len(by_key) == len(by_seq)
w0s = sorted(w0 for w0, part in by_key)
assert w0s == list(range(w0s[0], w0s[0] + len(w0s))), w0s
counts = {int(w0): int(n) for _, w0, _, n, _, _ in rows}
# A machine that stands still misses readings, of whole windows too.
assert all(counts[w0] <= 40 for w0 in w0s) and sum(counts[w0] > 0 for w0 in w0s) > len(w0s) // 2, counts
print(len(rows), "partials received,", len(by_key), "windows")
EOF
lost=$(grep -c 'mqtt: lost' "$work/agent.log")
((lost == 2)) || fail "the log tells of $lost losses, there were 2"
tried=$(grep -c 'cannot connect' "$work/agent.log")
((tried <= 4)) || fail "the log tells of each attempt: $tried lines"
! has "$work/agent.log" 'spool is full' || fail 'the spool was full'

# --- a spool of 64 KiB, and a message of 8 KiB or so a second ---
{
	sed "s/^device:.*/device: board-2/; s|^spool:.*|spool: {path: $work/spool2.db, max_size: 64KiB}|; /^streams:/,\$d" \
		"$work/config.yaml" | sed 's/^sensors:/&\n  wide: {driver: sim, shape: noise, every: 5ms, amplitude: 1000000}/'
	echo 'streams:'
	for i in $(seq 40); do
		echo "  s$i: {from: wide.value, quantiles: true}"
	done
} >"$work/small.yaml"
end broker
start_agent small "$work/small.yaml"
wait_for 60 'a full spool' has "$work/small.log" 'spool is full'
sleep 2 # more is dropped, and nothing more is said
start_broker
is_online() { retained_has runnel/1/lab/board-2/status '"state":"online"'; }
wait_for 70 'board-2 online' is_online
end small
expect_status 0 'the agent with the small spool'
wait_for 20 'the good-bye' retained_has runnel/1/lab/board-2/status '"state":"offline"'
retained runnel/1/lab/board-2/status >"$work/status2.json"
((n = $(grep -c 'spool is full' "$work/small.log"), n == 1)) || fail "the full spool was told $n times"
last2() {
	partials board-2 >"$work/partials2.txt"
	python3 - "$work/partials2.txt" "$work/status2.json" <<'EOF'
import json, sys
seqs = {int(l.split()[0]) for l in open(sys.argv[1])}
status = json.load(open(sys.argv[2]))
sys.exit(status["seq"] not in seqs)
EOF
}
wait_for 20 'the last window of board-2' last2
python3 - "$work/partials2.txt" "$work/status2.json" <<'EOF' || fail 'the count of what was dropped is wrong'
import json, sys
rows = [l.split() for l in open(sys.argv[1])]
seqs = {s for l in rows for s in range(int(l[0]) - int(l[5]), int(l[0]) + 1)}
status = json.load(open(sys.argv[2]))
missing = set(range(1, status["seq"] + 1)) - seqs
# What was dropped on its way to the broker, of which at most 16 messages are, may have arrived all the same.
assert 0 < len(missing) <= status["spool"]["dropped"] <= len(missing) + 16, (status, sorted(missing))
assert missing == set(range(1, len(missing) + 1)), ("not the oldest were dropped", sorted(missing))
print(len(missing), "of", status["seq"], "dropped")
EOF
