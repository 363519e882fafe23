#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A swarm of boards that does everything a fleet can do wrong, in real time and all at once: each number the collector tells is what
# plain sums over the raw samples say, to the last bit. The long form is `make swarm`.
set -euo pipefail
cd "$(dirname "$0")/../.."

for tool in mosquitto mosquitto_sub python3; do
	PATH=$PATH:/usr/sbin command -v "$tool" >/dev/null || { echo "no $tool here" && exit 77; }
done
export RUNNEL_BUILD=${RUNNEL_BUILD:-build}
[[ -x $RUNNEL_BUILD/tests/swarm/feed ]] || { echo 'make swarm-tools first' && exit 77; }

swarm() {
	python3 -B tests/swarm/swarm.py "$@"
}

swarm --devices 60 --seconds 6 --seed 1
swarm --devices 150 --seconds 12 --seed 2 --flood
swarm --devices 150 --seconds 12 --seed 6 --flood

# Recorded sensor networks, where the recordings are: what a radio lost, repeated and garbled.
for recorded in ../shared/data/ulb_lib1_R1.csv ../shared/data/ulb_no5.csv; do
	[[ ! -f $recorded ]] || swarm --recorded "$recorded" --window 60 --store
done
