#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Debian packages, by Debian's own tools: deb.sh VERSION SUITE BUILD [ARCH] in the root of the tree, as `make deb` calls it; they come into
# BUILD, and their names on standard output. The sources are copied, so that debhelper's files do not get among them. The same sources
# give the same bytes: times are that of the last commit.
# PREBUILT=DIR takes the programs from there and compiles nothing, for tests.
set -euo pipefail
version=${1:?version} suite=${2:?suite} build=$(realpath -m "${3:?build directory}") arch=${4:-}
case $suite in
bookworm) release=12 ;;
trixie) release=13 ;;
*) echo "deb: SUITE is bookworm or trixie, not '$suite'" >&2 && exit 64 ;;
esac
# What is linked here is linked with the libraries of this machine.
here=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
if [[ -z ${CROSS:-}${PREBUILT:-} && $suite != "$here" ]]; then
	echo "deb: this is ${here:-no Debian}: packages for $suite are made on it, or with CROSS=... SUITE=$suite" >&2
	exit 64
fi
tree=$build/deb/$suite${arch:+-$arch}/runnel
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || stat -c %Y Makefile)}
export SOURCE_DATE_EPOCH
rm -rf "${tree%/*}"
mkdir -p "$tree"
cp -r Makefile LICENSE README.md base drivers pipelines agent collector cross docs systemd packaging "$tree/"
mkdir "$tree/tests"
cp tests/deps.sh "$tree/tests/"
cp -r packaging/debian "$tree/debian"
for kind in service tmpfiles udev sysusers; do
	cp "systemd/runnel.$kind" "$tree/debian/"
done
cp systemd/runnel-clock.service "$tree/debian/runnel.runnel-clock.service"
cp systemd/runnel-collector.service "$tree/debian/"
printf 'runnel (%s~deb%s) %s; urgency=medium\n\n  * What the history of the repository tells.\n\n -- %s  %s\n' "$version" "$release" "$suite" \
	"$(sed -n 's/^Maintainer: //p' packaging/debian/control)" "$(LC_ALL=C date -u -R -d "@$SOURCE_DATE_EPOCH")" >"$tree/debian/changelog"

cd "$tree"
options=(-b -us -uc -d)
if [[ -n ${CROSS:-} ]]; then
	options+=("-a$arch" "-Pcross,nocheck")
	export CONFIG_SITE=/dev/null
fi
export SUITE=$suite
env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS -u BUILD -u SAN -u WERROR dpkg-buildpackage "${options[@]}" >../log 2>&1 || { tail -n 40 ../log >&2 && exit 1; }
for package in ../*.deb; do
	cp "$package" "$build/"
	echo "$build/${package##*/}"
done
rm -rf "$tree"
