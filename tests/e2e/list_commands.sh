#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `runnel drivers`, `operators` and `units`: everything in the tables is shown, every example passes `runnel check`, units are
# those of the contract, unknown names get the nearest known one and 64.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1

runnel=$(realpath -m "${RUNNEL_BUILD:-build}/runnel")
[[ -x $runnel ]] || { echo "$runnel is not there" && exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

fail() {
	printf '%s\n' "$*"
	failures=$((failures + 1))
}

# Names in the X-macro table NAME of a header; a name in C has no '-'.
names_in_header() {
	sed -n "/^#define $2(X)/,/[^\\\\]\$/s/.*X(\\([a-z0-9_]*\\)).*/\\1/p" "$1" | sort
}

# all_shown COMMAND HEADER TABLE: the list and the details of each row hold what the JSON says, which has all rows.
all_shown() {
	local command=$1 name item
	"$runnel" "$command" --json >"$work/all.json" || fail "$command --json: status $?"
	jq -r ".${command}[].name" "$work/all.json" | tr - _ | sort >"$work/names"
	[[ -s $work/names ]] || fail "$command --json: no names"
	diff <(names_in_header "$2" "$3") "$work/names" || fail "$command: not the rows of $3"
	"$runnel" "$command" >"$work/list" || fail "$command: status $?"
	while read -r name; do
		grep -q "^$name " "$work/list" || fail "$command: the list lacks $name"
		"$runnel" "$command" "$name" >"$work/one" || fail "$command $name: status $?"
		"$runnel" "$command" "$name" --json >"$work/one.json" || fail "$command $name --json: status $?"
		jq -e --arg n "$name" --slurpfile one "$work/one.json" ".${command}[] | select(.name == \$n) | . == \$one[0]" \
			"$work/all.json" >"$work/same" || fail "$command $name --json differs from the list's"
		while read -r item; do
			grep -qE "^  $item( |\$)" "$work/one" || fail "$command $name: '$item' is not shown"
		done < <(jq -r '(.options + (.channels // []))[].name' "$work/one.json")
		jq -r .example "$work/one.json" >"$work/example.yaml"
		grep -q "$name" "$work/example.yaml" || fail "$command $name: its example does not use it"
		(cd "$work" && "$runnel" check example.yaml) >"$work/checked" 2>&1 || {
			fail "$command $name: its example does not pass:"
			cat "$work/example.yaml" "$work/checked"
		}
	done < <(jq -r ".${command}[].name" "$work/all.json")
}

# unknown COMMAND NAME NEAREST
unknown() {
	"$runnel" "$1" "$2" >"$work/out" 2>"$work/err"
	local rc=$?
	[[ $rc == 64 ]] || fail "$1 $2: status $rc, expected 64"
	[[ ! -s $work/out ]] || fail "$1 $2: something on stdout"
	grep -qF "did you mean '$3'?" "$work/err" || fail "$1 $2: no '$3' in: $(cat "$work/err")"
}

# unit CODE K Q SKETCH WIDTH-OR-SCALE
unit() {
	"$runnel" units "$1" --json | jq -e --arg c "$1" --argjson k "$2" --argjson q "$3" --arg s "$4" --argjson w "$5" '
		.code == $c and .reference == $k and .quantum == $q and .sketch.kind == $s and
		(.sketch.width // .sketch.scale) == $w and
		((.max - ($k + $q * 8388607)) | fabs) < 1e-9 * .max and
		((.min - ($k - $q * 8388607)) | fabs) < 1e-9 * .max' >"$work/same" || fail "units $1: not the contract's row"
}

printf 'time,temperature\n1763700000,21.5\n' >"$work/readings.csv"
all_shown drivers drivers/sensor.h SENSOR_DRIVERS
all_shown operators pipelines/op.h OPERATORS

"$runnel" drivers >"$work/drivers" || fail "drivers: status $?"
"$runnel" operators >"$work/operators" || fail "operators: status $?"
grep -q '^  every ' "$work/drivers" || fail 'drivers: what every sensor takes is not shown'
grep -q '^  quantiles ' "$work/operators" || fail 'operators: what every stream takes is not shown'
for atom in n sum mean min max stddev first last quantile time_mean integral increase rate coverage; do
	grep -q "^$atom(s" "$work/operators" || fail "operators: the KPI function $atom is not listed"
	"$runnel" operators "$atom" >"$work/one" || fail "operators $atom: status $?"
	grep -q "^$atom(s" "$work/one" || fail "operators $atom: does not say how to call it"
done

# Section 3.1 of the contract.
unit Cel 20 0.01 lin 0.1
unit % 50 0.01 lin 0.5
unit hPa 1000 0.01 lin 0.1
unit lx 0 0.02 exp2 5
[[ $("$runnel" units --json | jq '.units | length') == $("$runnel" units | tail -n +2 | wc -l) ]] ||
	fail 'units: list and JSON differ in length'

unknown drivers hots host
unknown drivers cvs csv
unknown operators medain median
unknown operators quantil quantile
unknown units C Cel
unknown units kwh kW.h

for command in drivers operators units; do
	"$runnel" $command --help >"$work/out" || fail "$command --help: status $?"
	grep -q "^Usage: runnel $command" "$work/out" || fail "$command --help: no usage"
	"$runnel" $command one two >"$work/out" 2>&1 && fail "$command takes two names"
	"$runnel" $command --nonsense >"$work/out" 2>&1
	[[ $? == 64 ]] || fail "$command --nonsense: not 64"
	"$runnel" $command >/dev/full 2>"$work/err"
	[[ $? == 74 ]] || fail "$command on a full disk: not 74"
	"$runnel" $command 2>"$work/err" | head -c 1 >"$work/out"
	[[ ${PIPESTATUS[0]} == 0 && ! -s $work/err ]] || fail "$command | head does not end quietly: $(cat "$work/err")"
	grep -qF "runnel $command: unknown option '--nonsense'; see" <("$runnel" $command --nonsense 2>&1) ||
		fail "$command --nonsense is not told"
done
exit $((failures > 0))
