#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A guest for tests with simulated hardware: kit.sh DIR [amd64|armhf|arm64|armel|qemu] makes it there, once: Debian's kernel, busybox and
# modules.
#   amd64  QEMU's q35; gpio-sim, i2c-sim and w1-sim, and drivers of the kernel that Debian does not build: from Debian's sources
#   armhf  the board ast2600-evb; only what Debian ships, as in those that follow
#   arm64  QEMU's virt, and the Raspberry Pi 3B
#   armel  the Raspberry Pi Zero
#   qemu   no guest: a QEMU from Debian's backports, for that of Debian 12 has no I2C controller in its Raspberry Pis
# The packages come by an apt state of its own: nothing is installed, no root is needed. Prints why and exits with 77 when
# one cannot be had, and with 1 when what was had does not build.
set -euo pipefail
tests=$(realpath "$(dirname "$0")")
kit=$(realpath -m "${1:?where to}")
arch=${2:-amd64}
suite=${HIL_SUITE:-bookworm}
mirror=${HIL_MIRROR:-http://deb.debian.org/debian}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# Drivers to compare with and to read through, as Debian ships them ...
case $arch in
amd64)
	stock=(configfs i2c-dev i2c-stub lm75 jc42 tmp102 sht3x sht4x bmp280-i2c bh1750 mlx90614
		st_accel_i2c ti-ads1015 vl53l0x-i2c ina2xx-adc w1_therm industrialio-triggered-buffer
		virtio_pci virtio_blk virtio_net ext4)
	;;
armhf) stock=(i2c-dev i2c-mux-pca954x lm75 i2c-aspeed gpio-aspeed realtek mdio-aspeed ftgmac100) ;;
arm64) stock=(i2c-dev i2c-bcm2835 phy-generic dwc2 cdc_ether virtio_pci virtio_net) ;;
armel) stock=(i2c-dev i2c-bcm2835 phy-generic dwc2 cdc_ether) ;;
qemu) stock=() ;;
*) echo "no kit $arch" && exit 64 ;;
esac
# ... and as its source has them.
sources=(hwmon/ina2xx hwmon/shtc1 hwmon/aht10 rtc/rtc-ds1307 iio/humidity/hdc100x iio/humidity/htu21 iio/temperature/tmp117
	iio/industrialio-configfs iio/industrialio-sw-trigger iio/industrialio-sw-device iio/trigger/iio-trig-hrtimer)

skip() {
	echo "skipped: $*"
	exit 77
}

fail() {
	echo "FAILED: $*"
	exit 1
}

get_packages() {
	local apt image of=$arch flavour=$arch
	case $arch in
	armhf) flavour=armmp ;;
	armel) flavour=rpi ;;
	qemu) of=amd64 suite=$suite-backports ;;
	esac
	apt=(apt-get -q -o Acquire::Retries=3 -o APT::Architecture="$of" -o APT::Architectures="$of" -o Dir::State="$kit/state"
		-o Dir::State::status=/dev/null -o Dir::Cache="$kit/cache" -o Dir::Etc::sourcelist="$kit/etc/sources.list"
		-o Dir::Etc::sourceparts=/dev/null)
	mkdir -p "$kit"/{state/lists/partial,cache/archives/partial,etc,root,module}
	echo "deb [signed-by=$keyring] $mirror $suite main" >etc/sources.list
	"${apt[@]}" update >apt.log 2>&1 || skip "no package lists from $mirror: $(tail -n 1 apt.log)"
	if [[ $arch == qemu ]]; then
		packages=(qemu-system-{arm,common,data})
	else
		name_packages "$flavour"
	fi
	(cd cache && "${apt[@]}" download "${packages[@]}") >>apt.log 2>&1 || skip "packages cannot be had: $(tail -n 1 apt.log)"
	for package in cache/*.deb; do
		[[ $package == cache/linux-source* ]] || dpkg-deb -x "$package" root
	done
}

# name_packages FLAVOUR: linux-image-amd64 depends on the version that is current, linux-image-6.1.0-50-amd64 (= 6.1.176-1).
name_packages() {
	local flavour=$1 image
	image=$(apt-cache "${apt[@]:2}" depends "linux-image-$flavour" 2>>apt.log |
		sed -n 's/.*Depends: \(linux-image-[0-9][^ ]*\).*/\1/p' | head -n 1) || true
	[[ -n $image ]] || skip "no linux-image-$flavour in $suite of $mirror"
	release=${image#linux-image-}
	version=${release%%.[0-9]*}.$(cut -d. -f2 <<<"$release")
	packages=("$image" busybox-static)
	[[ $arch != amd64 ]] ||
		packages+=("linux-headers-$release" "linux-headers-${release%-amd64}-common" "linux-kbuild-$version" "linux-source-$version")
}

