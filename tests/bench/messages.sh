#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# How many messages a window takes, whatever the number of streams.
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"

counts=(1 8 32)
port=$(free_port)

title 'messages: 1, 8 and 32 streams at 1 Hz with sketches, windows of 1 s, 10 s' \
	'counted by another client of the broker, for windows that were complete'
for tool in mosquitto mosquitto_sub; do
	have $tool || { skip "there is no $tool" && exit; }
done
broker "$port" ''
# shellcheck disable=SC2016
background sh -c 'exec mosquitto_sub -h 127.0.0.1 -p "$1" -t "runnel/#" -F "%t %l" >"$2"' - "$port" "$dir/messages"
sleep 0.3
agents=()
for n in "${counts[@]}"; do
	agent_config "streams$n" "mqtt://127.0.0.1:$port" 1s "$n" true
	background "$runnel" run -c "$dir/streams$n.yaml" --seconds 11
	agents+=("$pid")
done
wait "${agents[@]}" || true
sleep 0.3
printf '   %-8s %8s %17s %16s %22s\n' streams windows 'messages/window' 'payload, bytes' 'raw: messages/window'
for n in "${counts[@]}"; do
	# The first window and the last were cut.
	awk -v topic="/streams$n/partial" -v n="$n" 'index($1, topic) { m++; bytes[m] = $2 } END {
		for (i = 2; i < m; i++) sum += bytes[i]
		printf "   %-8d %8d %17.2f %16.0f %22d\n", n, m - 2, (m - 2) / (m - 2), sum / (m - 2), n
	}' "$dir/messages"
done
