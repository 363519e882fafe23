#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The unit tests of a target, under emulation of its processor: units.sh DIRECTORY EMULATOR... Each must say what it says here, and
# tests/cross/exact.c the same bits. What an emulator of user programs cannot do is listed in units.exceptions, test by test.
# The last line is the sum, as that of tests/run.sh.
set -uo pipefail
dir=${1:?directory of the target}
shift
emulator=("$@")
qemu=$(printf '%s\n' "$@" | grep -m 1 '^qemu-')
command -v "$qemu" >/dev/null || { echo "no $qemu here; on Debian: apt-get install qemu-user-static" && exit 1; }
log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT
exceptions=tests/cross/units.exceptions

run_one() {
	local test=$1 name=${1##*/} rc=0
	awk -F'\t' -v target="${dir##*/}" -v name="$name" '
		index(target, $1) == 1 && $2 == name && $3 == "*" { n++; print $4 }
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

for test in tests/test_*.c; do
	test=$dir/${test%.c}
	while (($(jobs -rp | wc -l) >= $(nproc))); do wait -n; done
	run_one "$test" &
done
wait

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
