#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What static programs need and Debian has no archive of: cmocka, for the unit tests. armv6-static-libs.sh DIR
set -euo pipefail
here=$(realpath "$(dirname "$0")")
dir=$(realpath -m "${1:?where to}")
[[ ! -e $dir/libcmocka.a ]] || exit 0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck disable=SC2034 # sources.sh takes them
cc=arm-linux-gnueabi-gcc ar=arm-linux-gnueabi-ar cflags=(-march=armv6 -marm -mfloat-abi=soft)
# shellcheck source=/dev/null
. "$here/sources.sh"
fetch cmocka/bookworm
mkdir -p "$dir"
# shellcheck disable=SC2154 # from sources.sh
archive "$dir/libcmocka.a" "$work/cmocka" src/cmocka.c "${cmocka_flags[@]}"
