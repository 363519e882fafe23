#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The fleet view by HTTP: numbers that agree with what was told, headers that keep a browser safe, and requests that nobody should send. Then the
# same in a terminal. What it looks like is for `make view`.
set -euo pipefail
cd "$(dirname "$0")/../.."

for tool in mosquitto python3; do
	PATH=$PATH:/usr/sbin command -v "$tool" >/dev/null || { echo "no $tool here" && exit 77; }
done
export RUNNEL_BUILD=${RUNNEL_BUILD:-build}
[[ -x $RUNNEL_BUILD/tests/swarm/feed ]] || { echo 'make swarm-tools first' && exit 77; }
"$RUNNEL_BUILD/runnel-collector" run --http 1 --broker x: 2>&1 | grep -q libmicrohttpd && { echo 'built without libmicrohttpd' && exit 77; }
exec python3 -B tests/e2e/fleet_view.py
