# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# To be sourced: what the programs of another processor are given to compute, the same as those of this machine.

# replay_same DIR HERE THERE...: DIR/replay.yaml and DIR/recording.csv, replayed by the agent HERE and by the command THERE. Prints how
# many lines they agree in; where they do not, what differs, and fails.
replay_same() {
	local dir=$1 here=$2
	shift 2
	cat >"$dir/replay.yaml" <<-YAML
		device: b1
		site: lab
		window: 10s
		sensors:
		  air: {driver: sim, unit: Cel, every: 100ms}
		  line: {driver: sim, unit: V, every: 100ms}
		streams:
		  temp: {from: air.value, through: [median: 5, moving_average: 2s], quantiles: true}
		  volts: {from: line.value, through: [hampel: {size: 7}, exponential: 0.2], quantiles: true}
		  hot: {from: temp, through: [threshold: {above: 23, clear: 22, for: 1s}], event: true}
		kpis:
		  p95: {value: "quantile(temp, 0.95) - sqrt(stddev(volts)) / 3"}
		  hot_share: {value: 100 * time_mean(hot), unit: "%"}
	YAML
	awk 'BEGIN {
		print "time,air.value,line.value"
		for (i = 0; i < 6000; i++)
			printf "%.1f,%s,%.4f\n", 1763700000 + i / 10, i % 131 == 7 ? "" : sprintf("%.3f", 21 + 3 * sin(i / 300) + (i * 7919 % 101) / 400),
				230 * (1 + (i * 104729 % 997 - 498) / 1e4) }' >"$dir/recording.csv"
	"$here" replay -c "$dir/replay.yaml" --input "$dir/recording.csv" >"$dir/replay.here" || return
	"$@" replay -c "$dir/replay.yaml" --input "$dir/recording.csv" >"$dir/replay.there" || return
	if ! cmp -s "$dir/replay.here" "$dir/replay.there"; then
		diff "$dir/replay.here" "$dir/replay.there" | head -n 4
		return 1
	fi
	wc -l <"$dir/replay.here"
}
