#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The table of docs/performance.md about other processors: numbers.sh DIRECTORY..., directories of `make CROSS=... all` such as build/aarch64 or of
# this machine (build). Sizes are of stripped programs. Emulated: start is `runnel --version`, median of 7; PSS is after 5 s of `runnel run` with two
# simulated sensors and no broker, beside that of a program that only waits.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf '#include <unistd.h>\nint main(void)\n{\n\treturn pause();\n}\n' >"$work/wait.c"
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
  temp: {from: air.value, quantiles: true}
  volts: {from: line.value, quantiles: true}
YAML

# pss SECONDS COMMAND...: in KiB, of the process after a while.
pss() {
	local seconds=$1 pid
	shift
	"$@" >/dev/null 2>&1 &
	pid=$!
	sleep "$seconds"
	awk '/^Pss:/ { print $2 }' "/proc/$pid/smaps_rollup"
	kill -KILL "$pid"
	wait "$pid" 2>/dev/null || true
}

start_ms() {
	local begin
	for _ in 1 2 3 4 5 6 7; do
		begin=$EPOCHREALTIME
		"$@" --version >/dev/null
		echo $((${EPOCHREALTIME/[.,]/} - ${begin/[.,]/}))
	done | sort -n | awk 'NR == 4 { printf "%.1f", $1 / 1000 }'
}

echo '| target | runnel, bytes | runnel-collector, bytes | start, ms | PSS, KiB | a program that waits, KiB |'
echo '|---|---|---|---|---|---|'
for dir in "$@"; do
	target=$(basename "$dir") run=()
	if [[ -f cross/$target.mk ]]; then
		make --no-print-directory -s CROSS="$target" BUILD="$(dirname "$dir")" emulator >"$work/emulator"
		read -ra run <"$work/emulator"
	fi
	for program in runnel runnel-collector; do
		objcopy=$(sed -E 's/ .*//; s/gcc$/objcopy/; /\/bin\/cc$/s/.*/objcopy/; /objcopy/!s/.*/objcopy/' "$dir/flags")
		"$objcopy" --strip-all "$dir/$program" "$work/$program"
	done
	# The compiler with its flags, less the name of a source.
	eval "$(sed 's/ drivers[^ ]*$//' "$dir/flags") -w -o '$work/wait' '$work/wait.c'"
	printf '| %s | %d | %d | %s | %s | %s |\n' "$target" "$(stat -c %s "$work/runnel")" "$(stat -c %s "$work/runnel-collector")" \
		"$(start_ms "${run[@]}" "$work/runnel")" "$(pss 5 "${run[@]}" "$work/runnel" run -c "$work/config.yaml")" "$(pss 1 "${run[@]}" "$work/wait")"
	rm -rf "$work"/spool.db*
done
