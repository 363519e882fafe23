#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The Debian packages of a target: debs.sh TARGET [SUITE] makes them as `make CROSS=TARGET SUITE=SUITE deb` does, from
# the sources, and looks at what a board would be given: its architecture, dependencies that every board of that release can meet, files where they
# belong, nothing that lintian objects to, programs that run with the libraries of the release. PREBUILT=DIR takes the programs from there.
# LINTIAN=1 has the lintian of SUITE look too, in a Debian that is fetched once; without it, and where there is none, that of this machine.
set -euo pipefail
cd "$(dirname "$0")/../.."
target=${1:?target} suite=${2:-bookworm}
build=$(realpath -m "${BUILD:-build}")
make=(env -u MAKEFLAGS -u MAKELEVEL "${MAKE:-make}" --no-print-directory CROSS="$target" SUITE="$suite" CROSS_DIR="$build/cross")
unset SYSROOT DEB_BUILD_OPTIONS
debs=$build/debs/$target-$suite${PREBUILT:+-prebuilt} # not a new place each time, so that ccache knows it
rm -rf "$debs"
mkdir -p "$debs"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
fail() {
	echo "FAILED: $*"
	failures=$((failures + 1))
}
skip() {
	echo "skipped: $*"
	exit 77
}
for program in dpkg-buildpackage dh lintian; do
	command -v "$program" >/dev/null || skip "no $program here"
done
arch=$(sed -n 's/^DEB_ARCH *:= *//p' "cross/$target.mk")
sysroot=$build/cross/$suite-$arch

# What a release has had from its first day, so that a board that never saw an update takes the package; and who has which library.
common='libc6 2.36|libpaho-mqtt1.3 1.3.12|libsqlite3-0 3.40.1'
case $suite in
bookworm)
	release=12 lib=lib
	agent="$common|libgpiod2 1.6.3|libi2c0 4.3|liblua5.4-0 5.4.4|libssl3 3.0.9|libuv1 1.44.2|libyaml-0-2 0.2.5"
	collector="$common|libcurl4 7.88.1|libjansson4 2.14|libmicrohttpd12 0.9.75|librdkafka1 2.0.2|libuv1 1.44.2"
	;;
trixie)
	release=13 lib=usr/lib
	common='libc6 2.41|libpaho-mqtt1.3 1.3.14|libsqlite3-0 3.46.1'
	agent="$common|libgpiod3 2.2.1|libi2c0 4.4|liblua5.4-0 5.4.7|libssl3t64 3.5.1|libuv1t64 1.50.0|libyaml-0-2 0.2.5"
	collector="$common|libcurl4t64 8.14.1|libjansson4 2.14|libmicrohttpd12t64 1.0.1|librdkafka1 2.8.0|libuv1t64 1.50.0"
	;;
*) echo "debs: SUITE is bookworm or trixie, not '$suite'" >&2 && exit 64 ;;
esac

# --- made ---
if ! "${make[@]}" BUILD="$build" build-deps >"$work/deps.log" 2>&1; then
	! grep '^skipped: ' "$work/deps.log" || exit 77
	cat "$work/deps.log"
	exit 1
fi
[[ ! -v PREBUILT ]] || export PREBUILT
"${make[@]}" BUILD="$debs" deb >"$work/made" 2>"$work/make.log" || { cat "$work/make.log" && fail 'there are no packages' && exit 1; }
version=$(sed -n 's/^VERSION *:= *//p' Makefile)
printf '%s\n' "$debs/runnel-collector_$version~deb${release}_$arch.deb" "$debs/runnel_$version~deb${release}_$arch.deb" >"$work/expected"
sort "$work/made" | diff "$work/expected" - || fail 'other packages are made than expected'

# --- what is said of them ---
read -ra emulator <<<"$("${make[@]}" BUILD="$build" emulator)"
says() { "${emulator[@]}" "$work/root/usr/bin/$1" "${@:2}" 2>&1; }

# dependencies PACKAGE DEB EXPECTED: each expected one is there, no other, and none asks for more than the first day of the release had.
dependencies() {
	local expected=$3 name version least
	dpkg-deb -f "$2" Depends | tr ',' '\n' | sed 's/^ *//' >"$work/depends"
	grep -v ' | ' "$work/depends" | sed 's/ .*//' | LC_ALL=C sort >"$work/names"
	tr '|' '\n' <<<"$expected" | sed 's/ .*//' | LC_ALL=C sort | diff - "$work/names" || fail "$1 depends on: $(paste -sd, "$work/depends")"
	while read -r name version; do
		least=$(sed -n "s/^$name (>= \(.*\))\$/\1/p" "$work/depends")
		[[ -z $least ]] || dpkg --compare-versions "$least" le "$version" || fail "$1 wants $name $least, the first Debian $release had $version"
		grep -q "^$name=" "$sysroot/manifest" || fail "Debian $release has no $name"
	done < <(tr '|' '\n' <<<"$expected")
}

