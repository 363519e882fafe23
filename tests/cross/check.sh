#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The pipelines, compiled in other ways and for other processors and run under qemu-user, must give the same bits as here: `make cross-check`.
# A compiler that is not here is skipped and said so. `check.sh here` only prints what it is here: `make CROSS=... check` compares with that.
#
# The x87 of 32-bit x86 without SSE (Quark, Pentium) computes with 64 bits where a double has 53, and rounds twice: 25 of the 60 results
# differ. -mpc64, given to the linker too, sets the unit to 53 bits when the program starts, and all are the same. -fexcess-precision=standard
# does not help, it makes constants longer; -ffloat-store is not needed.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Without what needs libraries that are not there for each target.
mapfile -t sources < <(grep -LE '<(uv|MQTTAsync|lua|lauxlib|pb|openssl|sqlite3)|lua_box\.h|base/loop\.h|base/mqtt|runnel\.pb|wire_is_window_length' base/*.c pipelines/*.c)
flags=(-std=gnu11 -O2 -ffp-contract=off -fno-fast-math -w -I. -D_FILE_OFFSET_BITS=64 -D_GNU_SOURCE)

compile() { # OUT COMPILER FLAG...
	local out=$1
	shift
	"$@" "${flags[@]}" -o "$out" tests/cross/exact.c "${sources[@]}" -lm
}

if [[ ${1:-} == here ]]; then
	compile "$work/here" gcc
	"$work/here"
	exit
fi
compile "$work/here" "${CC:-gcc}"
"$work/here" >"$work/here.txt"
[[ $(grep -c ^ "$work/here.txt") -gt 20 ]] || { echo "cross-check: nothing to compare" && exit 1; }
failed=0 passed=0 skipped=0

# target NAME QEMU COMPILER FLAG...
target() {
	local name=$1 emulator=$2 compiler=$3
	shift 2
	if ! command -v "$compiler" >/dev/null || { [[ -n $emulator ]] && ! command -v "$emulator" >/dev/null; }; then
		echo "skipped  $name: no $compiler or no $emulator"
		skipped=$((skipped + 1))
		return
	fi
	compile "$work/$name" "$@"
	"${emulator:-env}" "$work/$name" >"$work/$name.txt"
	if diff <(grep -v ^libm "$work/here.txt") <(grep -v ^libm "$work/$name.txt") >"$work/diff"; then
		printf 'ok       %s: %d results of the same bits; %d of %d with libm as well\n' "$name" \
			"$(grep -vc ^libm "$work/here.txt")" "$(comm -12 <(grep ^libm "$work/here.txt" | sort) <(sort "$work/$name.txt") | wc -l)" \
			"$(grep -c ^libm "$work/here.txt")"
		passed=$((passed + 1))
	else
		echo "FAILED   $name" && sed 's/^/         /' "$work/diff"
		failed=$((failed + 1))
	fi
}

x87=(-march=i586 -mfpmath=387 -mpc64)
target clang '' clang -O1
target gcc-O0 '' gcc -O0
target arm64 qemu-aarch64-static aarch64-linux-gnu-gcc -static
target armhf qemu-arm-static arm-linux-gnueabihf-gcc -static
target armel qemu-arm-static arm-linux-gnueabi-gcc -static
target i686-sse qemu-i386-static i686-linux-gnu-gcc -static -march=pentium4 -msse2 -mfpmath=sse
target i586-x87 qemu-i386-static i686-linux-gnu-gcc -static "${x87[@]}"
printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
((failed == 0))
