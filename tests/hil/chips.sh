#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The drivers of chips against the kernel's own, bound in turn to the same registers, on the kernel's i2c-stub (SMBus) and on i2c-sim (I2C_RDWR).
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=tests/hil/guest.sh
. tests/hil/guest.sh
need qemu-system-x86_64 jq cpio
tests/hil/kit.sh "$kit"
guest_make tests/hil/guest_chips.sh
guest_libraries "$runnel"
guest_chips
cp tests/hil/chips.table "$work/guest/chips.table"
guest_pack
guest_run_pc -no-user-config

# The table: one row for each channel; every row must be there on both sides.
printf '%-6s%-10s%-12s%16s  %-18s%16s  %s\n' bus chip channel ours "kernel's" '' difference
differences=0
while read -r chip where _ _ _ channels; do
	for w in ${where//,/ }; do
		for row in $channels; do
			IFS='=~' read -r ours theirs limit <<<"$row"
			awk -v w="$w" -v chip="$chip" -v ours="$ours" -v theirs="$theirs" -v limit="$limit" '
				$1 == "HIL" && $2 == "value" && $3 == w && $4 == chip && $5 == "ours" && $6 == ours { a = $7 }
				$1 == "HIL" && $2 == "value" && $3 == w && $4 == chip && $5 == "theirs" && $6 == theirs { b = $7 }
				END {
					d = a - b
					if (d < 0) d = -d
					ok = a != "" && b != "" && a != "null" && b != "null" && d <= limit + 1e-9
					printf "%-6s%-10s%-12s%16s  %-18s%16s  %.6f%s\n", w, chip, ours, a, theirs, b, d, ok ? "" : "  FAILED: more than " limit
					exit !ok
				}' "$work/said" || differences=$((differences + 1))
		done
	done
done < <(grep -v '^#' tests/hil/chips.table)
((differences == 0)) || fail "$differences values differ from those of the kernel's drivers"
conclude "values of the kernel's own drivers: all the same"
