#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The collector is killed (-9) again and again while boards send, mostly in the moment between the acknowledgement of a message and its commit:
# in the end each message that any board made is in the store, once, and all windows of its KPI are complete.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "$0")/lib.sh"
need_broker
collector=$(dirname "$runnel")/runnel-collector
boards=(north east south west)

make_broker 'allow_anonymous true'
start_broker
# The session of the collector begins before the first message: what no board was asked for before is not missing to it.
timeout 20 mosquitto_sub -h 127.0.0.1 -p "$port" -i killed -c -q 1 -t 'runnel/1/+/+/partial' -E

for i in "${!boards[@]}"; do
	board=${boards[i]}
	cat >"$work/$board.yaml" <<-EOF
		device: $board
		site: delft
		clock: {trust: always}
		mqtt: {broker: "mqtt://127.0.0.1:$port"}
		spool: {path: $work/$board.db}
		window: 1s
		sensors:
		  air: {driver: sim, shape: sine, period: 20s, amplitude: 2, offset: 2$i, unit: Cel, seed: $i, every: 100ms}
		streams: {temp: {from: air.value}}
		kpis: {temp_mean: mean(temp)}
	EOF
	"$runnel" run -c "$work/$board.yaml" 2>"$work/$board.log" &
	pids["$board"]=$!
done

start_collector() {
	"$collector" run --json --broker "mqtt://127.0.0.1:$port" --store "$work/fleet.db" --client-id killed \
		>>"$work/told.jsonl" 2>>"$work/collector.log" &
	pids[collector]=$!
}

for round in 1 2 3 4 5 6; do
	start_collector
	sleep 1
	# Windows end with the second; what they gave is on its way some milliseconds later.
	sleep "$(python3 -c "import time; t = time.time(); print(1 - t % 1 + 0.004 * $round)")"
	end collector KILL
done

start_collector

# check: of each boot of each board all numbers up to the last are there once, the windows over the time of the kills are complete.
cat >"$work/check.py" <<'E2'
import collections, sqlite3, sys
path = sys.argv[1]
db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
rows = db.execute("SELECT d.name, p.boot, p.part, p.w0, p.payload FROM part p JOIN device d ON d.id = p.device").fetchall()

def number(payload, field):
    at = 0
    def varint():
        nonlocal at
        value = shift = 0
        while True:
            b = payload[at]
            at += 1
            value |= (b & 127) << shift
            shift += 7
            if b < 128:
                return value
    while at < len(payload):
        key = varint()
        if key & 7 == 0:
            value = varint()
            if key >> 3 == field:
                return value
        elif key & 7 == 2:
            length = varint()
            at += length
        else:
            at += 4
    return 0

came = collections.defaultdict(set)
for name, boot, part, w0, payload in rows:
    seq = number(payload, 4)
    if seq in came[name, boot]:
        sys.exit(f"{name} boot {boot}: message {seq} is there twice")
    came[name, boot].add(seq)
if len({name for name, _ in came}) != 4:
    sys.exit(f"boards: {sorted(came)}")
for (name, boot), seqs in came.items():
    if seqs != set(range(1, max(seqs) + 1)):
        sys.exit(f"{name} boot {boot}: {sorted(set(range(1, max(seqs) + 1)) - seqs)} are missing")
begins = {}
for name, _, _, w0, _ in rows:
    begins[name] = min(w0, begins.get(name, w0))
first = max(begins.values()) + 1
n = db.execute("SELECT count(*) FROM kpi WHERE name = 'temp_mean' AND state = 'COMPLETE' AND devices = 4 AND w0 BETWEEN ? AND ?",
               (first, first + 9)).fetchone()[0]
if n < 9:
    sys.exit(f"{n} of 10 windows are complete")
E2
is_all_there() { python3 -B "$work/check.py" "$work/fleet.db" >"$work/check.log" 2>&1; }
wait_for 40 'all messages' is_all_there
end collector
((status == 0)) || fail "the collector ended with $status"
echo "nothing is lost: $(grep -c 'asked for messages' "$work/collector.log" || true) gaps were asked for and filled"
