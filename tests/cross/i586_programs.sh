#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Agent and collector for i586, from the build with PAHO_SRC= to a tarball: i586_programs.sh [PAHO_SRC], in $BUILD. Without a source tree of paho
# one stands in for it that reaches no broker (paho_stand_in.sh); then all is in $BUILD/stand-in, so that nobody takes them for programs to
# install. They are run under emulation of a Pentium without MMX: a recording gives the same bytes as the programs of this machine in $BUILD,
# and an agent without a broker keeps its windows.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=tests/cross/recording.sh
source tests/cross/recording.sh
here=$(realpath "${BUILD:-build}")
build=$here paho=${1:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[[ -n $paho ]] || build=$here/stand-in
unset MAKELEVEL MAKEFLAGS MFLAGS
cross=("${MAKE:-make}" --no-print-directory -s -j"$(nproc)" CROSS=i586-static BUILD="$build" CROSS_DIR="$here/cross")
if [[ -z $paho ]]; then
	paho=$build/paho
	"${cross[@]}" build-deps
	tests/cross/paho_stand_in.sh "$here/cross/i586" "$paho"
fi
cross+=(PAHO_SRC="$paho")
"${cross[@]}" all
tarball=$("${cross[@]}" dist | tail -n 1)
"${cross[@]}" isacheck
tar -xzf "$tarball" -C "$work" --wildcards '*/bin/*'
emulated=(env 'QEMU_CPU=pentium,-mmx' qemu-i386-static)
for program in runnel runnel-collector; do
	"${emulated[@]}" "$work/usr/bin/$program" --version
done

n_same=$(replay_same "$work" "$here/runnel" "${emulated[@]}" "$work/usr/bin/runnel") || { echo "FAILED: a recording gives something else than here: $n_same" && exit 1; }
((n_same > 100)) || { echo "FAILED: only $n_same lines of a recording" && exit 1; }
sed 's/window: 10s/window: 1s/' "$work/replay.yaml" >"$work/config.yaml"
cat >>"$work/config.yaml" <<YAML
mqtt: {broker: "mqtt://127.0.0.1:1"}
clock: {trust: always}
spool: {path: $work/spool.db}
YAML
rc=0
"${emulated[@]}" "$work/usr/bin/runnel" run -c "$work/config.yaml" --seconds 4 >"$work/log" 2>&1 || rc=$?
n=$(sqlite3 "$work/spool.db" 'SELECT count(*) FROM row')
((rc == 69 && n >= 2)) || { echo "FAILED: without a broker: status $rc, not 69; $n kept" && tail "$work/log" && exit 1; }
echo "$n_same lines of a recording with the same bytes as here, $n messages kept for a broker"
