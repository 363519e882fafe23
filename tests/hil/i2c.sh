#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The agent on a bus on which things go wrong: chips that do not answer in each of the ways of real adapters, are unplugged, lose
# their settings, garble bits and hold the clock, while the others are read on.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=tests/hil/guest.sh
. tests/hil/guest.sh
need qemu-system-x86_64 jq cpio
tests/hil/kit.sh "$kit"
guest_make tests/hil/guest_i2c.sh
guest_libraries "$runnel"
guest_chips
guest_pack
guest_run_pc -no-user-config

# each STREAM EXPRESSION: of the list of its metrics, a window each
each() {
	jq -s "[.[] | select(.type == \"partial\").metrics[] | select(.name == \"$1@1\")] | $2" "$work/lines"
}

expect 'status of the first agent' 'HIL first agent status 0' "$(grep '^HIL first agent status' "$work/said")"
expect 'status of the agent' 'HIL agent status 0' "$(grep '^HIL agent status' "$work/said")"
! grep -q 'HIL sensor .* never did' "$work/said" || fail "$(grep 'never did' "$work/said")"
for chip in 'mcp9808, bus: "i2c-[0-9]+", address: 0x18' 'lis3dh, bus: "i2c-[0-9]+", address: 0x19' 'sht3x, bus: "i2c-[0-9]+", address: 0x44' \
	'bme280, bus: "i2c-[0-9]+", address: 0x76'; do
	expect_said 'what scan finds' "^HIL config   .*driver: $chip"
done
expect_said 'what scan cannot tell' '^HIL scanned +0x48 .*may be .*lm75'
expect_said 'the config that scan writes' '^HIL check 0 '
expect_said 'the config that scan writes, read' '^HIL scan-read 0 .*bme280.temperature +23.72'
expect_said 'reading besides an agent' '^HIL read-beside 0 .*warm.temperature +25 '
expect 'what the outside changed' '25 30' "$(each warm '"\(map(.min | values) | min) \(map(.max | values) | max)"' | tr -d '"')"
expect 'ways of not answering' 4 "$(grep -c '^HIL errno' "$work/said")"
expect_said 'reading a chip that is absent' '^HIL read-absent 69 .*nothing answers at 0x48'
expect_said 'a chip that lost its settings' '^HIL power lost'
expect_said 'a wrong checksum' 'sensor damp: ok -> fault: checksum wrong'
expect 'values of garbled frames' '74.58 74.58' "$(each damp '"\(map(.min | values) | min) \(map(.max | values) | max)"' | tr -d '"')"
expect_said 'a clock held for a while' '^HIL 0 faults of a chip that holds the clock for 20 ms'
expect_said 'a clock held for ever' '^HIL hung for [0-9] more transfers'
expect_said 'a chip that the kernel has' "^HIL read-taken 69 .*the kernel's driver lm75 has 0x4a"
expect_said 'a chip that the kernel gave back' '^HIL read-given 0 '
expect_said 'an address without a chip' '^HIL read-none 69 .*nothing answers at 0x4b'
expect_said 'an adapter with another number' '^HIL adapter is back under another number'
# Others are not disturbed: no reading is missing until the whole bus goes, but one or two of a hundred if the machine itself is busy.
read -r came due < <(each calm '[.[] | select(.bad == 0 and .expected == 5)] | "\(map(.n) | add) \(map(.expected) | add)"' | tr -d '"')
((due - came <= due / 20 + $(stood 5))) || fail "of a calm chip $came of $due readings came"
expect 'faults of a calm chip' 1 "$(grep -c 'sensor calm: ok -> fault' "$work/said")"
expect 'losses of a calm chip' 0 "$(metric calm .lost)"
conclude 'chips that fail: all as expected'
