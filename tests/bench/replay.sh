#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A long recording through one stream with everything, next to what else can do (part of) it, and what a replay allocates.
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"

rows=${BENCH_ROWS:-8000000}
peer_rows=$((rows / 4))
floor=$bin/tests/bench_floor

"$top/tests/gen_csv.sh" "$rows" | sed '1s/air.temperature/air.value/' >"$dir/long.csv"
head -n $((peer_rows + 1)) "$dir/long.csv" >"$dir/peer.csv"
head -n 10001 "$dir/long.csv" >"$dir/10000.csv"
head -n 50001 "$dir/long.csv" >"$dir/50000.csv"
head -n 100001 "$dir/long.csv" >"$dir/100000.csv"

cat >"$dir/config.yaml" <<'END'
device: bench
window: 10s
sensors:
  air: {driver: sim, unit: Cel, every: 10ms}
streams:
  temp: {from: air.value, through: [moving_average: 16], quantiles: true}
END

# row NAME RUNS ROWS FILE COMMAND...: @ stands for the file.
row() {
	local name=$1 runs=$2 n=$3 file=$4 ns count=- verdict=''
	shift 4
	ns=$(calc "$(cpu_median "$runs" "${@//@/$file}") * 1e6 / $n")
	if have valgrind; then
		count=$(calc "($(instructions "${@//@/$dir/50000.csv}") - $(instructions "${@//@/$dir/10000.csv}")) / 40000" %.0f)
	fi
	[[ -n ${own:-} ]] || own=$ns
	if [[ $name == runnel* ]]; then
		verdict="ns $(judge "$ns" 40)"
		[[ $count == - ]] || verdict+=", instructions $(judge "$count" 500)"
	fi
	printf '   %-46s %8s %12s %8s   %s\n' "$name" "$ns" "$count" "$(calc "$ns / $own" %.2f)" "$verdict"
}

title "replay of $rows rows \`time,channel\`, 10 ms apart, windows of 10 s" \
	"ns a sample: CPU time, user and system, median of 5 runs (peers: median of 3, $peer_rows rows); files in memory" \
	'instructions a sample: callgrind, 50 000 rows less 10 000' \
	'runnel and the floor: moving average, count, mean, deviation, min, max, first, last, time integral, histogram' \
	'the others: count, mean, min, max only'
printf '   %-46s %8s %12s %8s\n' what ns instructions ratio
row 'runnel replay, JSON lines' 5 "$rows" "$dir/long.csv" "$runnel" replay -c "$dir/config.yaml" --input @
row 'floor: C for this one text (no first, last, time)' 5 "$rows" "$dir/long.csv" "$floor" @
for awk in mawk gawk; do
	if have $awk; then
		row "$awk" 3 "$peer_rows" "$dir/peer.csv" $awk -f "$top/tests/bench/agg.awk" @
	else
		skip "there is no $awk"
	fi
done
if have python3 && python3 -c 'import numpy' 2>/dev/null; then
	row 'python3, numpy' 3 "$peer_rows" "$dir/peer.csv" "$(python3 -c 'import sys; print(sys.executable)')" "$top/tests/bench/agg.py" @
else
	skip 'there is no python3 with numpy'
fi

title 'memory taken while samples flow' \
	"calls of malloc, calloc and realloc by \`runnel replay\`, counted by valgrind: 10 times the rows, the same calls"
if have valgrind; then
	allocations() {
		valgrind --leak-check=no --log-file="$dir/memcheck" "$runnel" replay -c "$dir/config.yaml" --input "$1" >"$dir/out" 2>/dev/null
		awk '/total heap usage/ { gsub(",", ""); print $5, $9 }' "$dir/memcheck"
	}
	for n in 10000 100000; do
		read -r calls bytes < <(allocations "$dir/$n.csv")
		printf '   %6d rows, %3d partials: %5d calls, %8d bytes\n' "$n" "$(wc -l <"$dir/out")" "$calls" "$bytes"
	done
else
	skip 'there is no valgrind'
fi
