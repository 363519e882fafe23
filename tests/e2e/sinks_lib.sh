# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# For tests of sinks: a fleet (collector_fleet.py) whose messages are sent in portions, and a collector that may be killed between them. To be sourced
# after lib.sh.

collector=${RUNNEL_BUILD:-build}/runnel-collector
store=$work/fleet.db

make_fleet() {
	mkdir "$work/m"
	tests/e2e/collector_fleet.py make pipelines "$work/m"
	n_messages=$(wc -l <"$work/m/messages")
	n_sent=0
	make_broker 'allow_anonymous true'
	start_broker
}

# send_up_to N: messages of the fleet, in their order.
send_up_to() {
	local n=0 topic file retain options
	while IFS=$'\t' read -r topic file retain; do
		n=$((n + 1))
		if ((n <= n_sent || n > $1)); then continue; fi
		options=(-t "$topic" -f "$file")
		if ((retain)); then options+=(-r); fi
		mosquitto_pub -h 127.0.0.1 -p "$port" -V 5 -q 1 "${options[@]}"
	done <"$work/m/messages"
	n_sent=$1
}

# start_collector SPEC...: with these sinks.
start_collector() {
	local spec options=()
	for spec; do options+=(--sink "$spec"); done
	"$collector" run --broker "mqtt://127.0.0.1:$port" --json --store "$store" --keep-parts 0 "${options[@]}" \
		>>"$work/told.jsonl" 2>>"$work/collector.log" &
	pids[collector]=$!
}

# What the sinks should have: DIR/kpis.csv, DIR/moments.csv
export_truth() {
	"$collector" export --store "$store" --rows kpis >"$1/kpis.csv"
	"$collector" export --store "$store" --rows moments >"$1/moments.csv"
}

stored() { [[ $(sqlite3 "file:$store?mode=ro" "$1" 2>/dev/null) -ge $2 ]]; }

# Whether the cursors of sink $1, which takes both KPIs and parts, are at the end of the store. One that is not there yet is not.
is_even() {
	[[ $(sqlite3 "file:$store?mode=ro" "SELECT (SELECT value FROM number WHERE key = 'sink $1 kpis') = (SELECT value FROM number WHERE key = 'change')
		AND (SELECT value FROM number WHERE key = 'sink $1 parts') = (SELECT MAX(id) FROM part)") == 1 ]]
}
