#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `make dist` gives the same bytes in another directory, with another sysroot, umask, time zone and locale: reproducible.sh TARGET, which was built
# in $BUILD (build) with what is in $CROSS_DIR ($BUILD/cross). PAHO_SRC= is for i586-static.
set -euo pipefail
cd "$(dirname "$0")/../.."
target=${1:?target}
build=$(realpath "${BUILD:-build}")
cross=$(realpath "${CROSS_DIR:-$build/cross}")
work=$(mktemp -d -p "$build")
trap 'rm -rf "$work"' EXIT
unset MAKELEVEL MAKEFLAGS
dist() { # BUILD CROSS_DIR
	"${MAKE:-make}" --no-print-directory -s -j"$(nproc)" CROSS="$target" BUILD="$1" CROSS_DIR="$2" dist | tail -n 1
}

SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || echo 1000000000)
export SOURCE_DATE_EPOCH
here=$(dist "$build" "$cross")
cp -a "$here" "$work/here.tar.gz"
mkdir -p "$work/elsewhere/build/cross"
not=(--exclude=./.git --exclude=./build)
if [[ $build == "$PWD"/* ]]; then
	within=${build#"$PWD/"}
	not+=(--exclude="./${within%%/*}")
fi
tar -c "${not[@]}" . | tar -x -C "$work/elsewhere"
cp -al "$cross"/* "$work/elsewhere/build/cross/"
# Start files for ARMv6 name their own place.
rm -rf "$work"/elsewhere/build/cross/*-armv6-rt
there=$(cd "$work/elsewhere" && umask 077 && TZ=Asia/Kathmandu LC_ALL=C.UTF-8 dist build build/cross)
if cmp "$work/here.tar.gz" "$work/elsewhere/$there"; then
	sha256sum <"$work/here.tar.gz"
else
	mkdir "$work/1" "$work/2"
	tar -xzf "$work/here.tar.gz" -C "$work/1"
	tar -xzf "$work/elsewhere/$there" -C "$work/2"
	echo "FAILED: $(diff -rq "$work/1" "$work/2")"
	exit 1
fi
