#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The one list of Debian packages, and how to get those that are missing.
#   deps.sh list|install|ensure|require GROUP...       groups: build, demo, hil, cross, cross-check, package, check
# install installs or fails. ensure is for `make`: it installs as root on a Debian-like system, else names what is
# missing and lets the build go on, for the libraries may have come another way. require is ensure, but fails instead.
set -euo pipefail

packages_of() {
	case $1 in
	build)
		echo gcc libc6-dev make pkg-config libuv1-dev liblua5.4-dev libyaml-dev libjansson-dev libssl-dev libsqlite3-dev libpaho-mqtt-dev \
			libmicrohttpd-dev libgpiod-dev libnanopb-dev nanopb protobuf-compiler python3-protobuf libi2c-dev \
			libcurl4-openssl-dev librdkafka-dev
		;;
	demo)
		echo mosquitto
		;;
	hil)
		echo gcc make xz-utils kmod cpio jq qemu-system-x86 nbdkit e2fsprogs qemu-system-arm gcc-arm-linux-gnueabihf gcc-arm-linux-gnueabi gcc-aarch64-linux-gnu systemd mosquitto
		;;
	cross)
		echo gcc make perl xz-utils pkg-config nanopb protobuf-compiler python3-protobuf qemu-user-static gcc-aarch64-linux-gnu \
			gcc-arm-linux-gnueabihf gcc-arm-linux-gnueabi gcc-i686-linux-gnu libc6-dev-armel-cross libc6-dev-i386-cross tcl
		;;
	cross-check)
		echo gcc clang qemu-user-static gcc-aarch64-linux-gnu gcc-arm-linux-gnueabihf gcc-arm-linux-gnueabi gcc-i686-linux-gnu \
			libc6-dev-arm64-cross libc6-dev-armhf-cross libc6-dev-armel-cross libc6-dev-i386-cross
		;;
	package)
		echo debhelper dpkg-dev lintian mmdebstrap man-db zsh fish
		;;
	check)
		echo libcmocka-dev mosquitto mosquitto-clients minisign curl valgrind openssl sqlite3 postgresql influxdb kcat python3-prometheus-client jq python3 python3-jsonschema python3-yaml python3-scipy \
			clang libclang-rt-14-dev llvm clang-format cppcheck shellcheck systemd locales
		;;
	*)
		echo "deps: no group '$1'; there are: build, demo, hil, cross, cross-check, package, check" >&2
		exit 64
		;;
	esac
}

action=${1:-list}
shift || true
packages=()
for group in "${@:-build}"; do
	members=$(packages_of "$group")
	read -ra members <<<"$members"
	packages+=("${members[@]}")
done

# Prints the packages that are not installed.
missing() {
	{ dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${packages[@]}" 2>/dev/null || true; } |
		awk -v want="${packages[*]}" '
			$1 == "installed" { have[$2] }
			END { n = split(want, w, " "); for (i = 1; i <= n; i++) if (!(w[i] in have)) printf "%s ", w[i] }'
}

apt() {
	DEBIAN_FRONTEND=noninteractive apt-get -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 -y -qq "$@"
}

install_packages() {
	local log
	log=$(mktemp)
	printf 'installing %s\n' "$*" >&2
	# An update may fail for one source of many; the installation then says whether it matters.
	if apt update >"$log" 2>&1 || true; apt install --no-install-recommends "$@" >>"$log" 2>&1; then
		rm -f "$log"
		return
	fi
	cat "$log" >&2
	rm -f "$log"
	return 1
}

if [[ $action == list ]]; then
	printf '%s\n' "${packages[@]}"
	exit
fi
if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
	[[ $action == install ]] || exit 0
	printf 'deps: not a Debian-like system; install the equivalents of: %s\n' "${packages[*]}" >&2
	exit 1
fi
read -ra absent <<<"$(missing)"
[[ ${#absent[@]} -gt 0 ]] || exit 0
if [[ $(id -u) == 0 ]]; then
	install_packages "${absent[@]}" || [[ $action == ensure ]]
	exit
fi
printf 'missing packages; please run: sudo apt-get install %s\n' "${absent[*]}" >&2
[[ $action == ensure ]]
