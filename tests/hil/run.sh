#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What `make hil` does: each test in a guest of its own, one after the other; says what is skipped and why, and sums up.
# With names, those alone: tests/hil/run.sh chips i2c; --list names those of `make check`. `speed` is no test: it prints what
# docs/performance.md has.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
passed=0 failed=0 skipped=0
declare -a sums=()
all=(gpio chips i2c kernel output unit board arm64 power)
more=(raspi3b raspi0)
[[ ${1:-} != --list ]] || { printf '%s\n' "${all[@]}" && exit; }
(($# > 0)) || set -- "${all[@]}" "${more[@]}"
for test; do
	printf -- '--- %s\n' "$test"
	start=$SECONDS
	"tests/hil/$test.sh"
	case $? in
	0) verdict=ok && passed=$((passed + 1)) ;;
	77) verdict=skipped && skipped=$((skipped + 1)) ;;
	*) verdict=FAILED && failed=$((failed + 1)) ;;
	esac
	sums+=("$(printf '%-8s %-8s %3d s' "$verdict" "$test" $((SECONDS - start)))")
done
printf '\n'
printf '%s\n' "${sums[@]}"
printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
((failed == 0))
