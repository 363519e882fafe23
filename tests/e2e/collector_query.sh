#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `runnel-collector query` while the collector runs: what it answers about recorded data of two boards is what awk computes from the recordings.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "$0")/lib.sh"
need_broker
command -v jq >/dev/null || skip 'no jq here'
collector=$(dirname "$runnel")/runnel-collector
store=$work/fleet.db
url=mqtt://127.0.0.1:

make_broker 'allow_anonymous true'
start_broker
url+=$port
"$collector" run --broker "$url" --json --store "$store" --keep-parts 0 >"$work/told.jsonl" 2>"$work/collector.log" &
pids[collector]=$!
wait_for 20 'the collector' has "$work/collector.log" connected

# 40 minutes, a reading a second; the second board is 5 K warmer, and absent from minute 10 to 20.
record() {
	awk -v offset="$1" -v gap="$2" 'BEGIN {
		print "time,air.value"
		for (i = 0; i < 2400; i++)
			if (!gap || i < 600 || i >= 1200)
				printf "%d,%.2f\n", 1763697600 + i, offset + (i * 37 % 101) / 100
	}'
}
record 20 0 >"$work/north.csv"
record 25 1 >"$work/south.csv"
for board in north south; do
	cat >"$work/$board.yaml" <<-EOF
		device: $board
		site: delft
		clock: {trust: always}
		mqtt: {broker: "$url"}
		spool: {path: $work/$board.db}
		window: 1m
		sensors: {air: {driver: sim, unit: Cel, every: 1s}}
		streams: {temp: {from: air.value, quantiles: true}}
		kpis: {temp_mean: mean(temp)}
	EOF
	# Replays have no birth of their own: their labels are those of the board that runs.
	mosquitto_pub -h 127.0.0.1 -p "$port" -q 1 -r -t "runnel/1/delft/$board/birth" -m "{\"boot\":1,\"labels\":{\"side\":\"$board\",\"floor\":\"1\"}}"
	"$runnel" replay -c "$work/$board.yaml" --input "$work/$board.csv" --publish >/dev/null 2>"$work/$board.log"
done

query() { "$collector" query --store "$store" "$@"; }
is_complete() { [[ $(query temp_mean --last 1h --json | jq -s 'map(select(.n == 60 or .n == 120)) | map(.n) | add') == 4200 ]]; }
wait_for 20 'all windows' is_complete

# same WHAT GOT WANTED
same() { awk -v a="$2" -v b="$3" 'BEGIN { exit !(a != "" && a - b < 1e-9 && b - a < 1e-9) }' || fail "$1: $2, expected $3"; }
mean() { awk -F, -v from="$1" -v to="$2" 'FNR > 1 && $1 >= from && $1 < to { s += $2; n++ } END { printf "%.12f", s / n }' "${@:3}"; }
t0=1763697600

same 'the mean of both' "$(query 'mean(temp)' --window all --last 1h --json | jq .value)" "$(mean 0 9999999999 "$work"/*.csv)"
same 'a window of ten minutes' "$(query 'mean(temp)' --window 10m --from $t0 --to $((t0 + 600)) --csv | awk -F, 'NR == 2 { print $6 }')" \
	"$(mean $t0 $((t0 + 600)) "$work"/*.csv)"
same 'a board' "$(query temp_mean --window 20m --by device --json | jq -s 'map(select(.group == "south")) | last.value')" \
	"$(mean $((t0 + 1200)) $((t0 + 2400)) "$work/south.csv")"
same 'a group' "$(query 'mean(temp)' --window all --by side --label side=north --json | jq .value)" "$(mean 0 9999999999 "$work/north.csv")"
same 'an expression nobody had' "$(query '(max(temp) - min(temp)) * 2' --window all --device north --json | jq .value)" 2
[[ $(query 'n(temp)' --window 10m --by device --device south --json | jq -s -c 'map(.value)') =~ ^\[600,(null|0),600,600\]$|^\[600,600,600\]$ ]] ||
	fail "the gap: $(query 'n(temp)' --window 10m --by device --device south --json)"
query --list >"$work/list.txt"
has "$work/list.txt" 'stream  temp@1 .* 2  Cel, windows of 1m, with quantiles' || fail 'the list has no temp'
has "$work/list.txt" 'label   side .*south' || fail 'the list has no labels'
query temp_mean >"$work/table.txt"
has "$work/table.txt" '^2025-11-21T04:00:00Z  delft     temp_mean  .* Cel .* 2/2 ' || fail 'the table'

# What is wrong is said, with its place.
refused() {
	local want=$1 text=$2
	shift 2
	status_of "$collector" query "$@" >"$work/out.txt" 2>"$work/err.txt"
	expect_status "$want" "query $*"
	has "$work/err.txt" "$text" || fail "query $*: $(cat "$work/err.txt")"
}
refused 64 'column 6: no device has a stream .tmp., did you mean .temp.' --store "$store" 'mean(tmp)'
refused 64 "did you mean 'temp_mean'" --store "$store" temp_men
refused 64 'something like mean(temp)' --store "$store" temp
refused 64 'no multiple of those of temp@1, 1m' --store "$store" temp_mean --window 90s
refused 64 "did you mean '--window'" --store "$store" --windw 1m
refused 64 '--store' temp_mean
refused 64 '--from' --store "$store" --from yesterday
refused 64 'no device is meant' --store "$store" 'mean(temp)' --label side=west
refused 66 'No such file' --store "$work/nothing.db"
head -c 9000 /dev/zero >"$work/no.db"
refused 74 'damaged' --store "$work/no.db"
refused 0 'nothing in this range; the parts in the store are from 2025-11-21T04:00:00' --store "$store" temp_mean --from 5 --to 6
status_of query --store "$store" temp_mean >/dev/full 2>"$work/err.txt"
expect_status 74 'a full disk'

end collector
((status == 0)) || fail "the collector ended with $status"
echo 'answers are those of the recordings'
