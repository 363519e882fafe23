#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# valgrind finds no error and no leak in a short run, a replay, and in what ends early because of an error.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "$0")/lib.sh"
command -v valgrind >/dev/null || skip 'valgrind is not installed'

cat >"$work/config.yaml" <<EOF
device: board-1
window: 1s
spool: {path: $work/spool.db}
mqtt: {broker: "mqtt://127.0.0.1:1"}
sensors:
  air: {driver: sim, unit: Cel, every: 100ms, noise: 1}
  door: {driver: sim, shape: square, every: 100ms, period: 1s}
  sick: {driver: sim, unit: Cel, every: 100ms, fault_every: 1s, fault_for: 500ms}
  file: {driver: csv, path: $work/rows.csv}
streams:
  temp: {from: air.value, through: [median: 3, moving_average: 5], quantiles: true}
  hot: {from: door.value, event: true}
  sick: {from: sick.value}
  both: {from: [air.value, sick.value], through: [combine: max]}
  file: {from: file.a}
kpis:
  ratio: {value: "quantile(temp, 0.9) - least(mean(sick), mean(temp))"}
EOF
printf 'time,a\n1,1\n2,x\n3,3\n' >"$work/rows.csv"
printf 'time,air.value,door.value\n' >"$work/input.csv"
for i in $(seq 300); do
	echo "$((1700000000 + i)),$((i % 13)),$((i / 7 % 2))"
done >>"$work/input.csv"
echo '1700000100,torn' >>"$work/input.csv"

# clean STATUS NAME COMMAND...
clean() {
	local expected=$1 name=$2
	shift 2
	status_of timeout 120 valgrind -q --error-exitcode=99 --leak-check=full --show-leak-kinds=definite,possible,indirect \
		--errors-for-leak-kinds=definite,possible,indirect "$@" >"$work/$name.out" 2>"$work/$name.log"
	((status == expected)) || fail "$name: exit status $status, expected $expected"
	! has "$work/$name.log" '^==[0-9]*==' || fail "$name: $(grep '^==' "$work/$name.log" | head -n 20)"
}
sed 's/rows.csv/none.csv/' "$work/config.yaml" >"$work/wrong.yaml"
clean 78 wrong "$runnel" run -c "$work/wrong.yaml" --print
clean 78 usual "$runnel" check "$work/wrong.yaml"
sed -i 's/^2,x/2,2/' "$work/rows.csv"
clean 0 run "$runnel" run -c "$work/config.yaml" --print --seconds 4
has "$work/run.out" '"type":"kpi"' || fail 'the run gave no KPI'
clean 69 offline "$runnel" run -c "$work/config.yaml" --seconds 2
clean 0 replay "$runnel" replay -c "$work/config.yaml" --input "$work/input.csv"
has "$work/replay.out" '"type":"event"' || fail 'the replay gave no event'
clean 74 header "$runnel" replay -c "$work/config.yaml" --input "$work/rows.csv"
