#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# docs/protocol.md says enough: an agent and a collector made from it alone (second_agent.py) work with the real ones over a real
# broker, and come to the same numbers; so does the SQL on the page.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "$0")/lib.sh"
need_broker
command -v python3 >/dev/null || skip 'no python3'
second=$root/tests/e2e/second_agent.py
page=$root/docs/protocol.md

"$second" example "$page" "$runnel" || fail 'the example of docs/protocol.md is wrong'

make_broker 'allow_anonymous true'
keep_for_watcher
start_broker
start_watcher

write_config() {
	cat >"$work/$1.yaml" <<-EOF
		device: $1
		site: lab
		window: 1s
		clock: {trust: always}
		mqtt: {broker: "mqtt://127.0.0.1:$port"}
		spool: {path: $work/$1.db}
		sensors:
		  air: {driver: sim, unit: Cel, every: 50ms, shape: sine, offset: 20, amplitude: $2, period: 3s, noise: 0.3, seed: $2}
		  sun: {driver: sim, unit: lx, every: 50ms, shape: sine, offset: 1000, amplitude: 999, period: 2s}
		  door: {driver: sim, shape: square, every: 50ms, period: 2s}
		  pipe: {driver: sim, shape: counter, unit: L, every: 100ms, period: 1s, amplitude: 3, fault_every: 4s, fault_for: 300ms}
		streams:
		  temp: {from: air.value, quantiles: true}
		  lux: {from: sun.value, quantiles: true}
		  hot: {from: door.value}
		  water: {from: pipe.value}
		kpis:
	EOF
	python3 - "$second" >>"$work/$1.yaml" <<-'EOF'
		import re, sys
		for k in re.findall(r'\{"name": "(\w+)", "expression": "([^"]+)", "unit": "([^"]+)", "window": (\d+)\}', open(sys.argv[1]).read()):
		    print('  %s: {value: "%s", unit: "%s", window: %ss}' % k)
	EOF
}
write_config north 4
write_config south 7
"$runnel" check "$work/north.yaml" >"$work/check.log" 2>&1 || { cat "$work/check.log" && exit 1; }

"${runnel%/*}/runnel-collector" run --broker "mqtt://127.0.0.1:$port" --json >"$work/told.jsonl" 2>"$work/collector.log" &
pids[collector]=$!
wait_for 20 'the collector' has "$work/collector.log" 'connected'
start_agent north "$work/north.yaml"
start_agent south "$work/south.yaml"
has_windows() { (($(grep -c "/$1/partial 0 " "$work/messages.txt") >= 10)); }
wait_for 40 'windows of north' has_windows north
wait_for 40 'windows of south' has_windows south

# Nine seconds, the last of which is over.
now=$((EPOCHSECONDS / 5 * 5))
"$second" agent "$port" lab other $((now - 9)) 9 >"$work/other.out" 2>"$work/other.log" &
pids[other]=$!
wait_for 20 'the second agent' has "$work/other.out" 'held back'
read -r _ _ held_back _ boot <"$work/other.out"

# One message is missing, so its window cannot be complete; it comes by `resend`, and then it is.
held_w0=$((now - 9 + 3))
is_told() { grep "\"name\":\"temp_mean\",\"w0\":$held_w0,.*\"complete_devices\":$1," "$work/told.jsonl" | grep -q "\"state\":\"$2\""; }
wait_for 10 'the window with a hole' is_told 2 PROVISIONAL
! is_told 3 COMPLETE || fail 'a window with a hole is complete'
mosquitto_pub -h 127.0.0.1 -p "$port" -q 1 -t runnel/1/lab/other/cmd -m "{\"cmd\":\"resend\",\"boot\":$boot,\"from\":$held_back,\"to\":$held_back,\"id\":\"a\"}"
wait_for 10 'the window without a hole' is_told 3 COMPLETE

# The real agent obeys the same words.
mosquitto_pub -h 127.0.0.1 -p "$port" -q 1 -t runnel/1/lab/north/cmd -m '{"cmd":"resend","from":2,"to":4,"id":"b"}'
answer() { grep "/$1/cmd/answer 0 " "$work/messages.txt" | cut -d ' ' -f 3 | python3 -c 'import sys; [print(bytes.fromhex(l).decode()) for l in sys.stdin]'; }
north_answered() { answer north | grep -q '{"cmd":"resend","id":"b",.*"messages":3.*"state":"done"'; }
wait_for 10 'the answer of north' north_answered
answer other | grep -q '"id": "a", "messages": 1, "state": "done"' || fail "the second agent answered $(answer other)"

for name in north south other; do
	end "$name"
done
is_offline() { retained_has "runnel/1/lab/$1/status" '"state": *"offline"'; }
for name in north south other; do
	wait_for 10 "the end of $name" is_offline "$name"
done
sleep 1.5 # a provisional round more
end collector
expect_status 0 'the collector'
sleep 0.3
end watcher

! has "$work/collector.log" 'bad message' || fail "the collector refused a message: $(cat "$work/collector.log")"
has "$work/collector.log" 'same key and other bytes' || fail 'the conflict was not noticed'
"$second" compare "$work/messages.txt" "$work/told.jsonl" || fail 'the collectors do not agree'
"$second" sql "$page" "$work/messages.txt" "$runnel" || fail 'the SQL of the page gives something else'
