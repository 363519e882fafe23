#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The gate on the cost of a sample: instructions of `runnel replay` over CSV rows through a moving average and a window with
# all atoms and a sketch. Counted by callgrind, so the same everywhere; the difference of two lengths leaves out the start.
set -euo pipefail
command -v valgrind >/dev/null || { echo 'skipped: no valgrind'; exit 77; }
here=$(cd "$(dirname "$0")/.." && pwd)
runnel=${RUNNEL_BUILD:-$here/../build}/runnel
limit=500
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

cat >"$dir/config.yaml" <<'EOF'
device: gate
window: 10s
sensors:
  air: {driver: sim, unit: Cel, every: 10ms}
streams:
  temp: {from: air.value, through: [moving_average: 16], quantiles: true}
EOF

count() {
	"$here/gen_csv.sh" "$1" | sed 's/air.temperature/air.value/' >"$dir/input.csv"
	valgrind --tool=callgrind --callgrind-out-file=/dev/null "$runnel" replay -c "$dir/config.yaml" --input "$dir/input.csv" \
		2>"$dir/log" >"$dir/out"
	awk '/Collected/ { print $NF }' "$dir/log"
}

short=$(count 20000)
long=$(count 120000)
per_sample=$(((long - short) / 100000))
echo "$per_sample instructions a sample, limit $limit"
[ "$(grep -c '"type":"partial"' "$dir/out")" -eq 120 ] || { echo 'the replay did not give its 120 partials'; exit 1; }
[ "$per_sample" -gt 50 ] && [ "$per_sample" -le "$limit" ]
