#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The headers and libraries of a Debian release for another architecture, in a directory: sysroot.sh SUITE ARCH DIR [PACKAGE...], as in
#   cross/sysroot.sh bookworm armhf /tmp/armhf && make CROSS=armv7 SYSROOT=/tmp/armhf
# `make CROSS=armv7` does so by itself. Without packages it is all that building and unit tests need, with DIR/manifest, which tells the
# versions, and DIR/DEBIAN/symbols and shlibs, by which a Debian package gets its dependencies. What is there is kept, unless other packages are asked for.
# By an apt state of its own: nothing is installed, no architecture is added and no root is needed. Only the suite's main: point
# releases. Exits with 77 when the packages cannot be had.
set -euo pipefail
here=$(realpath "$(dirname "$0")/..")
suite=${1:?suite} arch=${2:?architecture} dir=$(realpath -m "${3:?where to}")
mirror=${MIRROR:-http://deb.debian.org/debian}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

packages=("${@:4}")
if ((${#packages[@]} == 0)); then
	readarray -t packages < <("$here/tests/deps.sh" list build check | grep -- '-dev$' | grep -v '^libclang')
fi
mkdir -p "$(dirname "$dir")"
exec 9>"$dir.lock"
flock 9 # two builds at once want one of these
if [[ -e $dir/manifest && -e $dir/DEBIAN/symbols && "${packages[*]}" == "$(cat "$dir/packages" 2>/dev/null)" ]]; then
	exit 0
fi
rm -rf "$dir"
mkdir -p "$dir"/.apt/{state/lists/partial,cache/archives/partial,etc}
cd "$dir"
trap 'rm -rf "$dir/.apt"' EXIT
echo "${packages[*]}" >packages
echo "deb [signed-by=$keyring] $mirror $suite main" >.apt/etc/sources.list
apt=(apt-get -q -o Acquire::Retries=3 -o Acquire::http::Timeout=30 -o APT::Architecture="$arch" -o APT::Architectures="$arch" -o Dir::State="$dir/.apt/state"
	-o Dir::State::status=/dev/null -o Dir::Cache="$dir/.apt/cache" -o Dir::Etc::sourcelist="$dir/.apt/etc/sources.list"
	-o Dir::Etc::sourceparts=/dev/null)
if ! "${apt[@]}" update >apt.log 2>&1 ||
	! "${apt[@]}" install -y --download-only --no-install-recommends "${packages[@]}" >>apt.log 2>&1; then
	echo "skipped: packages of $suite for $arch cannot be had from $mirror; MIRROR= is another one, SYSROOT= a directory of your own: $(tail -n 1 apt.log)"
	exit 77
fi
mkdir -p usr/lib
ln -s usr/lib lib # a merged /usr, as installed systems have; base-files, which makes it, is not among the packages
for package in .apt/cache/archives/*.deb; do
	dpkg-deb --fsys-tarfile "$package" | tar -x --keep-directory-symlink
	# shellcheck disable=SC2016 # dpkg's own variables
	dpkg-deb -W --showformat='${Package}=${Version}\n' "$package" >>manifest.new
done
# A link to /lib/... is one into this directory.
find . -type l -lname '/*' -print0 | while IFS= read -r -d '' link; do
	ln -sfnr ".$(readlink "$link")" "$link"
done
# What a program that needs a library depends on, for dpkg-shlibdeps, which looks here because this directory is named as that of a package being
# built: from the packages' own words. Symbols tell the oldest version that will do, so a board need not have the latest updates.
mkdir DEBIAN
for what in symbols shlibs; do
	for package in .apt/cache/archives/*.deb; do
		dpkg-deb --ctrl-tarfile "$package" | tar -xO "./$what" 2>/dev/null || true
	done >"DEBIAN/$what"
done
mv manifest.new manifest
