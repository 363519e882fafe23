#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The numbers of docs/performance.md, part after part: `make bench`, or bench.sh PART... Takes about 4 minutes;
# BENCH_SECONDS=20 shortens the idle node, BENCH_ROWS=1000000 the replay. A missed bar is shown, not an error:
# times depend on the machine. The gate is tests/e2e/instructions.sh.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

parts=(pipeline operators fft replay wire messages bus start sizes idle outage store push)
[[ $# -gt 0 ]] || set -- "${parts[@]}"
status=0

printf 'runnel %s; %s, %s CPUs (%s), Linux %s; load %s\n' "$("${RUNNEL_BUILD:-build}/runnel" --version | awk '{ print $NF }')" "$(uname -m)" \
	"$(nproc)" "$(awk -F': *' '/^(model name|Model)/ { print $2; exit }' /proc/cpuinfo)" "$(uname -r | sed 's/-.*//')" \
	"$(cut -d' ' -f1 /proc/loadavg)"
for part; do
	[[ " ${parts[*]} " == *" $part "* ]] || { echo "bench: no part '$part'; there are: ${parts[*]}" && exit 64; }
	"tests/bench/$part.sh" || { echo "bench: $part failed" && status=1; }
done
exit $status
