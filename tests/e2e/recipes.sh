#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# docs/recipes: every config is good, and over recordings made up here gives what arithmetic done elsewhere says. Times count
# from 2025-11-21T04:00:00Z, a full hour.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "$0")/lib.sh"
recipes=$root/docs/recipes
t0=1763697600

for recipe in "$recipes"/*.yaml; do
	"$runnel" check "$recipe" >"$work/log" 2>&1 || fail "$(cat "$work/log")"
	grep -q "${recipe##*/}" "$root/docs/recipes.md" || fail "docs/recipes.md does not name ${recipe##*/}"
done

# play RECIPE: the recording comes from standard input; JSON lines in $work/out.
play() {
	cat >"$work/input.csv"
	"$runnel" replay -c "$recipes/$1.yaml" --input "$work/input.csv" >"$work/out" 2>"$work/log" || fail "$1: $(cat "$work/log")"
}

# kpi NAME WINDOW-IN-SECONDS-FROM-T0 EXPECTED TOLERANCE
kpi() {
	local found
	found=$(jq -r "select(.type == \"kpi\" and .name == \"$1\" and .w0 == $((t0 + $2))) | .value" "$work/out")
	awk -v found="$found" -v expected="$3" -v tolerance="$4" \
		'BEGIN { d = found - expected; exit !(found != "" && found != "null" && d <= tolerance && -d <= tolerance) }' ||
		fail "$1 at $2 is '$found', expected $3 within $4"
}

# events NAME: "raised SECONDS cleared SECONDS ..."
events() {
	jq -r "select(.type == \"event\" and .stream == \"$1\") | [.event, ((.at | sub(\"\\\\.[0-9]+Z\"; \"Z\") | fromdate) - $t0)] | join(\" \")" \
		"$work/out" | paste -sd' '
}
expect_events() {
	local found
	found=$(events "$1")
	[[ $found == "$2" ]] || fail "events of $1: '$found', expected '$2'"
}

# An hour at 20 degrees and 60 %, of which minutes 20 to 40 are at 34 degrees; then silence for 10 minutes, then 20 degrees.
play greenhouse < <(awk -v t0=$t0 'BEGIN {
	print "time,air.temperature,air.humidity"
	for (t = 0; t < 7200; t += 10)
		if (t < 3600 || t >= 4200) print t0 + t "," (t >= 1200 && t < 2400 ? 34 : 20) ",60" }')
# The median passes on a step two readings later, the threshold waits 2 minutes: 1220 + 120; down at once: 2420.
expect_events hot 'raised 1340 cleared 2420 missing 3710 recovered 4200'
kpi temperature_p95 0 34 0.05
kpi day_swing 0 14 0.01
kpi hot_share 0 30 0.3 # 1080 s
# Magnus: e_s(20) = 0.6112 exp(17.62 * 20 / 263.12) = 2.3323 kPa, of which 40 % lack.
kpi vpd_mean 0 0.9329 0.001
# Dew point at 20 degrees and 60 %: g = ln 0.6 + 1.33931 = 0.82848, 243.12 g / (17.62 - g) = 11.995
expect_events wet_leaves 'missing 3900 recovered 4500' # windows of 5 minutes

# A pulse each 6 s, 600 W; from minute 30 to 45 each second, 3600 W.
play energy-meter < <(awk -v t0=$t0 'BEGIN {
	print "time,meter.energy,meter.rate"
	for (t = 0; t < 7200; t++) { fast = t >= 1800 && t < 2700; n += fast ? 1 : t % 6 == 0; print t0 + t "," n "," (fast ? 3600 : 600) } }')
kpi consumption 3600 0.6 0.0011
kpi consumption 0 1.35 0.0011 # 2700 / 6 + 900
kpi mean_power 0 600 4.1
kpi mean_power 1800 3600 4.1
kpi base_load 0 600 6.5
expect_events peak 'raised 2700 cleared 3600'

# 9 L/min in minutes 0 to 10; 30 L/min for a minute; then 0.2 L/min without a pause for two hours.
play water-flow < <(awk -v t0=$t0 'BEGIN {
	print "time,meter.volume,meter.rate"
	for (t = 0; t < 10800; t++) { f = t < 600 ? 9 : t < 660 ? 30 : t < 3600 ? 0 : 0.2; v += f / 60; printf "%d,%.4f,%g\n", t0 + t, v, f } }')
kpi litres 0 120 0.2
kpi litres 3600 12 0.01
kpi peak_flow 0 30 0.01
# The mean over 10 s is above 25 with the eighth second of 30 (9 + 21 * 0.8 = 25.8), and that for 10 s; below 20 again with four of 0.
expect_events burst 'raised 617 cleared 663'
expect_events leak 'raised 10800' # in the second hour the average of 10 s begins with zeros

# Opened for 30 s each quarter of an hour, and at 3600 s for 25 minutes; somebody is there for the first half of each hour.
play door-occupancy < <(awk -v t0=$t0 'BEGIN {
	print "time,door.state,motion.state"
	for (t = 0; t <= 7200; t += 10)
		print t0 + t "," (t < 3600 ? t % 900 >= 300 && t % 900 < 330 : t < 5100) "," (t % 3600 < 1800) }')
kpi openings 0 4 0
kpi open_time 0 2 0.001
kpi occupancy 0 50 0.01
kpi open_time 3600 25 0.001
expect_events left_open 'raised 3900 cleared 5400'

# 5 degrees; from minute 10 to 40 of the first hour 15 degrees.
play cold-chain < <(awk -v t0=$t0 'BEGIN {
	print "time,load.temperature"
	for (t = 0; t < 7200; t += 10) print t0 + t "," (t >= 600 && t < 2400 ? 15 : 5) }')
# By the second reading of 15 degrees the median passes it on; 5 minutes later it is told.
expect_events warm 'raised 910 cleared 2410'
expect_events cold ''
kpi excursions 0 1 0
kpi out_of_range 0 25 0.01
kpi kinetic_mean 3600 5 0.01
# Half of the time 15 degrees: exp(10000 / 278.15 - 10000 / 288.15) = 3.4819, the mean 2.2410; 10000 / (35.9518 - ln 2.2410) - 273.15 = 11.388
kpi kinetic_mean 0 11.388 0.03
kpi proven 0 100 0.01

# Pressure falls by 3 hPa in the first hour; ten tips of the bucket from minute 10 on; 3 turns a second; fog in the second hour.
play weather < <(awk -v t0=$t0 'BEGIN {
	print "time,air.temperature,air.humidity,air.pressure,rain.rain,wind.count"
	for (t = 0; t < 7200; t += 10) { tips = t < 600 ? 0 : t < 1200 ? int((t - 600) / 60) + 1 : 10
		printf "%d,%d,%d,%.4f,%.4f,%d\n", t0 + t, 12, (t < 3600 ? 60 : 97), 1000 - (t < 3600 ? t / 1200 : 3), tips * 0.2794, t * 3 } }')
kpi rainfall 0 2.794 0.0011
kpi wind_mean 900 2.001 0.01
# At 12 degrees and 120 m pressures are larger by a factor of about 1.0145.
kpi pressure_trend 0 -3.04 0.02
kpi pressure_trend 3600 0 0.011
expect_events fog_risk 'raised 4500'
expect_events frost ''
exit $((failures > 0))
