# SPDX-License-Identifier: Apache-2.0
# The peer that every system has: count, mean, minimum and maximum of each 10 s of `time,value` rows.
BEGIN { FS = "," }

FNR == 1 { next }

{
	w = int($1 / 10)
	if (w != open) {
		if (n)
			printf "%d,%d,%.6f,%s,%s\n", open * 10, n, sum / n, min, max
		open = w
		n = sum = 0
		min = max = $2 + 0
	}
	x = $2 + 0
	n++
	sum += x
	if (x < min)
		min = x
	if (x > max)
		max = x
}

END { printf "%d,%d,%.6f,%s,%s\n", open * 10, n, sum / n, min, max }
