#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What a sample costs in process, without any text.
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"

pipeline=$bin/tests/bench_pipeline
ops=$bin/tests/bench_ops
kpi=$bin/tests/bench_kpi

# per_sample SHORT LONG SAMPLES_EACH COMMAND...: instructions a sample; @ in the command stands for the length.
per_sample() {
	local short=$1 long=$2 each=$3 a b
	shift 3
	have valgrind || { echo - && return; }
	a=$(instructions "${@//@/$short}")
	b=$(instructions "${@//@/$long}")
	calc "($b - $a) / (($long - $short) * $each)" %.0f
}

title 'a sample in process: pushed into a graph, 10 ms apart, windows of 10 s' \
	"ns: CPU time, median of 5 runs of 4 million ($pipeline)" \
	'instructions: callgrind, 120 000 samples less 20 000'
have valgrind || skip 'instructions: there is no valgrind'
printf '   %-40s %8s %14s\n' what ns instructions
for variant in 0 1 2 3; do
	runs=$(for _ in 1 2 3 4 5; do "$pipeline" 4000000 $variant; done)
	name=$(awk 'NR == 1 { sub(/  .*/, ""); print }' <<<"$runs")
	ns=$(awk '{ print $(NF - 3) }' <<<"$runs" | median)
	printf '   %-40s %8s %14s   %s\n' "$name" "$ns" "$(per_sample 20000 120000 1 "$pipeline" @ $variant)" "$(judge "$ns" 16)"
done

title 'operators alone' \
	"ns: CPU time, best of 5 runs of 300 000 ($ops), a signal that changes little and noise; 'none' is the loop itself" \
	'instructions: callgrind, both signals together, with the loop'
printf '   %-15s %-9s %6s %9s %9s %14s\n' operator argument inputs 'calm ns' 'noise ns' instructions
"$ops" 300000 | tail -n +2 | while read -r name argument inputs calm noise; do
	# One call gives both rows of `combine mean`: their instructions are those of both.
	printf '   %-15s %-9s %6s %9s %9s %14s\n' "$name" "$argument" "$inputs" "$calm" "$noise" \
		"$(per_sample 4000 12000 "$([[ $name == combine ]] && echo 20 || echo 10)" "$ops" @ "$name" "$argument")"
done

title 'a KPI of ten terms' "ns: CPU time, best of 5 runs of a million ($kpi)"
"$kpi" | tail -n +2 | while read -r line; do
	printf '   %s   %s\n' "$line" "$(judge "${line##* }" 200)"
done
