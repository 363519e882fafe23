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
compgen -G "$kit/guest/lib/modules/*/kernel/fs/ext4/ext4.ko*" >/dev/null || { echo 'skipped: an old kit without ext4' && exit 77; }
guest_make tests/hil/guest_power.sh
guest_libraries "$runnel"
cp "$build/tests/hil/heart" "$work/guest/bin/"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
PYTHONPATH=tests/soak python3 -c 'import rig, sys
sys.stdout.write(rig.CONFIG % ("guest", "10.0.2.2", int(sys.argv[1]), "/data/spool.db", "1MiB", "/tmp/rows.csv"))' "$port" >"$work/guest/power.yaml"
guest_pack
RUNNEL_BUILD=$build python3 tests/soak/power.py --cuts "${POWER_CUTS:-4}" --kernel "$kit/vmlinuz" --initrd "$work/initrd" --port "$port"
