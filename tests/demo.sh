#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `make demo`: the whole path on this machine. A private mosquitto on a free loopback port, three boards (agents with host and
# simulated sensors; one joins late, one is switched off and comes back) and the collector's live table, and page.
# Ctrl-C ends all of it. With SECONDS=20 it ends by itself, and fails unless every window of every board reached the collector.
set -euo pipefail
bin=${RUNNEL_BUILD:-build}
seconds=${DEMO_SECONDS:-}
command -v mosquitto >/dev/null || { echo "demo: mosquitto is not installed (make deps)" >&2; exit 1; }

dir=$(mktemp -d)
pids=()
# shellcheck disable=SC2317 # called by the trap
stop() {
	trap - EXIT INT TERM
	local pid
	for pid in "${pids[@]}"; do kill -TERM "$pid" 2>/dev/null || true; done
	for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
	rm -rf "$dir"
}
trap stop EXIT
trap 'exit 130' INT TERM

# --- a broker of our own ---
start_broker() {
	local try
	for try in 1 2 3 4 5 6 7 8 9 10; do
		port=$((20000 + (RANDOM * 32768 + RANDOM + try) % 40000))
		printf 'listener %s 127.0.0.1\nallow_anonymous true\n' "$port" >"$dir/mosquitto.conf"
		mosquitto -c "$dir/mosquitto.conf" >"$dir/mosquitto.log" 2>&1 &
		broker=$!
		for _ in $(seq 50); do
			if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
				kill -0 "$broker" 2>/dev/null && { pids+=("$broker"); return 0; }
			fi
			kill -0 "$broker" 2>/dev/null || break
			sleep 0.1
		done
		kill "$broker" 2>/dev/null || true
	done
	echo "demo: mosquitto does not start:" >&2
	cat "$dir/mosquitto.log" >&2
	return 1
}

# --- three boards: name, seed, mean temperature ---
write_config() {
	cat >"$dir/$1.yaml" <<EOF
device: $1
site: demo
labels: {line: a}
mqtt: {broker: "mqtt://127.0.0.1:$port"}
spool: {path: $dir/$1.db}
window: 5s
sensors:
  air:  {driver: sim, shape: sine, period: 20s, amplitude: 2, offset: $3, noise: 0.3, unit: Cel, seed: $2, every: 200ms}
  box:  {driver: host, every: 1s}
streams:
  temp: {from: air.value, through: [median: 5, moving_average: 2s], quantiles: true}
  hot:  {from: temp, through: [threshold: {above: 23, clear: 22.5, for: 1s}], event: true}
  memory: {from: box.memory_used}
kpis:
  temp_mean: mean(temp)
  temp_p95:  {value: "quantile(temp, 0.95)"}
  overheated: {value: "100 * time_mean(hot)", unit: "%"}
  memory_max: max(memory)
EOF
}

start_board() {
	"$bin/runnel" run -c "$dir/$1.yaml" 2>>"$dir/$1.log" &
	board[$1]=$!
	pids+=("${board[$1]}")
}

stop_board() {
	kill -TERM "${board[$1]}" 2>/dev/null && wait "${board[$1]}"
}

start_broker
declare -A board=()
write_config greenhouse-1 1 20
write_config greenhouse-2 2 21.5
write_config greenhouse-3 3 23

if [ -n "$seconds" ]; then
	collector_options=(--expect-devices "${DEMO_EXPECT:-3}")
else
	collector_options=()
fi
# The page has its address in the second line of the table.
no_page=$("$bin/runnel-collector" run --http 0 --broker none: 2>&1 | grep libmicrohttpd) || collector_options+=(--http 0 --store "$dir/fleet.db")
[ -z "${no_page:-}" ] || echo "demo: no page: $no_page" >&2
"$bin/runnel-collector" run --broker "mqtt://127.0.0.1:$port" "${collector_options[@]}" 2>"$dir/collector.log" &
collector=$!
pids+=("$collector")

# What happens to the boards, beside the table: the third joins late, the second is off for a while.
third=${seconds:-30}
sleep_or_end() {
	local n=$1
	while [ "$n" -gt 0 ] && kill -0 "$collector" 2>/dev/null; do sleep 1; n=$((n - 1)); done
}
start_board greenhouse-1
start_board greenhouse-2
sleep_or_end $((third * 3 / 10))
start_board greenhouse-3
sleep_or_end $((third * 2 / 10))
stop_board greenhouse-2
sleep_or_end $((third * 2 / 10))
start_board greenhouse-2
if [ -n "$seconds" ]; then
	sleep_or_end $((seconds - third * 7 / 10))
	# All at once, so that they end in the same window.
	for name in "${!board[@]}"; do kill -TERM "${board[$name]}" 2>/dev/null || true; done
	for name in "${!board[@]}"; do wait "${board[$name]}"; done
	# The broker has all that they made; the collector has a moment to take it.
	sleep_or_end 2
	kill -TERM "$collector" 2>/dev/null || true
fi

code=0
wait "$collector" || code=$?
if [ "$code" -ne 0 ]; then
	echo "demo: failed (exit $code); the logs:" >&2
	tail -n 20 "$dir"/*.log >&2
elif [ -n "$seconds" ]; then
	echo "demo: every window of all boards reached the collector" >&2
	echo "demo: below 100 % are windows in which a board joined, was away, or was switched off, as all were in the last" >&2
fi
exit "$code"
