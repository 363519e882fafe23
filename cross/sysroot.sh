#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The headers and libraries of a Debian release for another architecture, in a directory: sysroot.sh SUITE ARCH DIR, as in
#   cross/sysroot.sh bookworm armhf /tmp/armhf && make CROSS=armv7 SYSROOT=/tmp/armhf
# By an apt state of its own: nothing is installed, no architecture is added and no root is needed. Only the suite's main: point
# releases. Exits with 77 when the packages cannot be had.
set -euo pipefail
here=$(realpath "$(dirname "$0")/..")
suite=${1:?suite} arch=${2:?architecture} dir=$(realpath -m "${3:?where to}")
mirror=${MIRROR:-http://deb.debian.org/debian}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

[[ ! -e $dir/manifest ]] || exit 0
rm -rf "$dir"
mkdir -p "$dir"/.apt/{state/lists/partial,cache/archives/partial,etc}
cd "$dir"
trap 'rm -rf "$dir/.apt"' EXIT
echo "deb [signed-by=$keyring] $mirror $suite main" >.apt/etc/sources.list
apt=(apt-get -q -o Acquire::Retries=3 -o APT::Architecture="$arch" -o APT::Architectures="$arch" -o Dir::State="$dir/.apt/state"
	-o Dir::State::status=/dev/null -o Dir::Cache="$dir/.apt/cache" -o Dir::Etc::sourcelist="$dir/.apt/etc/sources.list"
	-o Dir::Etc::sourceparts=/dev/null)
readarray -t packages < <("$here/tests/deps.sh" list build | grep -- '-dev$')
if ! "${apt[@]}" update >apt.log 2>&1 ||
	! "${apt[@]}" install -y --download-only --no-install-recommends "${packages[@]}" >>apt.log 2>&1; then
	echo "skipped: packages of $suite for $arch cannot be had: $(tail -n 1 apt.log)"
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
mv manifest.new manifest
