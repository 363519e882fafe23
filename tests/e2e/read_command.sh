#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `runnel read`: values of a recording come out as they are in the file, one sensor that is not there keeps no other from being
# read, named sensors alone are touched, and the status tells a script what happened.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "$0")/lib.sh"

cat >"$work/config.yaml" <<EOF
sensors:
  gone: {driver: bme280, bus: i2c-77}
  file: {driver: csv, path: $work/rows.csv, pace: 0, every: 100ms, units: {t: Cel, h: "%"}}
  box: {driver: host, every: 100ms}
  wait: {driver: csv, path: $work/late.csv, every: 100ms}
EOF
printf 'time,t,h\n1,21.5,40\n2,22.25,\n' >"$work/rows.csv"
printf 'time,a\n1,1\n100000,2\n' >"$work/late.csv"

# of FILE FILTER: what jq makes of JSON lines, one line
of() { jq -rc "$2" "$work/$1" | paste -sd ' '; }
# expect WHAT WANTED GOT
expect() { [[ $2 == "$3" ]] || fail "$1: expected '$2', got '$3'"; }

# --- a fault beside others ---
status_of "$runnel" read -c "$work/config.yaml" gone file box --json >"$work/all"
expect_status 69 'a sensor that is not there'
expect 'state of the absent one' 'fault' "$(of all 'select(.sensor == "gone").state' | tr ' ' '\n' | sort -u)"
expect 'values of the absent one' 'null' "$(of all 'select(.sensor == "gone").value' | tr ' ' '\n' | sort -u)"
expect 'its channels' 'temperature pressure humidity' "$(of all 'select(.sensor == "gone").channel')"
has "$work/all" '"reason":".*I2C' || fail 'the reason does not tell of the bus'
expect 'the recording' '[21.5,"Cel","ok"] [40,"%","ok"]' "$(of all 'select(.sensor == "file") | [.value, .unit, .state]')"
expect 'uptime' 'ok' "$(of all 'select(.channel == "uptime").state')"
expect 'time of reading' true "$(of all 'select(.channel == "uptime").at | sub("\\..*Z"; "Z") | fromdate > now - 60')"

# --- as a table ---
status_of "$runnel" read -c "$work/config.yaml" file gone >"$work/table"
expect_status 69 'the table'
has "$work/table" '^file\.t  *21\.5  Cel  *ok$' || fail "no 21.5 in the table: $(cat "$work/table")"
has "$work/table" '^gone  *-  *fault: ..*' || fail "no fault in the table: $(cat "$work/table")"

# --- rounds: a cell that is empty, then the end; an absent sensor that is not asked for is none ---
status_of "$runnel" read -c "$work/config.yaml" file --count 3 --json >"$work/rounds"
expect_status 0 'three rounds'
expect 'temperatures' '21.5 22.25 null' "$(of rounds 'select(.channel == "t").value')"
expect 'humidity states' 'ok no value ended' "$(of rounds 'select(.channel == "h").state')"

# --- a wait that is too long ends ---
begun=$SECONDS
status_of timeout 60 "$runnel" read -c "$work/config.yaml" wait --count 2 --json >"$work/late"
expect_status 69 'a row that is due in a day'
((SECONDS - begun < 20)) || fail "the wait took $((SECONDS - begun)) s"
expect 'first and second row' '1 null' "$(of late '.value')"
has "$work/late" '"reason":"no result within 10.0 s"' || fail "reason: $(cat "$work/late")"

# --- usage ---
status_of "$runnel" read -c "$work/config.yaml" fil 2>"$work/unknown"
expect_status 64 'an unknown sensor'
has "$work/unknown" "did you mean 'file'" || fail 'no suggestion'
for count in 0 -1 x 1.5; do
	status_of "$runnel" read -c "$work/config.yaml" --count "$count" file 2>/dev/null
	expect_status 64 "--count $count"
done
status_of "$runnel" read -c "$work/none.yaml" 2>/dev/null
expect_status 74 'no config'
echo 'sensors: {a: {driver: nothing}}' >"$work/wrong.yaml"
status_of "$runnel" read -c "$work/wrong.yaml" 2>/dev/null
expect_status 78 'a wrong config'
status_of "$runnel" read -c "$work/config.yaml" box >/dev/full 2>/dev/null
expect_status 74 'a full disk'
