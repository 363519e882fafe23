#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# How much the agent takes without loss in a guest, and the processor time it needs there: for docs/performance.md, no test. QEMU without
# acceleration is several times slower than the machine it runs on.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=tests/hil/guest.sh
. tests/hil/guest.sh
need qemu-system-x86_64 jq cpio
tests/hil/kit.sh "$kit"
guest_make tests/hil/guest_speed.sh
guest_libraries "$runnel"
guest_chips
guest_pack
guest_run_pc -no-user-config

# sum NAME STREAM: n, lost, and increase of all windows, and the length of these
sum() {
	sed -n "s/^HIL json $1 //p" "$work/said" | jq -r -s "[.[] | select(.type == \"partial\").metrics[] | select(.name == \"$2@1\")] |
		\"\(map(.n) | add) readings of \(map(.expected) | add), \(map(.lost) | add) lost, \(map(.increase // 0) | add) counted\""
}

sed -n 's/^HIL edges \(.*\) from \(.*\) to \(.*\)/\1 \2 \3/p' "$work/said" | awk '{ printf "edges: %d in %.1f s, %d a second\n", 2 * $1, $3 - $2, 2 * $1 / ($3 - $2) }'
echo "edges: $(sum edges flow)"
for pause in 1 10; do
	sed -n "s/^HIL pulses-$pause \(.*\) from \(.*\) to \(.*\)/\1 \2 \3/p" "$work/said" | awk '{ printf "%d pulses in %.1f s, %d edges a second: ", $1, $3 - $2, 2 * $1 / ($3 - $2) }'
	sum edges-$pause flow
done
sed -n 's/^HIL cpu \(.*\) \(.*\) ticks in \(.*\) s/\1 \2 \3/p' "$work/said" |
	awk '{ printf "%-14s %.2f %% of a processor\n", $1, $2 / $3 }'
for rate in 100 400 800; do
	echo "iio at $rate Hz: $(sum iio-$rate x)"
done
conclude ''
