#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Power cuts of a board in QEMU, POWER_CUTS of them: see tests/soak/power.py.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=tests/hil/guest.sh
. tests/hil/guest.sh
PATH=$PATH:/usr/sbin:/sbin
need qemu-system-x86_64 cpio mkfs.ext4 mosquitto python3
tests/hil/kit.sh "$kit"
guest_make tests/hil/guest_power.sh
guest_libraries "$runnel"
cp "$build/tests/hil/heart" "$work/guest/bin/"
PYTHONPATH=tests/soak python3 -c 'import rig, sys
sys.stdout.write(rig.CONFIG.replace("%d", "%s") % ("guest", "10.0.2.2", "PORT", "/data/spool.db", "1MiB", "/tmp/rows.csv"))' >"$work/guest/power.yaml"
guest_pack
RUNNEL_BUILD=$build python3 tests/soak/power.py --cuts "${POWER_CUTS:-4}" --kernel "$kit/vmlinuz" --initrd "$work/initrd"
