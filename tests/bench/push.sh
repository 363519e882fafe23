#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Pushed configs: from `runnel push` to active for one board and for 100 agents on this machine, each with 8 streams of 1 Hz of which one
# changes; and what that costs the other seven: samples lost, windows split.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "$0")/../e2e/lib.sh"
need_broker
command -v minisign >/dev/null || skip 'minisign is not installed'
boards=${BENCH_BOARDS:-100} pushes=${BENCH_PUSHES:-10}

make_broker 'allow_anonymous true'
start_broker
minisign -G -W -f -p "$work/ops.pub" -s "$work/ops.key" >/dev/null

# measure REVISION EVERY: the last of 8 streams depends on the revision.
measure() {
	local i
	echo "revision: $1"
	echo 'window: 1s'
	echo 'sensors:'
	for i in 1 2 3 4 5 6 7 8; do echo "  s$i: {driver: sim, unit: Cel, every: $2, offset: $i}"; done
	echo 'streams:'
	for i in 1 2 3 4 5 6 7; do echo "  t$i: {from: s$i.value, through: [moving_average: 5]}"; done
	echo "  t8: {from: s8.value, through: [moving_average: $((1 + $1))]}"
}
# board NAME EVERY
board() {
	cat >"$work/$1.yaml" <<EOF
device: $1
site: bench
clock: {trust: always}
mqtt: {broker: "mqtt://127.0.0.1:$port"}
spool: {path: $work/$1.db}
remote_config: {keys: [$work/ops.pub]}
$(measure 1 "$2")
EOF
	start_agent "$1" "$work/$1.yaml"
}
online() { (($(timeout 20 mosquitto_sub -h 127.0.0.1 -p "$port" -W 2 --retained-only -t 'runnel/1/bench/+/status' 2>/dev/null | grep -c '"online"') >= $1)); }
push() {
	measure "$1" "$2" >"$work/next.yaml"
	"$runnel" push --broker "mqtt://127.0.0.1:$port" --site bench --key "$work/ops.key" --timeout 60 --json "$3" "$work/next.yaml" 2>>"$work/push.log"
}
seconds() { sed -n 's/.*"state":"active","seconds":\([0-9.]*\).*/\1/p' "$1" | sort -n; }
median() { awk '{ v[NR] = $1 } END { printf "%.2f s, %.2f to %.2f s", v[int((NR + 1) / 2)], v[1], v[NR] }'; }

printf '\n== pushed configs\n   8 streams of which one changes; a trial waits for the next reading of each sensor\n'
# --- one board ---
board one 1s
wait_for 20 'the board' online 1
sleep 2
for ((i = 2; i <= pushes + 1; i++)); do
	push "$i" 1s one >>"$work/one.json"
done
printf 'push to active, one board, median of %d          %s\n' "$pushes" "$(seconds "$work/one.json" | median)"
end one

# --- what it costs the streams that stay ---
board eight 100ms
mosquitto_sub -h 127.0.0.1 -p "$port" -q 1 -t runnel/1/bench/eight/partial -F '%x' >"$work/partials.hex" &
pids[sub]=$!
wait_for 20 'the board' online 1
for ((i = 2; i <= pushes + 1; i++)); do
	push "$i" 100ms eight >/dev/null
	sleep 1.5
done
end eight
sleep 0.5
end sub
python3 - "$work/partials.hex" "$runnel" "$pushes" <<'EOF'
import json, subprocess, sys
rows = [json.loads(subprocess.run([sys.argv[2], "decode"], input=bytes.fromhex(l.strip()), capture_output=True, check=True).stdout) for l in open(sys.argv[1])]
inside = sorted({r["w0"] for r in rows})[1:-1]
parts, samples = {}, {}
for r in rows:
    for m in r["metrics"]:
        if m["n"]:
            parts.setdefault((m["id"], r["w0"]), []).append(r["part"])
            samples[m["id"]] = samples.get(m["id"], 0) + (m["n"] if r["w0"] in inside else 0)
due = 10 * len(inside)
split = {i: sum(len(parts.get((i, w), [])) > 1 for w in inside) for i in range(8)}
print("%s pushes that change 1 of 8 streams, %d windows: samples of the other 7 lost %d of %d, their windows split %d; of the changed one split %d"
      % (sys.argv[3], len(inside), sum(due - samples[i] for i in range(7)), 7 * due, sum(split[i] for i in range(7)), split[7]))
EOF

# --- many ---
timeout 20 mosquitto_pub -h 127.0.0.1 -p "$port" -t runnel/1/bench/one/birth -r -n
timeout 20 mosquitto_pub -h 127.0.0.1 -p "$port" -t runnel/1/bench/eight/birth -r -n
for ((i = 1; i <= boards; i++)); do
	board "many-$i" 1s
done
wait_for 60 "$boards boards" online "$boards"
sleep 2
push 2 1s all >"$work/many.json"
(($(seconds "$work/many.json" | wc -l) == boards)) || fail "not all of $boards boards run it"
printf 'push to active, %d agents on one machine           %s\n' "$boards" "$(seconds "$work/many.json" | median)"
