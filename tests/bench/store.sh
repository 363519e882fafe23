#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The collector: parts into fleet and store without a broker, questions over the store; and with a broker the time from the end of a window to COMPLETE.
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"

hours=${BENCH_HOURS:-1} swarm_seconds=${BENCH_SWARM_SECONDS:-15}
disk=$(mktemp -d "${TMPDIR:-/var/tmp}/runnel-bench-XXXXXX") # durable means a disk
trap 'rm -rf "$disk"; finish' EXIT

title "store: 8 streams a message, one with a sketch; windows of a minute; a commit (fsync) each 1000 messages" \
	'partials a second: read, checked, merged and durable; of CPU, one core; the bar is 20000' \
	'a window for its KPIs: computed and told, devices and KPIs saved, also durable'
for fleet in "1000 $((hours * 60))" '10000 12'; do
	read -r devices windows <<<"$fleet"
	"$bin/tests/bench_store" "$devices" "$windows" "$disk/fleet.db" >"$disk/out" 2>&1
	sed 's/^/   /' "$disk/out"
	awk '/a second of CPU/ { print "   " ($1 >= 20000 ? "PASS" : "below") " (bar 20000)\n" }' "$disk/out"
	rm -f "$disk"/fleet.db*
done

title "complete: boards in real time over mosquitto, windows of a second, $swarm_seconds s" 'from the end of a window to its first COMPLETE, of the collector with a store'
if ! have mosquitto || ! have python3 || [[ ! -x $bin/tests/swarm/feed ]]; then
	skip 'it needs mosquitto, python3 and make swarm-tools'
	exit
fi
for devices in 100 1000; do
	RUNNEL_BUILD=$bin python3 -B "$top/tests/swarm/swarm.py" --devices $devices --seconds "$swarm_seconds" --window $((devices < 500 ? 1 : 5)) --healthy --store | sed 's/^/   /'
done
