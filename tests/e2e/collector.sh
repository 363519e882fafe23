#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The collector on a real broker: a fleet whose messages come shuffled and twice, made by protoc; what it tells is compared
# with SQL and exact fractions (collector_fleet.py). Also: joining late, ending cleanly, exit codes.
set -euo pipefail
cd "$(dirname "$0")/../.."

collector=${RUNNEL_BUILD:-build}/runnel-collector
for tool in mosquitto mosquitto_pub mosquitto_sub protoc python3; do
	PATH=$PATH:/usr/sbin command -v "$tool" >/dev/null || { echo "no $tool here" && exit 77; }
done
PATH=$PATH:/usr/sbin

dir=$(mktemp -d)
pids=()
finish() {
	[[ ${#pids[@]} == 0 ]] || kill "${pids[@]}" 2>/dev/null || true
	wait
	rm -rf "$dir"
}
trap finish EXIT

fail() {
	echo "FAILED: $*"
	tail -n 20 "$dir"/*.log "$dir"/*.jsonl 2>/dev/null || true
	exit 1
}

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
printf 'listener %s 127.0.0.1\nallow_anonymous true\nlog_dest stderr\n' "$port" >"$dir/mosquitto.conf"
mosquitto -c "$dir/mosquitto.conf" >"$dir/mosquitto.log" 2>&1 &
pids+=($!)
url=mqtt://127.0.0.1:$port

pub() { mosquitto_pub -h 127.0.0.1 -p "$port" -V 5 -q 1 "$@"; }

# wait_for SECONDS COMMAND...
wait_for() {
	local end=$((SECONDS + 3 * $1))
	shift
	until "$@" >/dev/null 2>&1; do
		((SECONDS < end)) || fail "timed out: $*"
		sleep 0.1
	done
}
wait_for 10 pub -t ready -n

# --- the fleet ---
mkdir "$dir/m"
tests/e2e/collector_fleet.py make pipelines "$dir/m"
while IFS=$'\t' read -r topic file retain; do
	[[ $retain == 0 ]] || pub -t "$topic" -f "$file" -r
done <"$dir/m/messages"

"$collector" run --broker "$url" --json >"$dir/told.jsonl" 2>"$dir/collector.log" &
run=$!
pids+=("$run")
wait_for 10 grep -qi connected "$dir/collector.log"
sleep 0.3

while IFS=$'\t' read -r topic file retain; do
	[[ $retain == 1 ]] || pub -t "$topic" -f "$file"
done <"$dir/m/messages"

# The last window cannot be complete: one device never reports it.
told_all() { [[ $(grep -c '"name":"ratio".*"COMPLETE"' "$dir/told.jsonl") -ge 1 && $(grep -c '"PROVISIONAL"' "$dir/told.jsonl") -ge 4 ]]; }
wait_for 20 told_all
sleep 1.5 # one more provisional round
kill -TERM "$run"
rc=0
wait "$run" || rc=$?
[[ $rc == 0 ]] || fail "exit $rc after SIGTERM"
mosquitto_sub -h 127.0.0.1 -p "$port" -t 'runnel/1/delft/_fleet/kpi/+' -C 6 -W 20 >"$dir/retained.jsonl" 2>/dev/null || true
tests/e2e/collector_fleet.py check "$dir/m" "$dir/told.jsonl" "$dir/retained.jsonl" || fail "other numbers"
! grep -q 'bad message' "$dir/collector.log" || fail "bad messages"

# --- hostile bytes do not end it; --no-publish publishes nothing ---
mosquitto_sub -h 127.0.0.1 -p "$port" -t 'runnel/1/+/_fleet/#' -R >"$dir/silent.jsonl" 2>/dev/null &
pids+=($!)
"$collector" run --broker "$url" --no-publish --prefix runnel/1 >"$dir/second.jsonl" 2>"$dir/second.log" &
run=$!
pids+=("$run")
wait_for 10 grep -qi connected "$dir/second.log"
sleep 0.3
head -c 9000 /dev/urandom >"$dir/noise"
for topic in partial birth status contract/0123abcd contract/zz nothing; do
	pub -t "runnel/1/delft/north/$topic" -f "$dir/noise"
done
pub -t runnel/1/delft/north/partial -n
wait_for 10 grep -q 'bad message' "$dir/second.log"
sleep 1.5 # a provisional round
kill -TERM "$run"
rc=0
wait "$run" || rc=$?
[[ $rc == 0 ]] || fail "exit $rc after noise"
[[ ! -s $dir/silent.jsonl ]] || fail "--no-publish published"

# --- exit codes ---
expect() {
	local want=$1 rc=0
	shift
	"$collector" "$@" >"$dir/out.log" 2>&1 || rc=$?
	[[ $rc == "$want" ]] || fail "$* gave $rc, expected $want"
}
expect 0 --help
expect 0 --version
expect 0 run --help
expect 64
expect 64 walk
expect 64 run --broker http://localhost
expect 64 run --keep 5
expect 64 run --site a/b
expect 64 run --seconds -1
expect 64 run --nonsense
expect 64 run extra
expect 69 run --json --broker mqtt://127.0.0.1:1 --seconds 0.5
"$collector" run --broker "$url" --no-publish --client-id ends --seconds 4 >"$dir/ends.jsonl" 2>"$dir/ends.log" &
ends=$!
"$collector" run --broker "$url" --json >/dev/full 2>"$dir/full.log" &
run=$!
pids+=("$ends" "$run")
wait_for 10 grep -qi connected "$dir/full.log"
sleep 0.3
while IFS=$'\t' read -r topic file retain; do
	[[ $retain == 1 ]] || pub -t "$topic" -f "$file"
done < <(head -n 30 "$dir/m/messages")
is_over() { ! kill -0 "$run"; }
wait_for 10 is_over
rc=0
wait "$run" || rc=$?
[[ $rc == 74 ]] || fail "exit $rc with a full disk, expected 74"
rc=0
wait "$ends" || rc=$?
[[ $rc == 0 ]] || fail "exit $rc after --seconds"
echo "exit codes, noise and endings are right"
