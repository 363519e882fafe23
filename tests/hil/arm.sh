#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The agent, cross-built, on other machines of QEMU with Debian's kernel for them: arm.sh arm64|raspi3b|raspi0.
#   arm64    `virt`: 64-bit Arm; it has no I2C, so the agent reads the machine itself
#   raspi3b  the same kernel and agent; a sensor on the board's own I2C controller, the network by USB
#   raspi0   ARMv6, with the agent that is linked statically; so, too
# The Raspberry Pis need a QEMU of Debian's backports. What reaches the broker is judged by arm.py.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=tests/hil/guest.sh
. tests/hil/guest.sh
machine=${1:?which machine}
case $machine in
arm64 | raspi3b) cross=aarch64 compiler=aarch64-linux-gnu-gcc arch=arm64 ;;
raspi0) cross=armv6-static compiler=arm-linux-gnueabi-gcc arch=armel ;;
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
if [[ $machine != arm64 ]]; then
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
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
if [[ $machine == arm64 ]]; then
	sensor='{driver: host, every: 200ms}' channel=memory_available
else
	sensor='{driver: lm75, bus: i2c-1, address: 0x48, every: 200ms}' channel=temperature
fi
cat >"$work/guest/arm.yaml" <<CONFIG
device: $machine
site: soak
window: 1s
clock: {trust: always}
mqtt: {broker: "mqtt://10.0.2.2:$port"}
spool: {path: /tmp/spool.db}
sensors:
  it: $sensor
  none: {driver: lm75, bus: i2c-1, address: 0x49, every: 200ms}
streams:
  it: {from: it.$channel}
  none: {from: none.temperature}
CONFIG
guest_pack
PYTHONPATH=tests/soak RUNNEL_BUILD=$build python3 -B tests/hil/arm.py "$machine" --qemu "$qemu" --kit "$kit" --initrd "$work/initrd" --port "$port"
