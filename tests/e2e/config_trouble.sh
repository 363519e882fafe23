#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Configs that end the agent, take its memory or break its connection: the last good one comes back by itself. And a file that somebody
# broke, at a start. The agent is started again when it fails, as systemd does.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "$0")/lib.sh"
need_broker
command -v minisign >/dev/null || skip 'minisign is not installed'

make_broker 'allow_anonymous true' 'max_packet_size 9000'
start_broker
base=runnel/1/lab/board-1
minisign -G -W -f -p "$work/ops.pub" -s "$work/ops.key" >/dev/null
cat >"$work/board.yaml" <<EOF
device: board-1
site: lab
mqtt: {broker: "mqtt://127.0.0.1:$port"}
spool: {path: $work/spool.db}
remote_config: {keys: [$work/ops.pub], confirm_within: 10s}
revision: 1
window: 1s
sensors:
  air: {driver: sim, unit: Cel, every: 50ms}
streams:
  temp: {from: air.value}
EOF

# Starts it again and again, with little memory; its number is in agent.pid.
supervise() {
	((!has_limit)) || ulimit -v 400000
	until [[ -e $work/stop ]]; do
		setpriv --pdeathsig KILL "$runnel" run -c "$work/board.yaml" 2>>"$work/agent.log" &
		echo $! >"$work/agent.pid"
		wait $! || true
		[[ -e $work/stop ]] || sleep 0.2
	done
}
ulimit -c 0
has_limit=1 # a sanitizer's shadow memory does not fit into any
(ulimit -v 400000 && "$runnel" --version) >/dev/null 2>&1 || has_limit=0
supervise 2>/dev/null &
pids[supervisor]=$!
agent() { kill "-$1" "$(cat "$work/agent.pid")"; }

state_is() { retained_has $base/config/state "$1"; }
# push REVISION, its streams on stdin
push() {
	{
		printf 'target: lab/board-1\nrevision: %s\nwindow: 1s\n' "$1"
		printf 'sensors:\n  air: {driver: sim, unit: Cel, every: 50ms}\nstreams:\n'
		cat
	} >"$work/$1.yaml"
	minisign -S -s "$work/ops.key" -m "$work/$1.yaml" >/dev/null 2>&1 </dev/null
	(cat "$work/$1.yaml" && sed 's/^/# /' "$work/$1.yaml.minisig") >"$work/$1.push"
	mosquitto_pub -h 127.0.0.1 -p "$port" -q 1 -t $base/config/set -f "$work/$1.push"
}
wait_for 20 'the first state' state_is '"state":"active","revision":1,'

# --- its contract is larger than the broker takes ---
for i in $(seq 120); do echo "  s$i: {from: air.value}"; done | push 2
wait_for 20 'the way back from a large contract' state_is '"state":"rolled_back","revision":2,.*does not take its contract.*"running":{"revision":1,'

# --- more memory than there is ---
if ((has_limit)); then
	for i in $(seq 12); do echo "  s$i: {from: air.value, through: [sliding_window: {length: 1000000, value: median}]}"; done | push 3
	wait_for 30 'the way back from one without memory' state_is '"state":"rolled_back","revision":3,.*went down during the trial.*"running":{"revision":1,'
	has "$work/agent.log" 'out of memory' || fail 'it had the memory'
fi

# --- it starts three times within five minutes, while what was pushed is young ---
echo '  temp: {from: air.value}' | push 4
wait_for 20 'revision 4' state_is '"state":"active","revision":4,'
{ echo '  temp: {from: air.value}' && echo '  more: {from: air.value}'; } | push 5
wait_for 20 'revision 5' state_is '"state":"active","revision":5,'
mosquitto_sub -h 127.0.0.1 -p "$port" -q 1 -t $base/birth -F '%p' >"$work/births.txt" &
pids[births]=$!
more_births() { (($(wc -l <"$work/births.txt") > $1)); }
wait_for 10 'the birth' more_births 0
for i in 1 2 3; do
	n=$(wc -l <"$work/births.txt")
	agent KILL
	wait_for 20 "start $i" more_births "$n"
done
end births
wait_for 10 'the way back from one that does not last' state_is '"state":"rolled_back","revision":5,.*three times within five minutes.*"running":{"revision":4,'

# --- a file that is torn, at a start ---
cp "$work/board.yaml" "$work/whole.yaml"
head -c -30 "$work/whole.yaml" >"$work/board.yaml"
echo '  {' >>"$work/board.yaml"
agent KILL
wait_for 20 'a start with a torn file' state_is '"state":"rejected".*"line":1.*"running":{"revision":4,'
retained_has $base/birth '"revision":4' || fail 'the birth tells of another revision'
sed 's/^revision: 1/revision: 9/' "$work/whole.yaml" >"$work/board.yaml"
agent HUP
wait_for 10 'the file, corrected' state_is '"state":"active","revision":9,.*"from":"file"'

# --- another file is not rescued by what is kept of this one ---
sed 's/sensors/sensor/' "$work/whole.yaml" >"$work/other.yaml"
status_of "$runnel" run -c "$work/other.yaml" 2>/dev/null
expect_status 78 'a file that never worked'

touch "$work/stop"
agent TERM
wait "${pids[supervisor]}"
unset "pids[supervisor]"
