#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What Home Assistant finds of a board: one retained message for each KPI, whose topics have what it says; nothing without the option; and nothing more of a
# KPI that a new config does not have.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need_broker
command -v jq >/dev/null || skip 'no jq here'
make_broker 'allow_anonymous true'
start_broker

write_config() {
	cat >"$work/runnel.yaml" <<-YAML
		site: lab
		device: b1
		window: 1s
		mqtt: {broker: "mqtt://127.0.0.1:$port"$1}
		spool: {path: $work/spool.db}
		clock: {trust: always}
		sensors: {room: {driver: sim, unit: Cel, every: 100ms}}
		streams: {t: {from: room.value, publish: true}}
		kpis: {$2}
	YAML
}
write_config ', home_assistant: homeassistant' 'indoor: mean(t), spread: stddev(t)'
start_agent agent "$work/runnel.yaml"
topic=homeassistant/sensor/runnel_lab_b1
wait_for 20 'the first KPI' retained_has "$topic/indoor/config" unique_id
retained "$topic/indoor/config" >"$work/indoor.json"
retained_has "$topic/spread/config" '"device"' || fail 'no second KPI'
[[ $(jq -r '.unit_of_measurement + " " + .device_class + " " + .device.name' "$work/indoor.json") == '°C temperature b1' ]] || fail "$(cat "$work/indoor.json")"
value_topic=$(jq -r .state_topic "$work/indoor.json")
wait_for 20 'its value' retained_has "$value_topic" '"value":[-0-9]'
[[ $(retained "$(jq -r .availability_topic "$work/indoor.json")" | jq -r .state) == online ]] || fail 'it is not available'
write_config ', home_assistant: homeassistant' 'indoor: mean(t)'
kill -HUP "${pids[agent]}"
is_gone() { ! retained_has "$topic/spread/config" device; }
wait_for 20 'the end of a KPI that is no more' is_gone
retained_has "$topic/indoor/config" device || fail 'the other one went, too'
end agent
wait_for 20 'that it is away' retained_has "$(jq -r .availability_topic "$work/indoor.json")" offline

mosquitto_pub -h 127.0.0.1 -p "$port" -t "$topic/indoor/config" -r -n
write_config '' 'indoor: mean(t)'
start_agent agent "$work/runnel.yaml"
wait_for 20 'a value' retained_has "$value_topic" '"value":[-0-9]'
! retained_has "$topic/indoor/config" device || fail 'it was told without being wanted'
end agent
