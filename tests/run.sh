#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Everything that can fail, as `make check` runs it; `run.sh fuzz` is the fuzzers alone, `run.sh cross` other processors, with more than what
# `make check` has time for. Jobs run side by side, each into a log of its own; a job's report is printed in one piece when it ends. The last
# line is the sum: N passed, N failed[, N skipped].
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

mode=${1:-check}
BUILD=${BUILD:-build}
MAKE=${MAKE:-make}
FUZZ_SECONDS=${FUZZ_SECONDS:-10}
UNIT_TIMEOUT_S=300
E2E_TIMEOUT_S=300
HIL_TIMEOUT_S=900 # with what is fetched and built for it
PACKAGE_TIMEOUT_S=900
LINT_TIMEOUT_S=600
SYSROOT_TIMEOUT_S=1200
EMULATED_TIMEOUT_S=1800
jobs=$(nproc)

# Sub-makes get the user's variables from MAKEFLAGS, but not a job server that is busy elsewhere.
MAKEFLAGS=$(sed -E 's/(^| )-j[0-9]*//g; s/ --jobserver-[a-z]+=[^ ]*//g' <<<"${MAKEFLAGS:-}")
export MAKEFLAGS
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}

out=$(mktemp -d)
finish() {
	local group
	cat "$out"/*.group 2>/dev/null | while read -r group; do
		kill -TERM -- "-$group" 2>/dev/null
	done
	rm -rf "$out"
}
trap finish EXIT
trap 'exit 130' INT TERM

# --- counting: each turns a log ($1) and an exit status ($2) into "PASSED FAILED SKIPPED" ---

# cmocka: one line per test; a crash, a leak or a time-out counts as one more failed test. 77: what it needs is not here.
count_cmocka() {
	[[ $2 != 77 ]] || { echo 0 0 1 && return; }
	awk -v rc="$2" '
		/^\[       OK \]/ { passed++ }
		/^\[  FAILED  \] [0-9]+ test/ { failed = $4 }
		/^\[  SKIPPED \] [0-9]+ test/ { skipped = $4 }
		END {
			if ((rc != 0 || passed + skipped == 0) && failed == 0) failed = 1
			print passed + 0, failed + 0, skipped + 0
		}' "$1"
}

# tests/cross/units.sh says it itself.
count_units() {
	sed -n '$s/^\([0-9]*\) passed, \([0-9]*\) failed, \([0-9]*\) skipped$/\1 \2 \3/p' "$1" | grep . || echo 0 1 0
}

count_one() {
	case $2 in
	0) echo 1 0 0 ;;
	77) echo 0 0 1 ;;
	*) echo 0 1 0 ;;
	esac
}

# What is fetched can be away for a while, or come too slowly.
count_fetch() {
	case $2 in
	124) echo 0 0 1 ;;
	*) count_one "$@" ;;
	esac
}

# --- jobs ---

# Whether a process of group $1 runs. One that has ended and only waits to be noticed by init does not count.
group_lives() {
	kill -0 -- "-$1" 2>/dev/null || return 1
	cat /proc/[0-9]*/stat 2>/dev/null | sed 's/.*) //' | awk -v group="$1" '$3 == group && $1 != "Z" { found = 1 } END { exit !found }'
}

# run_job COUNT TITLE TIMEOUT_S COMMAND...
# timeout(1) leads a process group of its own, so what a job leaves behind can be found, ended and held against it. The status is that of the
# command.
run_job() {
	local count=$1 title=$2 limit=$3 rc group passed failed skipped log start=$EPOCHREALTIME
	shift 3
	log=$(mktemp "$out/log.XXXXXX")
	timeout -k 5 "$limit" "$@" </dev/null >"$log" 2>&1 &
	group=$!
	echo "$group" >"$log.group"
	wait "$group" 2>/dev/null
	rc=$?
	rm -f "$log.group"
	if ((rc == 124 || rc == 137)); then
		echo "ended after $limit s" >>"$log"
	elif ((rc > 128)); then
		echo "died of signal $((rc - 128))" >>"$log"
	fi
	if group_lives "$group" && sleep 1 && group_lives "$group"; then
		kill -KILL -- "-$group" 2>/dev/null
		((rc != 0)) || echo "left processes behind" >>"$log"
		((rc != 0)) || rc=1
	fi
	read -r passed failed skipped <<<"$("count_$count" "$log" "$rc")"
	echo "$passed $failed $skipped" >"$log.count"
	(
		flock 9
		report "$title" "$passed" "$failed" "$skipped" "$log" "$start"
	) 9>"$out/lock"
	return "$rc"
}

