#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A guest for tests with simulated hardware: Debian's kernel, its gpio-sim as a module, and busybox. kit.sh DIR makes it there, once.
# Debian ships gpio-sim in no kernel, so it is built from Debian's sources against Debian's headers. The packages come by
# an apt state of its own: nothing is installed, no root is needed. Prints why and exits with 77 when one cannot be had.
set -euo pipefail
kit=$(realpath -m "${1:?where to}")
suite=${HIL_SUITE:-bookworm}
mirror=${HIL_MIRROR:-http://deb.debian.org/debian}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

skip() {
	echo "skipped: $*"
	exit 77
}

[[ ! -e $kit/ready ]] || exit 0
[[ $(uname -m) == x86_64 ]] || skip 'the kit is for x86_64 alone'
for program in apt-get dpkg-deb gcc make tar xz; do
	command -v "$program" >/dev/null || skip "no $program here"
done
[[ -r $keyring ]] || skip "no $keyring here: not a Debian system"

rm -rf "$kit"
mkdir -p "$kit"/{state/lists/partial,cache/archives/partial,etc,root,module}
cd "$kit"
echo "deb [signed-by=$keyring] $mirror $suite main" >etc/sources.list
apt=(apt-get -q -o Acquire::Retries=3 -o Dir::State="$kit/state" -o Dir::State::status=/dev/null -o Dir::Cache="$kit/cache"
	-o Dir::Etc::sourcelist="$kit/etc/sources.list" -o Dir::Etc::sourceparts=/dev/null)
"${apt[@]}" update >apt.log 2>&1 || skip "no package lists from $mirror: $(tail -n 1 apt.log)"

# linux-image-amd64 depends on the version that is current: linux-image-6.1.0-50-amd64 (= 6.1.176-1).
image=$(apt-cache "${apt[@]:4}" depends linux-image-amd64 2>>apt.log | sed -n 's/.*Depends: \(linux-image-[0-9][^ ]*\).*/\1/p' | head -n 1) || true
[[ -n $image ]] || skip "no linux-image-amd64 in $suite of $mirror"
release=${image#linux-image-}
version=${release%%.[0-9]*}.$(cut -d. -f2 <<<"$release")
(cd cache && "${apt[@]}" download "$image" "linux-headers-$release" "linux-headers-${release%-amd64}-common" \
	"linux-kbuild-$version" "linux-source-$version" busybox-static) >>apt.log 2>&1 ||
	skip "packages cannot be had: $(tail -n 1 apt.log)"
for package in cache/*.deb; do
	[[ $package == cache/linux-source* ]] || dpkg-deb -x "$package" root
done
dpkg-deb --fsys-tarfile cache/linux-source*.deb | tar -xO "./usr/src/linux-source-$version.tar.xz" |
	tar -xJ -C module --strip-components=1 "linux-source-$version"/{drivers/gpio/gpio-sim.c,drivers/gpio/gpiolib.h,kernel/irq/irq_sim.c}

# irq_to_desc() is not for modules; generic_handle_irq_safe() finds the descriptor itself.
headers=root/usr/src/linux-headers-$release
mv module/drivers/gpio/* module/kernel/irq/* module/
sed -i 's/handle_simple_irq(irq_to_desc(\(.*\)));/generic_handle_irq_safe(\1);/' module/irq_sim.c
sed -i "s|/usr/src/linux-headers|$kit/root/usr/src/linux-headers|" "$headers/Makefile"
printf 'obj-m := gpio-sim-all.o\ngpio-sim-all-objs := gpio-sim.o irq_sim.o\n' >module/Kbuild
env -u MAKEFLAGS -u MAKELEVEL make -C "$headers" M="$kit/module" modules >module.log 2>&1 ||
	skip "gpio-sim does not build: $(grep -m 1 error module.log || tail -n 1 module.log)"

mkdir -p guest/{bin,modules,proc,sys,dev,tmp}
cp root/bin/busybox guest/bin/
cp module/gpio-sim-all.ko "root/lib/modules/$release/kernel/fs/configfs/configfs.ko" guest/modules/
cp "root/boot/vmlinuz-$release" vmlinuz
rm -rf root state cache module
touch ready