# files PACKAGE FILE...: these and documentation, and no other.
files() {
	(cd "$work/root" && find . -type f ! -path "./usr/share/doc/$1/*" | sed 's|^\./||') | LC_ALL=C sort >"$work/files"
	printf '%s\n' "${@:2}" | LC_ALL=C sort | diff - "$work/files" || fail "$1 has other files than expected"
	[[ -s $work/root/usr/share/doc/$1/copyright && -s $work/root/usr/share/doc/$1/changelog.gz ]] || fail "$1 has no copyright or changelog"
	[[ -z $(find "$work/root" ! -type f ! -type d) ]] || fail "$1 has more than files"
	[[ -z $(find "$work/root" -perm /6022) ]] || fail "$1: $(find "$work/root" -perm /6022) may be written by others, or runs as another"
}

# looked_at PACKAGE DEPENDENCIES FILE...
looked_at() {
	local deb=$debs/$1_$version~deb${release}_$arch.deb
	rm -rf "$work/root"
	dpkg-deb -x "$deb" "$work/root"
	[[ $(dpkg-deb -f "$deb" Architecture) == "$arch" ]] || fail "$1 is for $(dpkg-deb -f "$deb" Architecture)"
	[[ $(dpkg-deb -f "$deb" Version) == "$version~deb$release" ]] || fail "$1 is of version $(dpkg-deb -f "$deb" Version)"
	dependencies "$1" "$deb" "$2"
	files "$1" "usr/bin/$1" "usr/share/man/man1/$1.1.gz" "usr/share/bash-completion/completions/$1" \
		"usr/share/fish/vendor_completions.d/$1.fish" "usr/share/zsh/vendor-completions/_$1" "${@:3}"
	[[ $(says "$1" --version) == "$1 $version" ]] || fail "$1 says: $(says "$1" --version)"
	# shellcheck disable=SC2016
	gzip -dc "$work/root/usr/share/man/man1/$1.1.gz" | grep -q '^\.TH' || fail "$1 has no man page"
}

looked_at runnel-collector "$collector" "$lib/systemd/system/runnel-collector.service"
looked_at runnel "$agent" etc/runnel/runnel.yaml usr/share/man/man5/runnel.yaml.5.gz usr/lib/sysusers.d/runnel.conf usr/lib/tmpfiles.d/runnel.conf \
	"$lib/systemd/system/runnel.service" "$lib/systemd/system/runnel-clock.service" "$lib/udev/rules.d/60-runnel.rules"
says runnel check "$work/root/etc/runnel/runnel.yaml" >"$work/check" || fail "the config of the package: $(cat "$work/check")"

# --- lintian ---
# Kept as a directory that is not written to.
lintian_root=$build/lintian-$suite
get_lintian() {
	((EUID == 0)) || { echo 'only root can make one' && return 1; }
	unshare --mount true 2>/dev/null || { echo 'nothing can be mounted here' && return 1; }
	command -v mmdebstrap >/dev/null || { echo 'no mmdebstrap here' && return 1; }
	exec 9>"$lintian_root.lock"
	flock 9
	[[ ! -e $lintian_root/usr/bin/lintian ]] || return 0
	rm -rf "$lintian_root.new"
	mmdebstrap --mode=root --variant=minbase --include=lintian "$suite" "$lintian_root.new" \
		"deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${MIRROR:-http://deb.debian.org/debian} $suite main" >"$work/lintian.log" 2>&1 ||
		{ grep -m 1 '^E:' "$work/lintian.log" && rm -rf "$lintian_root.new" && return 1; }
	mv "$lintian_root.new" "$lintian_root"
}
by="of $(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)"
lintian --allow-root --fail-on error,warning "$debs"/*.deb >"$work/lintian.log" 2>&1 || fail "lintian: $(cat "$work/lintian.log")"
if [[ -n ${LINTIAN:-} && $by != "of $suite" ]]; then
	if reason=$(get_lintian); then
		by+=" and of $suite"
		# shellcheck disable=SC2016 # the inner shell's; perl wants a /dev/null, and a place for what it unpacks
		unshare --mount sh -c 'mount -t tmpfs tmpfs "$1/tmp" && mount --bind "$2" "$1/mnt" && mount --rbind /dev "$1/dev" && mount -t proc proc "$1/proc" && cd / &&
			exec chroot "$1" env -i PATH=/usr/sbin:/usr/bin LC_ALL=C.UTF-8 sh -c "exec lintian --allow-root --fail-on error,warning /mnt/*.deb"' \
			sh "$lintian_root" "$debs" >"$work/lintian.log" 2>&1 || fail "lintian of $suite: $(cat "$work/lintian.log")"
	else
		by+=" (that of $suite cannot be had: $reason)"
	fi
fi
((failures == 0)) || exit 1
echo "lintian $by; $(cd "$debs" && stat -c '%n %s bytes' -- *.deb | paste -sd , | sed 's/,/, /')"
