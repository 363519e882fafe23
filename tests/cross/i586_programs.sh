#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Agent and collector for i586, from the build with PAHO_SRC= to a tarball: i586_programs.sh [PAHO_SRC], after `make CROSS=i586-static` in $BUILD. Without a
# source tree of paho one stands in for it that reaches no broker (paho_stand_in.sh). They are run under emulation of a Pentium without MMX: a
# recording gives the same bytes as the programs of this machine in $BUILD, and an agent without a broker keeps its windows.
set -euo pipefail
cd "$(dirname "$0")/../.."
build=$(realpath "${BUILD:-build}")
paho=${1:-}
work=$(mktemp -d)
# What cannot reach a broker is not left behind.
finish() {
	rm -rf "$work"
	[[ -n ${1:-} ]] || rm -rf "$build"/i586-static/{runnel,runnel-collector,share,dist} "$build/stand-in.tar.gz"
}
trap 'finish "${1:-}"' EXIT
if [[ -z $paho ]]; then
	paho=$build/i586-static/paho-stand-in
	tests/cross/paho_stand_in.sh "$build/cross/i586" "$paho"
fi
unset MAKELEVEL MAKEFLAGS MFLAGS
cross=("${MAKE:-make}" --no-print-directory -s -j"$(nproc)" CROSS=i586-static BUILD="$build" PAHO_SRC="$paho")
[[ -n ${1:-} ]] || cross+=(dist_name=stand-in)
"${cross[@]}" all
tarball=$("${cross[@]}" dist | tail -n 1)
"${cross[@]}" isacheck
tar -xzf "$tarball" -C "$work" --wildcards '*/bin/*'
emulated=(env 'QEMU_CPU=pentium,-mmx' qemu-i386-static)
for program in runnel runnel-collector; do
	"${emulated[@]}" "$work/usr/bin/$program" --version
done

awk 'BEGIN {
	print "time,air.value,line.value"
	for (i = 0; i < 6000; i++)
		printf "%.1f,%s,%.4f\n", 1763700000 + i / 10, i % 131 == 7 ? "" : sprintf("%.3f", 21 + 3 * sin(i / 300) + (i * 7919 % 101) / 400),
			230 * (1 + (i * 104729 % 997 - 498) / 1e4) }' >"$work/recording.csv"
cat >"$work/config.yaml" <<YAML
device: b1
site: lab
window: 10s
mqtt: {broker: "mqtt://127.0.0.1:1"}
clock: {trust: always}
spool: {path: $work/spool.db}
sensors:
  air: {driver: sim, unit: Cel, every: 100ms}
  line: {driver: sim, unit: V, every: 100ms}
streams:
  temp: {from: air.value, through: [median: 5, moving_average: 2s], quantiles: true}
  volts: {from: line.value, through: [hampel: {size: 7}, exponential: 0.2], quantiles: true}
kpis:
  p95: {value: "quantile(temp, 0.95) - sqrt(stddev(volts)) / 3"}
YAML
"$build/runnel" replay -c "$work/config.yaml" --input "$work/recording.csv" >"$work/here"
"${emulated[@]}" "$work/usr/bin/runnel" replay -c "$work/config.yaml" --input "$work/recording.csv" >"$work/there"
cmp "$work/here" "$work/there"
sed -i 's/window: 10s/window: 1s/' "$work/config.yaml"
rc=0
"${emulated[@]}" "$work/usr/bin/runnel" run -c "$work/config.yaml" --seconds 4 >"$work/log" 2>&1 || rc=$?
n=$(sqlite3 "$work/spool.db" 'SELECT count(*) FROM row')
((rc == 69 && n >= 2)) || { echo "FAILED: without a broker: status $rc, not 69; $n kept" && tail "$work/log" && exit 1; }
echo "$(wc -l <"$work/here") lines of a recording with the same bytes as here, $n messages kept for a broker"
