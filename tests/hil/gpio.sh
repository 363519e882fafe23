#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The agent on lines of a simulated GPIO chip in a real kernel: each edge is counted, bounces are not, what a stopped agent lost is
# told, and a chip that was unplugged is found again under its new number.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=tests/hil/guest.sh
. tests/hil/guest.sh
need qemu-system-x86_64 jq cpio
tests/hil/kit.sh "$kit"
guest_make tests/hil/guest_gpio.sh
guest_libraries "$runnel"
guest_pack
guest_run_pc -no-user-config

v=1 # libgpiod 2.x is libgpiod.so.3
! ldd "$runnel" | grep -q 'libgpiod\.so\.3' || v=2
expect 'status of the agent' 'HIL agent status 0' "$(grep '^HIL agent status' "$work/said")"
# Under 1.x 16 of the 30 pulses are kept while the agent is stopped; 0.5 L each.
expect 'litres' "$([[ $v == 1 ]] && echo 63 || echo 70)" "$(metric water .increase)"
expect 'losses of the counter' "$([[ $v == 1 ]] && echo 1 || echo 0)" "$(metric water .lost)"
expect 'restarts of the counter' 0 "$(metric water .resets)"
expect 'losses of the door' "$([[ $v == 1 ]] && echo 1 || echo 0)" "$(metric open .lost)"
# 5 openings; 12.5 pulses, of which 1.x keeps 8 and the level shows one more; closed by the chip's return
expect 'the door' "$([[ $v == 1 ]] && echo '{"cleared":14,"raised":14}' || echo '{"cleared":18,"raised":18}')" "$(events open)"
expect 'the bell' '{"cleared":1,"raised":2}' "$(events ring)"
! grep -q 'HIL sensor .* never did' "$work/said" || fail "$(grep 'never did' "$work/said")"
conclude "edges of a simulated chip under libgpiod $v: all as expected"