report() {
	local title=$1 passed=$2 failed=$3 skipped=$4 log=$5 start=$6 verdict=ok note=''
	local ms=$(((${EPOCHREALTIME/[.,]/} - ${start/[.,]/}) / 1000))
	((passed + failed + skipped < 2)) || note="$passed passed, $failed failed, "
	((skipped == 0)) || verdict=skipped
	((passed == 0)) || verdict=ok
	((failed == 0)) || verdict=FAILED
	printf '%-8s %s (%s%d.%d s)\n' "$verdict" "$title" "$note" $((ms / 1000)) $((ms % 1000 / 100))
	((failed == 0)) || sed 's/^/    /' "$log"
	[[ $verdict != skipped ]] || tail -n 1 "$log" | sed 's/^/    /'
}

# Starts a job as soon as one of the cores is free. The one that only takes what others leave of them does not count.
start() {
	while (($(jobs -rp | grep -cvx "${beside:-none}") >= jobs)); do
		wait -n || true
	done
	run_job "$@" &
}

# build TITLE TARGETS... VARIABLES...: in the foreground, make has the cores.
build() {
	local title=$1
	shift
	wait
	run_job one "$title" 1800 "$MAKE" --no-print-directory -k -j"$jobs" DEPS=0 "$@"
}

where() { "$MAKE" --no-print-directory -s where "$@"; }

# --- stages ---

unit_tests() {
	local dir=$1 what=$2 t
	for t in tests/test_*.c; do
		t=${t%.c}
		[[ -x $dir/$t ]] && start cmocka "$what ${t#tests/}" $UNIT_TIMEOUT_S "$dir/$t"
	done
}

