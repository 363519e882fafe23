#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The agent, cross-built, on other machines of QEMU with Debian's kernel for them: arm.sh arm64|raspi3b|raspi0|ast2600.
#   arm64    `virt`: 64-bit Arm; it has no I2C, so the agent reads the machine itself
#   raspi3b  the same kernel and agent; a sensor on the board's own I2C controller, the network by USB
#   raspi0   ARMv6, with the agent that is linked statically; so, too
#   ast2600  the board ast2600-evb, ARMv7: sensors on its I2C controller, one of them behind a mux, GPIO and Ethernet, all by their own
#            kernel drivers
# The Raspberry Pis need a QEMU of Debian's backports. What reaches the broker is judged by arm.py.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=tests/hil/guest.sh
. tests/hil/guest.sh
machine=${1:?which machine}
case $machine in
arm64 | raspi3b) cross=aarch64 compiler=aarch64-linux-gnu-gcc arch=arm64 ;;
raspi0) cross=armv6-static compiler=arm-linux-gnueabi-gcc arch=armel ;;
ast2600) cross=armv7 compiler=arm-linux-gnueabihf-gcc arch=armhf ;;
*) echo "no machine $machine" && exit 64 ;;
esac
need qemu-system-aarch64 cpio readelf mosquitto python3 "$compiler" "${MAKE:-make}"
kits=${HIL_KITS:-$build}
kit=$kits/hil-kit-$arch
sysroot=${HIL_SYSROOTS:-$build/cross}/${HIL_SUITE:-bookworm}-$arch
mkdir -p "$kits"
exec 9>"$kits/hil-$arch.lock"
flock 9 # two machines want the same of these
tests/hil/kit.sh "$kit" "$arch"
qemu="qemu-system-aarch64"
if [[ $machine == raspi* ]]; then
	tests/hil/kit.sh "$kits/hil-kit-qemu" qemu
	qemu=$kits/hil-kit-qemu/root/usr/bin/$qemu
	"$qemu" --version >"$work/version" 2>&1 || { echo "skipped: QEMU of the backports does not run: $(tail -n 1 "$work/version")" && exit 77; }
fi
cross/sysroot.sh "${HIL_SUITE:-bookworm}" "$arch" "$sysroot"
runnel=$build/$cross/runnel
log=$work/make
env -u MAKEFLAGS -u MAKELEVEL "${MAKE:-make}" -j"$(nproc)" DEPS=0 CROSS="$cross" CFLAGS=-O2 SYSROOT="$sysroot" BUILD="$build" "$runnel" >"$log" 2>&1 ||
	{ tail -n 20 "$log" && exit 1; }
exec 9>&-
guest_make tests/hil/guest_arm.sh
[[ $cross == armv6-static ]] || guest_libraries_from "$sysroot" "$runnel"

bus=i2c-1 channel=temperature more_sensors='' more_streams=''
[[ $machine != ast2600 ]] || bus=i2c-0
sensor="{driver: lm75, bus: $bus, address: 0x48, every: 200ms}"
case $machine in
arm64) sensor='{driver: host, every: 200ms}' channel=memory_available ;;
ast2600)
	cp tests/hil/guest_board.sh "$work/guest/board.sh"
	more_sensors="
  far: {driver: lm75, bus: $bus, address: 0x4a, every: 200ms}
  door: {driver: gpio-input, chip: 1e780000.gpio, line: 8, every: 200ms}
  flow: {driver: gpio-counter, chip: 1e780000.gpio, line: 9, scale: 0.5, unit: L, every: 200ms}"
	more_streams='
  far: {from: far.temperature}
  open: {from: door.state, event: true}
  flow: {from: flow.volume}'
	;;
esac
cat >"$work/guest/arm.yaml" <<CONFIG
device: $machine
site: soak
window: 1s
clock: {trust: always}
mqtt: {broker: "mqtt://10.0.2.2:PORT"}
spool: {path: /tmp/spool.db}
sensors:
  it: $sensor
  none: {driver: lm75, bus: $bus, address: 0x49, every: 200ms}$more_sensors
streams:
  it: {from: it.$channel}
  none: {from: none.temperature}$more_streams
CONFIG
guest_pack
PYTHONPATH=tests/soak RUNNEL_BUILD=$build python3 -B tests/hil/arm.py "$machine" --qemu "$qemu" --kit "$kit" --initrd "$work/initrd"
