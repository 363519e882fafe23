#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# How large programs, packages and tarballs are, and how long a program takes to start: of this machine and of each target that
# has been built in the same directory (make CROSS=..., make deb, make dist).
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"

title 'sizes: stripped programs, and the start of one that says its version, median of 21' \
	'other processors by QEMU, whose own start is in it: compare these with each other only'

# start_ms COMMAND...: wall time of COMMAND --version
start_ms() {
	local i from
	for ((i = 0; i < 21; i++)); do
		from=${EPOCHREALTIME/[.,]/}
		"$@" --version >/dev/null
		echo $((${EPOCHREALTIME/[.,]/} - from))
	done | median | awk '{ printf "%.1f", $1 / 1000 }'
}

# variable TARGET NAME: of cross/TARGET.mk
variable() {
	sed -n "s/^$2 *:= *//p" "$top/cross/$1.mk"
}

# row NAME DIRECTORY EMULATOR...
row() {
	local name=$1 programs=$2 strip=strip
	shift 2
	[[ $name == here ]] || strip=$(variable "$name" TRIPLET)-strip
	have "$strip" || { skip "$name: there is no $strip" && return; }
	"$strip" -o "$dir/runnel" "$programs/runnel"
	"$strip" -o "$dir/runnel-collector" "$programs/runnel-collector"
	printf '   %-14s %14s %14s %10s\n' "$name" "$(stat -L -c %s "$dir/runnel")" "$(stat -L -c %s "$dir/runnel-collector")" \
		"$(start_ms "$@" "$dir/runnel")"
}

printf '   %-14s %14s %14s %10s\n' target 'runnel, bytes' 'collector' 'start, ms'
row here "$bin"
for makefile in "$top"/cross/*.mk; do
	target=$(basename "$makefile" .mk)
	[[ -x $bin/$target/runnel ]] || continue
	emulator=$(variable "$target" QEMU)
	have "$emulator" || { skip "$target: there is no $emulator" && continue; }
	row "$target" "$bin/$target" env QEMU_CPU="$(variable "$target" QEMU_CPU)" "$emulator" \
		-L "$bin/cross/bookworm-$(variable "$target" DEB_ARCH)"
done

printf '\n   %-48s %10s %16s\n' 'package or tarball' bytes 'unpacked, bytes'
for file in "$bin"/*.deb "$bin"/*.tar.gz; do
	[[ -e $file ]] || continue
	case $file in
	*.deb) unpacked=$(dpkg-deb --fsys-tarfile "$file" | tar -tv | awk '{ n += $3 } END { print n }') ;;
	*) unpacked=$(tar -tvzf "$file" | awk '{ n += $3 } END { print n }') ;;
	esac
	printf '   %-48s %10s %16s\n' "${file##*/}" "$(stat -L -c %s "$file")" "$unpacked"
done
