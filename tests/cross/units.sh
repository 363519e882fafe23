#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The unit tests of a target, under emulation of its processor: units.sh DIRECTORY EMULATOR... Each must say what it says here, and
# tests/cross/exact.c the same bits. units.exceptions lists, test by test or program by program (*), what an emulator of user programs cannot
# do. A program that fails runs again, alone, twice at most: emulated threads and time-outs suffer from their neighbours, another processor's
# code does not. $TESTS are the names of some; the last line is the sum, as that of tests/run.sh.
set -uo pipefail
dir=${1:?directory of the target}
shift
emulator=("$@")
log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT
exceptions=tests/cross/units.exceptions

run_one() {
	local test=$1 name=${1##*/} rc=0
	awk -F'\t' -v target="${dir##*/}" -v name="$name" '
		($1 == "any" || index(target, $1) == 1) && $2 == name && $3 == "*" { n++; print $4 }
		END { exit !n }' "$exceptions" >"$log/$name" && rc=77 ||
		timeout -k 5 300 "${emulator[@]}" "$test" </dev/null >"$log/$name" 2>&1 || rc=$?
	echo "$rc" >"$log/$name.rc"
}

# excused NAME: whether what failed in a test program is all in the list, and not the program itself.
excused() {
	local failed test
	failed=$(sed -n 's/^\[  FAILED  \] \([a-z_0-9]*\)$/\1/p' "$log/$1" | sort -u)
	[[ -n $failed ]] && tail -n 3 "$log/$1" | grep -q 'FAILED TEST(S)' || return 1
	for test in $failed; do
		awk -F'\t' -v target="${dir##*/}" -v name="$1" -v test="$test" '
			($1 == "any" || index(target, $1) == 1) && $2 == name && $3 == test { n++; print test ": " $4 }
			END { exit !n }' "$exceptions" || return 1
	done
}

read -ra names <<<"${TESTS:-}"
((${#names[@]} > 0)) || for test in tests/test_*.c; do
	name=${test#tests/}
	names+=("${name%.c}")
done
for name in "${names[@]}"; do
	while (($(jobs -rp | wc -l) >= $(nproc))); do wait -n; done
	run_one "$dir/tests/$name" &
done
wait
for rc in "$log"/*.rc "$log"/*.rc; do
	name=$(basename "$rc" .rc)
	if [[ $(<"$rc") != 0 && $(<"$rc") != 77 ]] && ! excused "$name" >/dev/null; then
		echo "again    $name: status $(<"$rc"): $(grep -a '^\[  ERROR ' "$log/$name" | head -n 1)"
		run_one "$dir/tests/$name"
	fi
done

passed=0 failed=0 skipped=0
for rc in "$log"/*.rc; do
	name=$(basename "$rc" .rc)
	ok=$(grep -c '^\[       OK \]' "$log/$name")
	passed=$((passed + ok))
	if [[ $(<"$rc") == 0 && $ok -gt 0 ]]; then
		continue
	elif [[ $(<"$rc") == 0 ]] && grep -q '^\[  SKIPPED \]' "$log/$name"; then
		skipped=$((skipped + 1))
		echo "skipped  $name: it says so here too, for want of data"
	elif [[ $(<"$rc") == 77 ]]; then
		skipped=$((skipped + 1))
		echo "skipped  $name: $(tail -n 1 "$log/$name")"
	elif reasons=$(excused "$name"); then
		skipped=$((skipped + $(wc -l <<<"$reasons")))
		while read -r reason; do echo "skipped  $name $reason"; done <<<"$reasons"
	else
		failed=$((failed + 1))
		echo "FAILED   $name: status $(<"$rc")"
		sed 's/^/    /' "$log/$name" | grep -vE '\[ RUN|\[       OK' | tail -n 30
	fi
done

if [[ -x $dir/tests/cross/exact ]]; then
	"${emulator[@]}" "$dir/tests/cross/exact" | grep -v ^libm >"$log/exact"
	if diff <(grep -v ^libm "$dir/exact.txt") "$log/exact" >"$log/diff"; then
		passed=$((passed + $(wc -l <"$log/exact")))
	else
		failed=$((failed + 1))
		echo "FAILED   other bits than here:" && sed 's/^/    /' "$log/diff"
	fi
fi
printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
((failed == 0 && passed > 0))
