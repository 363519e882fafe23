#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `make deb` gives the same bytes in another directory, with another umask, time zone, locale and number of jobs, and compiled anew:
# package_twice.sh [TARGET...], by default for this machine; a TARGET is as in CROSS=. Prints the sums. Two builds each: tests/package.sh, which
# make check runs, only packs twice.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v dpkg-buildpackage >/dev/null || { echo 'skipped: no dpkg-buildpackage' && exit 77; }
build=$(realpath -m "${BUILD:-build}")
mkdir -p "$build"
work=$(mktemp -d -p "$build")
trap 'rm -rf "$work"' EXIT
unset MAKELEVEL MAKEFLAGS
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || stat -c %Y Makefile)
export SOURCE_DATE_EPOCH CCACHE_DISABLE=1

# debs BUILD VARIABLE...: the names of the packages, as make tells them
debs() {
	"${MAKE:-make}" --no-print-directory -s BUILD="$1" "${@:2}" deb | grep '\.deb$'
}

mkdir -p "$work/elsewhere/tree/build"
tar -c --exclude=./.git --exclude="./${build##*/}" . | tar -x -C "$work/elsewhere/tree"
[[ ! -d $build/cross ]] || cp -al "$build/cross" "$work/elsewhere/tree/build/"
# Start files for ARMv6 name their own place.
rm -rf "$work"/elsewhere/tree/build/cross/*-armv6-rt
for target in "${@:-}"; do
	options=(${target:+"CROSS=$target"} ${SUITE:+"SUITE=$SUITE"})
	readarray -t here < <(debs "$build" -j1 "${options[@]}")
	((${#here[@]} > 0)) || { echo "FAILED: no packages${target:+ for $target}" && exit 1; }
	(cd "$work/elsewhere/tree" && umask 077 && TZ=Asia/Kathmandu LC_ALL=C.UTF-8 debs build -j3 "${options[@]}" >/dev/null)
	for deb in "${here[@]}"; do
		if ! cmp "$deb" "$work/elsewhere/tree/build/${deb##*/}"; then
			for side in "$deb" "$work/elsewhere/tree/build/${deb##*/}"; do
				mkdir "$work/$((++n))"
				dpkg-deb -R "$side" "$work/$n"
			done
			echo "FAILED: $(diff -rq "$work/$((n - 1))" "$work/$n")"
			exit 1
		fi
	done
	(cd "$build" && sha256sum -- "${here[@]##*/}")
done
