#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Actions on lines of a simulated GPIO chip: they follow a chip on a simulated bus, and are safe when it is missing, at the end and after
# a death.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=tests/hil/guest.sh
. tests/hil/guest.sh
need qemu-system-x86_64 jq cpio
tests/hil/kit.sh "$kit"
guest_make tests/hil/guest_output.sh
guest_libraries "$runnel"
guest_chips
guest_pack
guest_run_pc -no-user-config

expect 'status of the agent' 'HIL agent status 0' "$(grep '^HIL agent status' "$work/said")"
# The alarm is on while its line is high; the fan while its line is low.
expect 'cool' 'HIL cool 0 1' "$(grep '^HIL cool ' "$work/said")"
expect 'hot' 'HIL hot 1 0' "$(grep '^HIL hot ' "$work/said")"
expect 'hot, with a second agent that was refused' 'HIL still 1 0' "$(grep '^HIL still' "$work/said")"
expect 'cool again' 'HIL cooled 0 1' "$(grep '^HIL cooled' "$work/said")"
expect 'nobody knows how hot' 'HIL missing 0 0' "$(grep '^HIL missing' "$work/said")"
expect 'hot, when the chip is back' 'HIL found 1 0' "$(grep '^HIL found' "$work/said")"
expect 'at the end' 'HIL ended 0 0' "$(grep '^HIL ended' "$work/said")"
expect_said 'a line that another program has' '^HIL second .*in use by runnel'
expect 'hot, after a start' 'HIL again 1 0' "$(grep '^HIL again' "$work/said")"
expect 'hot, started after a death' 'HIL after 1 0' "$(grep '^HIL after' "$work/said")"
conclude 'actions on simulated lines: all as expected'
