#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The agent, built for 32-bit Arm, on a whole emulated board: ast2600-evb with Debian's armhf kernel. Its I2C and GPIO controllers are
# driven by their own kernel drivers; sensors and pins are changed from outside.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=tests/hil/guest.sh
. tests/hil/guest.sh
need qemu-system-arm jq cpio readelf arm-linux-gnueabihf-gcc "${MAKE:-make}"
kit=${HIL_KIT_BOARD:-$build/hil-kit-armhf}
sysroot=${HIL_SYSROOT:-$build/sysroot-armhf}
tests/hil/kit.sh "$kit" armhf
cross/sysroot.sh "${HIL_SUITE:-bookworm}" armhf "$sysroot"
log=$work/make
env -u MAKEFLAGS -u MAKELEVEL "${MAKE:-make}" -j"$(nproc)" DEPS=0 CROSS=armv7 SYSROOT="$sysroot" BUILD="$build" all >"$log" 2>&1 ||
	{ tail -n 20 "$log" && exit 1; }
runnel=$build/armv7/runnel
guest_make tests/hil/guest_board.sh
guest_libraries_from "$sysroot" "$runnel"
guest_pack

# --- run, with a monitor by which the outside is changed ---
mkfifo "$work/qmp.in" "$work/qmp.out"
: >"$work/console"
timeout "${HIL_GUEST_TIMEOUT_S:-240}" qemu-system-arm -accel tcg -M ast2600-evb -m 1G -nographic -no-reboot -nodefaults -no-user-config \
	-kernel "$kit/vmlinuz" -dtb "$kit/board.dtb" -initrd "$work/initrd" -append 'console=ttyS4,115200 quiet panic=-1' \
	-device tmp105,id=near,bus=aspeed.i2c.bus.0,address=0x48 \
	-device pca9548,id=mux,bus=aspeed.i2c.bus.0,address=0x70 -device tmp105,id=far,bus=i2c.0,address=0x4a \
	-serial "file:$work/console" -chardev "pipe,id=qmp,path=$work/qmp" -mon chardev=qmp,mode=control \
	</dev/null >"$work/qemu" 2>&1 &
machine=$!
exec 3>"$work/qmp.in" 4<"$work/qmp.out"
cat <&4 >"$work/answers" &
tell() {
	printf '%s\n' "$1" >&3
}

# warm SENSOR MILLIDEGREES / pin NAME true|false
warm() {
	tell '{"execute": "qom-set", "arguments": {"path": "/machine/peripheral/'"$1"'", "property": "temperature", "value": '"$2"'}}'
}

pin() {
	tell '{"execute": "qom-set", "arguments": {"path": "/machine/soc/gpio", "property": "'"$1"'", "value": '"$2"'}}'
	sleep 0.1
}

# asked WORD: waits until the guest asks for it
asked() {
	while kill -0 $machine 2>/dev/null; do
		grep -q "^HIL please $1" "$work/console" && return
		sleep 0.2
	done
	fail "the guest never asked to $1: $(tail -n 3 "$work/qemu")"
}

tell '{"execute": "qmp_capabilities"}'
warm near 21500
warm far -10500
asked warm
warm near 25500
asked open
for _ in 1 2 3; do
	pin gpioB0 true
	pin gpioB0 false
done
for _ in 1 2 3 4 5 6 7; do
	pin gpioB1 true
	pin gpioB1 false
done
wait $machine || fail "the board did not end: $? $(tail -n 3 "$work/qemu")"
exec 3>&- 4<&-
grep '^HIL json ' "$work/console" | tr -d "\r" | sed "s/^HIL json //" >"$work/json" || true
guest_heard

expect 'answers of the monitor' 0 "$(grep -c '"error"' "$work/answers" || true)"

# ends STREAM: least and greatest value
ends() {
	jq -r -s "[.[] | select(.type == \"partial\").metrics[] | select(.name == \"$1@1\")] | \"\(map(.min | values) | min) \(map(.max | values) | max)\"" "$work/lines"
}

expect 'status of the agent' 'HIL agent status 0' "$(grep '^HIL agent status' "$work/said")"
! grep -q 'HIL sensor .* never did' "$work/said" || fail "$(grep 'never did' "$work/said")"
expect 'a temperature that was changed' '21.5 25.5' "$(ends near)"
expect 'below zero, behind a mux' '-10.5 -10.5' "$(ends far)"
expect 'a door that opens three times' '{"cleared":3,"raised":3}' "$(events open)"
expect 'seven pulses of half a litre' 3.5 "$(metric flow .increase)"
expect_said 'a sensor that was unplugged' 'HIL log .*sensor far: ok -> fault: no answer'
expect_said 'a mux that runnel switches' '^HIL behind 0 .*behind.temperature +-10.5 '
expect_said 'what is behind a mux that is closed' '^HIL none 69 '
conclude 'a board of 32-bit Arm: all as expected'
