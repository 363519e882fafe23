#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A fixed recording for measurements: gen_csv.sh ROWS, `time,channel` rows 10 ms apart, values with 3 decimals around 21.5.
# The generator is that of Park and Miller (1988), which awk's doubles compute exactly.
exec awk -v rows="${1:?how many rows}" 'BEGIN {
	print "time,air.temperature"
	x = 20231115
	for (i = 0; i < rows; i++) {
		x = (x * 16807) % 2147483647
		ms = i * 10
		printf "%d.%03d,%.3f\n", 1700000000 + int(ms / 1000), ms % 1000, 20.5 + 2 * x / 2147483647
	}
}'