# They wait more than they work. A file without #! is there to be sourced. One that is not executable fails, so a test is not
# forgotten silently.
e2e_tests() {
	local t jobs=$((2 * jobs))
	for t in tests/e2e/*.sh; do
		[[ -f $t && $(head -c 2 "$t") == '#!' ]] && start one "e2e ${t#tests/e2e/}" $E2E_TIMEOUT_S "$t"
	done
}

# The packages, in a Debian that is fetched once: it waits for the network, then for the disk.
package_tests() {
	start one package $PACKAGE_TIMEOUT_S tests/package.sh
}

# Guests with simulated hardware. They wait more than they work, so they run beside what comes next.
hil_tests() {
	local t
	build 'build (what guests need)' WERROR=1 hil-tools
	i586_libraries
	run_job one 'hil kit' $HIL_TIMEOUT_S tests/hil/kit.sh "$RUNNEL_BUILD/hil-kit"
	for t in $(tests/hil/run.sh --list); do
		start one "hil $t" $HIL_TIMEOUT_S "tests/hil/$t.sh"
	done
}

# The seeds first, so that a known crash fails at once and by name; then new inputs. What is found new stays in the
# build directory, and so does an input that crashes.
fuzz_one() {
	local dir=$1 name=$2 seeds=tests/fuzz/corpus/$2 options=()
	local work=$dir/fuzz-corpus/$name bin=$dir/tests/fuzz/fuzz_$name
	mkdir -p "$work" "$dir/fuzz-crashes"
	options+=("-artifact_prefix=$dir/fuzz-crashes/$name-" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1)
	[[ ! -f tests/fuzz/$name.dict ]] || options+=("-dict=tests/fuzz/$name.dict")
	if compgen -G "$seeds/*" >/dev/null; then
		"$bin" "${options[@]}" "$seeds"/* || return 1
		work+=" $seeds"
	fi
	# shellcheck disable=SC2086 # one or two directories, whose names we chose
	"$bin" "${options[@]}" -max_total_time="$FUZZ_SECONDS" $work
}

fuzzers() {
	local dir name
	compgen -G 'tests/fuzz/fuzz_*.c' >/dev/null || return 0
	build 'build fuzzers (clang)' fuzzers SAN=fuzz CC=clang
	dir=$(where SAN=fuzz CC=clang)
	for name in tests/fuzz/fuzz_*.c; do
		name=${name#tests/fuzz/fuzz_}
		name=${name%.c}
		if [[ -x $dir/tests/fuzz/fuzz_$name ]]; then
			start one "fuzz $name" $((FUZZ_SECONDS * 2 + 60)) "$0" fuzz-one "$dir" "$name"
		fi
	done
}

# Other processors. Unit tests where the code differs most from that of here: 64-bit Arm, ARMv6 without an FPU, i586. ARMv6 with an FPU is the
# same code as the first two; its programs are run. Nothing here looks at debug information, which costs a fifth of the time.
cross_tests() {
	start one 'cross: the gate for instructions' 120 tests/cross/isacheck_fails.sh
	start one 'cross: what is refused' 600 tests/cross/refusals.sh
	cross_target aarch64 && cross_programs aarch64 && cross_units aarch64
	cross_target armv6 && cross_instructions armv6 && cross_programs armv6 && cross_packages armv6
	cross_target armv6-static && cross_instructions armv6-static && cross_programs armv6-static && cross_units armv6-static
	cross_i586
}

# The libraries of i586 are all made from sources, which takes minutes: beside guests and end-to-end tests, which wait more than they work, with
# what these leave of the cores.
i586_libraries() {
	mkdir -p "$RUNNEL_BUILD"
	{
		run_job fetch 'cross: libraries of i586-static' $SYSROOT_TIMEOUT_S nice -n 19 "$0" libraries i586-static CROSS_DIR="$RUNNEL_BUILD/cross" &&
			touch "$out/i586"
	} &
	beside=$!
}

# In a directory of its own: its programs reach no broker, see tests/cross/i586_programs.sh, and must not stand where a user's are.
cross_i586() {
	local own=(BUILD="$RUNNEL_BUILD/stand-in" CROSS_DIR="$RUNNEL_BUILD/cross")
	wait
	[[ -e $out/i586 ]] || return
	cross_build i586-static "${own[@]}" || return
	start one 'cross: programs of i586-static, but for MQTT' 600 env CFLAGS=-O2 BUILD="$RUNNEL_BUILD" tests/cross/i586_programs.sh
	cross_units i586-static "${own[@]}"
}

# What `make check` has no time for.
cross_more() {
	local suite few='test_wire test_agg test_loop test_gpio test_spool test_timestamp test_unit_time test_yaml test_json_in test_envelope test_mqtt_paho test_op_lua'
	cross_target armv6 && build 'build (tests of armv6)' CROSS=armv6 CFLAGS=-O2 tests units-tools && cross_units armv6
	cross_target armv7 && cross_programs armv7 && cross_units armv7
	cross_target aarch64 SUITE=trixie && cross_programs aarch64 SUITE=trixie && cross_units aarch64 SUITE=trixie TESTS="$few"
	cross_target armv7 SUITE=trixie && cross_programs armv7 SUITE=trixie && cross_units armv7 SUITE=trixie TESTS="$few"
	for suite in bookworm trixie; do
		start one "cross: packages of aarch64, $suite, from the sources" 1800 env LINTIAN=1 tests/cross/debs.sh aarch64 "$suite"
		start one "cross: packages of armv6, $suite, from the sources" 1800 env LINTIAN=1 tests/cross/debs.sh armv6 "$suite"
	done
	wait
	[[ ! -x $RUNNEL_BUILD/aarch64/runnel ]] || run_job one 'cross: with the environment of an SDK' 900 tests/cross/sdk.sh "$RUNNEL_BUILD/cross/bookworm-arm64" "$RUNNEL_BUILD/sdk" \
		env QEMU_CPU=cortex-a53 qemu-aarch64-static -L "$RUNNEL_BUILD/cross/bookworm-arm64"
	[[ ! -x $RUNNEL_BUILD/armv6/runnel ]] || run_job one 'cross: the same bytes elsewhere, armv6' 1800 tests/cross/reproducible.sh armv6
	[[ ! -x $RUNNEL_BUILD/armv6-static/runnel ]] || run_job one 'cross: the same bytes elsewhere, armv6-static' 1800 tests/cross/reproducible.sh armv6-static
	[[ ! -x $RUNNEL_BUILD/stand-in/i586-static/runnel ]] || run_job one 'cross: the same bytes elsewhere, i586-static' 1800 \
		env BUILD="$RUNNEL_BUILD/stand-in" CROSS_DIR="$RUNNEL_BUILD/cross" PAHO_SRC="$RUNNEL_BUILD/stand-in/paho" tests/cross/reproducible.sh i586-static
}

# title_of TARGET VARIABLE...: what tells two apart.
title_of() {
	grep -oxE '[a-z0-9-]+|SUITE=.*' <<<"$(printf '%s\n' "$@")" | paste -sd ' '
}

# A target whose libraries cannot be had is skipped, with the reason.
cross_target() {
	run_job fetch "cross: libraries of $(title_of "$@")" $SYSROOT_TIMEOUT_S "$0" libraries "$@" && cross_build "$@"
}

cross_build() {
	local what=(all)
	[[ $1 == armv6 || $* == *SUITE=* ]] || what+=(tests units-tools)
	build "build ($(title_of "$@"))" CROSS="$1" CFLAGS=-O2 "${@:2}" "${what[@]}"
}

cross_programs() {
	start one "cross: programs of $(title_of "$@")" 300 "$MAKE" --no-print-directory CROSS="$1" CFLAGS=-O2 "${@:2}" publish-strictly
}

# Of programs that are here already; `make cross-all` compiles them as `make deb` does.
cross_packages() {
	start one "cross: packages of $1" 600 env PREBUILT="$RUNNEL_BUILD/$1" tests/cross/debs.sh "$1"
}

cross_instructions() {
	start one "cross: no instruction that $1 has not" 300 "$MAKE" --no-print-directory CROSS="$1" CFLAGS=-O2 "${@:2}" isacheck
}

# They have the cores for themselves: emulated time-outs are the same as real ones.
cross_units() {
	wait
	run_job units "cross: unit tests of $(title_of "$@")" $EMULATED_TIMEOUT_S "$MAKE" --no-print-directory CROSS="$1" CFLAGS=-O2 "${@:2}" units
}

lint() {
	local rule
	for rule in $(tests/lint.sh --list); do
		start one "lint $rule" $LINT_TIMEOUT_S tests/lint.sh "$rule"
	done
}

summary() {
	wait
	cat "$out"/*.count /dev/null | awk '
		{ passed += $1; failed += $2; skipped += $3 }
		END {
			if (NR == 0) failed = 1
			printf "\n%d passed, %d failed%s\n", passed, failed, skipped ? ", " skipped " skipped" : ""
			exit failed > 0
		}'
}

case $mode in
fuzz-one)
	fuzz_one "$2" "$3"
	exit
	;;
libraries) # TARGET VARIABLE...; in one line why not
	said=$("$MAKE" --no-print-directory CROSS="$2" "${@:3}" build-deps 2>&1) && exit
	said=$(grep -v '^make' <<<"$said" | tail -n 20)
	echo "$said"
	[[ $said != skipped:* ]] || exit 77
	exit 1
	;;
fuzz)
	tests/deps.sh require build check || exit 1
	fuzzers
	;;
cross)
	tests/deps.sh require build check package cross || exit 1
	build 'build (gcc)' all
	RUNNEL_BUILD=$(realpath -m "$(where)")
	i586_libraries
	cross_tests
	cross_more
	;;
check)
	tests/deps.sh require build check hil package cross || exit 1
	build 'build (gcc)' WERROR=1 all tests benches swarm-tools
	RUNNEL_BUILD=$(realpath -m "$(where)")
	export RUNNEL_BUILD
	unit_tests "$RUNNEL_BUILD" unit
	hil_tests
	package_tests
	e2e_tests
	cross_tests
	build 'build (gcc, address and undefined behaviour sanitizers)' SAN=1 all tests
	unit_tests "$(where SAN=1)" sanitized
	build 'build (clang)' WERROR=1 CC=clang all tests benches swarm-tools
	fuzzers
	lint
	;;
*)
	echo "usage: run.sh [check|cross|fuzz]" >&2
	exit 64
	;;
esac
summary
