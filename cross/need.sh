#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Says in one line which tool is not here and where it comes from: need.sh TOOL...
set -euo pipefail
for tool in "$@"; do
	command -v "$tool" >/dev/null && continue
	case $tool in
	*-gcc) package=gcc-${tool%-gcc} ;;
	qemu-*-static) package=qemu-user-static ;;
	nanopb_generator*) package=nanopb ;;
	protoc) package=protobuf-compiler ;;
	xz) package=xz-utils ;;
	tclsh) package=tcl ;;
	apt-get | dpkg-deb)
		echo "no $tool here to fetch headers and libraries with: SYSROOT=DIR names those of your own, see docs/cross.md" >&2
		exit 1
		;;
	*) package=$tool ;;
	esac
	echo "no $tool here; on Debian: apt-get install $package, or tests/deps.sh install cross" >&2
	exit 1
done
