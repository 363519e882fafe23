#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Chips that the kernel reads for us: hwmon, IIO one by one and by its buffer with a timer of the kernel, and 1-wire; changed from outside,
# unbound and bound again under other numbers. Debian has no hrtimer trigger: it is built from Debian's source.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=tests/hil/guest.sh
. tests/hil/guest.sh
need qemu-system-x86_64 jq cpio
tests/hil/kit.sh "$kit"
guest_make tests/hil/guest_kernel.sh
guest_libraries "$runnel"
guest_chips
guest_pack
guest_run_pc -no-user-config

# ends STREAM: least and greatest value
ends() {
	jq -r -s "[.[] | select(.type == \"partial\").metrics[] | select(.name == \"$1@1\")] | \"\(map(.min | values) | min) \(map(.max | values) | max)\"" "$work/lines"
}

expect 'status of the agent' 'HIL agent status 0' "$(grep '^HIL agent status' "$work/said")"
! grep -q 'HIL sensor .* never did' "$work/said" || fail "$(grep 'never did' "$work/said")"
expect 'hwmon, changed from outside' '25 50' "$(ends hot)"
expect 'iio' '23.72 23.72' "$(ends air)"
expect '1-wire' '25.06 31.25' "$(ends wire)"
expect 'rows of a buffer, changed from outside' '1.226 3.432' "$(ends x)"
expect 'another axis' '-3.432 -3.432' "$(ends y)"
expect_said 'a buffer that another program has' '^HIL read-besides 69 .*another program has /dev/iio'
expect_said 'hwmon under another number' 'HIL hwmon was hwmon([0-9]+), is hwmon'
! grep -Eq 'HIL (hwmon|iio) was ([a-z:]+[0-9]+), is \2$' "$work/said" || fail 'devices came back under the same number'
expect_said '1-wire that is garbled' 'HIL log .*sensor wire: fault -> ok'
# Of 50 a second for 40 s a slow guest may skip some; what it took is there, but for what the stop cost.
n=$(metric x .n) lost=$(metric x .lost)
((n + $(stood 50) > 900)) || fail "only $n rows of a buffer in 40 s"
((lost > 50 && lost < 400 + $(stood 50))) || fail "250 rows came while 128 had room, but $lost were told as lost"
echo "buffer: $n rows came, $lost were lost in 5 s in which nobody read"
conclude 'chips that the kernel reads: all as expected'
