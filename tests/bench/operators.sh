#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What each operator costs, all rows of the table and some with usual sizes; and the vibration recipe as a share of a core.
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"

operators=$bin/tests/bench_operators

# per_sample ROW: instructions, the loop included.
per_sample() {
	local a b
	a=$(instructions "$operators" 5000 "$1")
	b=$(instructions "$operators" 25000 "$1")
	calc "($b - $a) / 20000" %.0f
}

title 'operators, one sample a push' \
	"ns: CPU time a sample and input, best of 5 runs of 200 000 ($operators); 'none' is the loop, which is in all others" \
	'instructions: callgrind, a push into all inputs, 25 000 samples less 5 000' \
	'bytes: the state, its rings and its options; more: taken while samples flow'
have valgrind || skip 'instructions: there is no valgrind'
row=0
"$operators" 200000 | while IFS= read -r line; do
	if ((row == 0)); then
		printf '   %s %13s\n' "$line" instructions
	else
		printf '   %s %13s\n' "$line" "$(have valgrind && per_sample $((row - 1)) || echo -)"
	fi
	row=$((row + 1))
done

title '12 kHz of vibration through band-pass, envelope, RMS, kurtosis and two spectra' \
	'runnel replay of docs/recipes/machine-vibration.yaml: CPU time of user and system for each second of signal'
seconds=60
awk -v n=$((seconds * 12000)) 'BEGIN {
	srand(1)
	print "time,gearbox.acceleration"
	for (i = 0; i < n; i++)
		printf "%.6f,%.4f\n", i / 12000, 0.3 * sin(i * 0.0942) + (i % 74 < 20) * 0.5 * exp(-(i % 74) / 5) * sin(i * 1.57) + 0.1 * (rand() - 0.5)
}' >"$dir/input.csv"
ms=$(cpu_median 3 "$runnel" replay -c "$top/docs/recipes/machine-vibration.yaml" --input "$dir/input.csv")
share=$(calc "$ms / $seconds / 10" %.2f)
printf '   %s ms a second, %s %% of a core, reading the text included   %s\n' "$(calc "$ms / $seconds" %.1f)" "$share" "$(judge "$share" 2)"
if have valgrind; then
	head -n 36001 "$dir/input.csv" >"$dir/short.csv"
	head -n 72001 "$dir/input.csv" >"$dir/long.csv"
	a=$(instructions "$runnel" replay -c "$top/docs/recipes/machine-vibration.yaml" --input "$dir/short.csv")
	b=$(instructions "$runnel" replay -c "$top/docs/recipes/machine-vibration.yaml" --input "$dir/long.csv")
	printf '   %s instructions a sample\n' "$(calc "($b - $a) / 36000" %.0f)"
fi
