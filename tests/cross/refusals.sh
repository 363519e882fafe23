#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What cannot be built for another board is refused in one line that says what to do, before anything is compiled.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
make=$(command -v "${MAKE:-make}")
unset MAKEFLAGS MAKELEVEL MFLAGS CROSS SUITE SYSROOT CC
passed=0 failed=0

# refused WHAT EXPECTED VARIABLE...: the one line that is not make's own about a rule that failed.
refused() {
	local what=$1 expected=$2 rc=0 said
	shift 2
	timeout 120 "$make" --no-print-directory BUILD="$work/build" "$@" >"$work/log" 2>&1 </dev/null || rc=$?
	said=$(grep -v '^make.* Error [0-9]*$' "$work/log")
	if ((rc != 0)) && [[ $said != *$'\n'* && $said =~ $expected ]]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED   $what: status $rc:" && sed 's/^/    /' "$work/log"
	fi
}

# path_without TOOL...: a PATH that has all but these.
path_without() {
	local dir
	dir=$(mktemp -d -p "$work")
	find /usr/sbin /usr/bin /sbin /bin -maxdepth 1 -executable ! -type d -print0 | xargs -0 ln -sft "$dir"
	(cd "$dir" && rm -f "$@")
	echo "$dir"
}

nothing_there() { MIRROR=http://127.0.0.1:1/debian refused "$@"; }
without() {
	local tool=$1 path
	shift
	path=$(path_without "$tool")
	PATH=$path refused "no $tool" "no $tool here; on Debian: apt-get install [a-z0-9.-]+, or tests/deps.sh install cross" "$@"
}

refused 'an unknown target' 'CROSS=armv9 is not known here; there are: .*aarch64.*i586-static' CROSS=armv9
refused 'a part of the rules as target' 'CROSS=common is not known here' CROSS=common
refused 'an unknown release' 'SUITE=sarge is not known here; there are: bookworm trixie' CROSS=aarch64 SUITE=sarge
refused 'packages for what Debian has not' 'there are no packages for i586-static: make CROSS=i586-static dist' CROSS=i586-static deb
refused 'no target' 'dist is for a target: make CROSS=armv6-static dist' dist
refused 'a target for which there are no sources of paho' 'PAHO_SRC=' CROSS=i586-static PAHO_SRC="$work/none"
nothing_there 'packages that cannot be had' 'packages of bookworm for arm64 cannot be had from http://127.0.0.1:1/debian; MIRROR= is another one' CROSS=aarch64
nothing_there 'sources that cannot be had' 'sources cannot be had from http://127.0.0.1:1/debian; MIRROR= is another one' CROSS=i586-static
without aarch64-linux-gnu-gcc CROSS=aarch64
without arm-linux-gnueabihf-gcc CROSS=armv7
without i686-linux-gnu-gcc CROSS=i586-static
without arm-linux-gnueabi-gcc CROSS=armv6
without pkg-config CROSS=armv6
without protoc CROSS=armv6-static
printf '%d passed, %d failed\n' "$passed" "$failed"
((failed == 0))
