#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The agent on lines of a simulated GPIO chip in a real kernel: each edge is counted, bounces are not, what a stopped agent lost is
# told, and a chip that was unplugged is found again under its new number. Runs in QEMU without acceleration: waits are
# generous and no time is asserted.
set -euo pipefail
cd "$(dirname "$0")/../.."
build=$(realpath -m "${RUNNEL_BUILD:-build}")
runnel=$build/runnel
kit=${HIL_KIT:-$build/hil-kit}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

fail() {
	echo "FAILED: $*"
	failures=$((failures + 1))
}

for program in qemu-system-x86_64 jq; do
	command -v "$program" >/dev/null || { echo "skipped: no $program here" && exit 77; }
done
tests/hil/kit.sh "$kit"

# --- the guest's files: the kit, the agent with its libraries, the test ---
cp -a "$kit/guest" "$work/guest"
cp tests/hil/guest_init.sh "$work/guest/init"
cp tests/hil/guest_gpio.sh "$work/guest/test.sh"
chmod 755 "$work/guest/init"
cp "$runnel" "$work/guest/bin/runnel"
ldd "$runnel" | grep -o '/[^ ]*' | while read -r library; do
	mkdir -p "$work/guest$(dirname "$library")"
	cp -L "$library" "$work/guest$library"
done
(cd "$work/guest" && find . | "$kit/guest/bin/busybox" cpio -o -H newc 2>/dev/null | gzip -1) >"$work/initrd"

# --- run ---
timeout "${HIL_TIMEOUT_S:-180}" qemu-system-x86_64 -accel tcg -M q35 -m 512 -nographic -no-reboot -nodefaults \
	-kernel "$kit/vmlinuz" -initrd "$work/initrd" -append 'console=ttyS0 quiet panic=-1' \
	-serial "file:$work/console" -serial "file:$work/json" </dev/null >"$work/qemu" 2>&1 ||
	fail "the guest did not end: $? $(tail -n 3 "$work/qemu")"
tr -d '\r' <"$work/console" >"$work/said"
grep '^{' "$work/json" >"$work/lines" || true
if [[ -n ${HIL_KEEP:-} ]]; then
	mkdir -p "$HIL_KEEP"
	cp "$work/said" "$work/lines" "$HIL_KEEP"
fi

# --- judge ---
# expect WHAT WANTED GOT
expect() {
	[[ $2 == "$3" ]] || fail "$1: expected $2, got $3"
}

# metric STREAM EXPRESSION: summed over all partials
metric() {
	jq -s "[.[] | select(.type == \"partial\").metrics[] | select(.name == \"$1@1\") | $2] | add // 0" "$work/lines"
}

events() {
	jq -s -c "[.[] | select(.type == \"event\" and .stream == \"$1\") | .event] | group_by(.) | map({(.[0]): length}) | add" \
		"$work/lines"
}

v=1 # libgpiod 2.x is libgpiod.so.3
! ldd "$runnel" | grep -q 'libgpiod\.so\.3' || v=2
grep -q '^HIL end' "$work/said" || fail 'the guest did not come to its end'
expect 'status of the agent' 'HIL agent status 0' "$(grep '^HIL agent status' "$work/said")"
# Under 1.x 16 of the 30 pulses are kept while the agent is stopped; 0.5 L each.
expect 'litres' "$([[ $v == 1 ]] && echo 63 || echo 70)" "$(metric water .increase)"
expect 'losses of the counter' "$([[ $v == 1 ]] && echo 1 || echo 0)" "$(metric water .lost)"
expect 'restarts of the counter' 0 "$(metric water .resets)"
expect 'losses of the door' "$([[ $v == 1 ]] && echo 1 || echo 0)" "$(metric open .lost)"
# 5 openings; 12.5 pulses, of which 1.x keeps 8 and the level shows one more; closed by the chip's return
expect 'the door' "$([[ $v == 1 ]] && echo '{"cleared":14,"raised":14}' || echo '{"cleared":18,"raised":18}')" "$(events open)"
expect 'the bell' '{"cleared":1,"raised":2}' "$(events ring)"
grep -q '^HIL log .*sensor door: ok -> fault' "$work/said" || fail 'the unplugged chip was not noticed'
grep -q '^HIL log .*sensor door: fault -> ok' "$work/said" || fail 'the chip was not found again'
((failures == 0)) || { cat "$work/said" && exit 1; }
echo "edges of a simulated chip under libgpiod $v: all as expected"
