#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# docs/recipes/machine-vibration.yaml: finds the rhythm of made-up blows and of a recorded damage of an inner race (where the recording
# is), and nothing in a machine that only hums.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "$0")/lib.sh"
recipe=$root/docs/recipes/machine-vibration.yaml
recording=$root/../shared/data/cwru_inner_race_007_0hp_drive_end_12khz.csv

# machine BLOW: 20 s of hum, noise and, every 75 samples, a blow that rings at 3.2 kHz: 160 times a second.
machine() {
	awk -v blow="$1" 'BEGIN {
		srand(7)
		print "time,gearbox.acceleration"
		for (i = 0; i < 240000; i++) {
			x = 0.3 * sin(i * 2 * 3.14159265 * 30 / 12000) + 0.05 * (rand() + rand() + rand() + rand() - 2)
			x += blow * exp(-(i % 75) / 9) * sin((i % 75) * 2 * 3.14159265 * 3200 / 12000)
			printf "%.6f,%.5f\n", 1700000000 + i / 12000, x
		}
	}'
}

replay() { "$runnel" replay -c "$recipe" --input "$1" >"$work/out.json" 2>"$work/replay.log" || fail "replay of $1: status $?"; }

# kpi NAME CONDITION: of its first value
kpi() {
	local value
	value=$(jq -r "select(.type == \"kpi\" and .name == \"$1\") | .value" "$work/out.json" | head -n 1)
	jq -n -e --argjson v "${value:-null}" "\$v != null and (\$v | $2)" >/dev/null || fail "$1 is ${value:-missing}, expected $2"
}

"$runnel" check "$recipe" >"$work/check.log" 2>&1 || fail 'the recipe does not pass'

machine 1 >"$work/damaged.csv"
replay "$work/damaged.csv"
kpi strongest_rhythm '. > 159 and . < 161'
kpi inner_race_share '. > 0.3'
kpi spikiness '. > 5'
has "$work/out.json" '"event":"raised"' || fail 'no event of the damage'

# Uniform numbers, four at a time, have a kurtosis of 3 - 1.2 / 4; sqrt(4 / 12) * 0.05 is their deviation; 70 Hz takes the hum.
machine 0 >"$work/healthy.csv"
replay "$work/healthy.csv"
kpi inner_race_share '. < 0.1'
kpi spikiness '. > 2.6 and . < 2.8'
kpi vibration '. > 0.027 and . < 0.03'
! has "$work/out.json" '"event":"raised"' || fail 'an event of a damage that is not there'

if [[ -f $recording ]]; then
	awk 'NR == 1 { print "time,gearbox.acceleration"; next } { printf "%.6f,%s\n", 1700000000 + (NR - 2) / 12000, $1 }' \
		"$recording" >"$work/bearing.csv"
	replay "$work/bearing.csv"
	# 5.415 x 1797 / 60 = 162.2 Hz, and frequencies are 1500 / 2048 Hz apart.
	kpi strongest_rhythm '. > 161.4 and . < 163'
	kpi inner_race_share '. > 0.3'
	kpi spikiness '. > 4.5'
	has "$work/out.json" '"event":"raised"' || fail 'no event of the recorded damage'
fi
