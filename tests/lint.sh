#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Static checks, one by name or all: lint.sh [--list | RULE...]. Works on the tree it stands in.
# tests/e2e/lint_rules.sh proves that each of them can fail.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
export LC_ALL=C

rules=(format cppcheck analyzer shellcheck units spdx layers libraries includes banned length complexity words exceptions)
BUILD=${BUILD:-build}
MAKE=${MAKE:-make}
code_dirs=(base drivers pipelines agent collector)

in_tree() {
	find . \( -path ./.git -o -path "./${BUILD#./}" -o -path ./build \) -prune -o -type f "$@" -printf '%P\0' | sort -z
}

c_files() {
	in_tree -name '*.[ch]'
}

text_files() {
	in_tree \( -name '*.[ch]' -o -name '*.sh' -o -name '*.awk' -o -name '*.py' -o -name '*.mk' -o -name Makefile -o -path ./.ci/run \
		-o -name '*.proto' -o -name '*.options' -o -name '*.service' -o -name '*.md' -o -name '*.exceptions' \)
}

lint_format() {
	c_files | xargs -0 -r clang-format --dry-run -Werror
}

lint_cppcheck() {
	mkdir -p "$BUILD/cppcheck"
	compgen -G '*/*.c' >/dev/null || return 0
	cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr --error-exitcode=1 -j "$(nproc)" \
		--suppress=missingIncludeSystem --template='{file}:{line}: {id}: {message}' \
		--cppcheck-build-dir="$BUILD/cppcheck" -DRUNNEL_VERSION='""' -I. "${code_dirs[@]}"
}

lint_analyzer() {
	"$MAKE" --no-print-directory -k -j"$(nproc)" DEPS=0 SAN='' ANALYZE=1 WERROR=1 objects
}

lint_shellcheck() {
	{ in_tree -name '*.sh' && in_tree -path './.ci/run'; } | xargs -0 -r shellcheck
}

# The program is not installed where this runs; a unit is checked with one that is there. An exposure of more than 1.2 needs better
# reasons than those that stand in the units.
lint_units() {
	local dir unit rc=0
	compgen -G 'systemd/*.service' >/dev/null || return 0
	command -v systemd-analyze >/dev/null || { echo 'no systemd-analyze here' && return 77; }
	dir=$(mktemp -d)
	for unit in systemd/*.service; do
		sed 's|^ExecStart=[^ ]*|ExecStart=/bin/true|' "$unit" >"$dir/${unit##*/}"
		systemd-analyze verify --man=no "$dir/${unit##*/}" >"$dir/log" 2>&1 || rc=1
		[[ ! -s $dir/log ]] || rc=1
		sed "s|^|$unit: |" "$dir/log"
		if ! LC_ALL=C.UTF-8 systemd-analyze security --offline=true --threshold=12 "$unit" >"$dir/log" 2>&1; then
			echo "$unit: $(tail -n 1 "$dir/log"), at most 1.2:"
			grep '^✗' "$dir/log"
			rc=1
		fi
	done
	rm -rf "$dir"
	return $rc
}

run_rule() {
	local exceptions=tests/lint.exceptions
	[[ -f $exceptions ]] || exceptions=''
	if declare -F "lint_$1" >/dev/null; then
		"lint_$1"
	elif [[ " ${rules[*]} " == *" $1 "* ]]; then
		# One awk sees all files, because exceptions that nothing needs are known only at the end.
		readarray -d '' -t files < <(text_files)
		awk -v only="$1" -v exceptions="$exceptions" -f tests/lint.awk "${files[@]}"
	else
		echo "lint: no rule '$1'; there are: ${rules[*]}"
		return 64
	fi
}

if [[ ${1:-} == --list ]]; then
	printf '%s\n' "${rules[@]}"
	exit
fi
if [[ $# == 1 ]]; then
	run_rule "$1"
	exit
fi

[[ $# -gt 0 ]] || set -- "${rules[@]}"
passed=0 failed=0 skipped=0
for rule; do
	log=$(run_rule "$rule" 2>&1)
	case $? in
	0) verdict=ok && passed=$((passed + 1)) ;;
	77) verdict=skipped && skipped=$((skipped + 1)) ;;
	*) verdict=FAILED && failed=$((failed + 1)) ;;
	esac
	printf '%-8s lint %s\n' "$verdict" "$rule"
	[[ $verdict == ok ]] || printf '%s\n' "$log" | sed 's/^/    /'
done
printf '\n%d passed, %d failed' "$passed" "$failed"
((skipped == 0)) || printf ', %d skipped' "$skipped"
printf '\n'
((failed == 0))