# Debian ships gpio-sim and some drivers in no kernel, so they are built from Debian's sources against Debian's headers.
build_modules() {
	local headers=root/usr/src/linux-headers-$release source name
	dpkg-deb --fsys-tarfile cache/linux-source*.deb | tar -xO "./usr/src/linux-source-$version.tar.xz" |
		tar -xJ -C module --strip-components=1 "linux-source-$version"/{drivers/gpio/gpio-sim.c,drivers/gpio/gpiolib.h,kernel/irq/irq_sim.c,drivers/hwmon,drivers/rtc,drivers/iio}
	# irq_to_desc() is not for modules; generic_handle_irq_safe() finds the descriptor itself.
	mv module/drivers/gpio/* module/kernel/irq/* module/
	sed -i 's/handle_simple_irq(irq_to_desc(\(.*\)));/generic_handle_irq_safe(\1);/' module/irq_sim.c
	cp "$tests"/module/*.c module/
	sed -i "s|/usr/src/linux-headers|$kit/root/usr/src/linux-headers|" "$headers/Makefile"
	find module -name Makefile -delete
	{
		printf 'gpio-sim-all-objs := gpio-sim.o irq_sim.o\nobj-m := gpio-sim-all.o i2c-sim.o w1-sim.o\n'
		for source in "${sources[@]}"; do
			printf 'obj-m += %s.o\n' "drivers/$source"
		done
	} >module/Kbuild
	env -u MAKEFLAGS -u MAKELEVEL make -C "$headers" M="$kit/module" -j"$(nproc)" KBUILD_MODPOST_WARN='' modules >module.log 2>&1 ||
		fail "modules do not build: $(grep -m 3 -E 'error|ERROR' module.log || tail -n 3 module.log)"
	install -D -t "root/lib/modules/$release/extra" module/*.ko
	for source in "${sources[@]}"; do
		cp "module/drivers/$source.ko" "root/lib/modules/$release/extra/"
	done
}

# copy_modules NAME...: and what they need
copy_modules() {
	local path
	/sbin/depmod -b root "$release" 2>>module.log
	for name in "$@"; do
		/sbin/modprobe -d "$kit/root" -S "$release" --show-depends "$name" 2>>module.log ||
			fail "no module $name in the kernel $release"
	done | awk '$1 == "insmod" { print $2 } /^FAILED/ { print; exit 1 }' | sort -u | while read -r path; do
		install -D -m 644 "$path" "guest/lib/modules/$release/${path#*/lib/modules/"$release"/}"
	done
	/sbin/depmod -b guest "$release" 2>>module.log
}

mkdir -p "$(dirname "$kit")"
exec 9>"$kit.lock"
flock 9 # many tests want the same kit
[[ ! -e $kit/ready || $(<"$kit/ready") != "${stock[*]}" ]] || exit 0 # one with other modules is of an older tree
[[ $(uname -m) == x86_64 ]] || skip 'the kits are made on x86_64 alone'
for program in apt-get dpkg-deb gcc make tar xz /sbin/depmod; do
	command -v "$program" >/dev/null || skip "no $program here"
done
[[ -r $keyring ]] || skip "no $keyring here: not a Debian system"

rm -rf "$kit"
mkdir -p "$kit"
cd "$kit"
get_packages
if [[ $arch == qemu ]]; then
	rm -rf state cache module
	echo >ready
	exit
fi
mkdir -p guest/{bin,sbin,proc,sys,dev,tmp,lib/modules/"$release"}
cp "root/lib/modules/$release"/modules.{builtin,order} "guest/lib/modules/$release/"
if [[ $arch == amd64 ]]; then
	build_modules
	copy_modules "${stock[@]}" gpio-sim-all i2c-sim w1-sim "${sources[@]##*/}"
else
	case $arch in
	armhf) board=aspeed-ast2600-evb ;;
	arm64) board=broadcom/bcm2837-rpi-3-b ;;
	armel) board=bcm2835-rpi-zero ;;
	esac
	copy_modules "${stock[@]}"
	cp "root/usr/lib/linux-image-$release/$board.dtb" board.dtb
fi
cp root/bin/busybox guest/bin/
cp "root/boot/vmlinuz-$release" vmlinuz
rm -rf root state cache module
echo "${stock[*]}" >ready
