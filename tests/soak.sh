#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What `make soak` does: ROUNDS rounds of SECONDS seconds of faults, 2000 ends of a spool, 500 kills while configs are pushed, CUTS power cuts in a
# guest; SEED says which.
# Each part prints its numbers; the status is 1 when anything was lost or doubled.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
build=$(realpath -m "${RUNNEL_BUILD:-build}")
export RUNNEL_BUILD=$build
seed=${SOAK_SEED:-1} seconds=${SOAK_SECONDS:-300} rounds=${SOAK_ROUNDS:-1} status=0

part() {
	printf -- '--- %s\n' "$1"
	shift
	"$@"
	case $? in
	0 | 77) ;;
	*) echo 'FAILED' && status=1 ;;
	esac
}
part 'ends of a spool at random operations of its disk' \
	env RUNNEL_CRASHES="${SOAK_CRASHES:-2000}" RUNNEL_SEED="$seed" "$build/tests/test_spool_crashes"
for ((i = 0; i < rounds; i++)); do
	part "faults of everything, round $((i + 1)) of $rounds" python3 tests/soak/soak.py --seconds "$seconds" --seed $((seed + i))
done
part 'boards killed while configs are pushed' python3 -B tests/soak/push_kills.py --kills "${SOAK_KILLS:-500}" --seed "$seed"
part 'an outage of 60 s' tests/bench/outage.sh
part 'the backlog of a day' python3 tests/soak/drain.py
part 'power cuts' env POWER_CUTS="${SOAK_CUTS:-50}" tests/hil/power.sh
((status == 0)) && echo 'nothing lost, nothing doubled'
exit $status
