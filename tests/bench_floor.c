/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_floor FILE - how fast can it be? The recordings of gen_csv.sh, and no other text: `DDDDDDDDDD.ddd,DD.ddd` rows of
 * one length, in order, no gaps, no check. A moving average over 16, count, sums, minimum, maximum and a histogram for
 * windows of 10 s, in integers of 0.001. What `runnel replay` takes longer is the price of taking any text, time and order,
 * of contracts, and of graphs that are data.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/swar.h"

enum { ROW_BYTES = 22, SECONDS_DIGITS = 10, BUFFER_ROWS = 3000, AVERAGED = 16, BUCKETS = 1024, WINDOW_MS = 10000 };

struct window {
	uint64_t number, n, s2;
	int64_t s1;
	uint32_t min, max, counts[BUCKETS];
};

static void show(const struct window *w)
{
	uint64_t half = 0;
	int bucket = -1;

	if (w->n == 0)
		return;
	while (half * 2 < w->n)
		half += w->counts[++bucket];
	printf("%llu,%llu,%lld,%llu,%u,%u,%d\n", (unsigned long long)w->number * WINDOW_MS / 1000,
	       (unsigned long long)w->n, (long long)w->s1, (unsigned long long)w->s2, w->min, w->max, bucket);
}

static inline void add(struct window *w, uint64_t time_ms, uint32_t k)
{
	if (time_ms / WINDOW_MS != w->number) {
		show(w);
		*w = (struct window){ .number = time_ms / WINDOW_MS, .min = UINT32_MAX };
	}
	w->n++;
	w->s1 += k;
	w->s2 += (uint64_t)k * k;
	w->min = k < w->min ? k : w->min;
	w->max = k > w->max ? k : w->max;
	w->counts[k / 100 % BUCKETS]++;
}

static inline void take_row(struct window *w, const char *row)
{
	static uint32_t last[AVERAGED], sum, at;
	uint64_t head = swar_load8(row) ^ SWAR_EACH('0'), tail = swar_load8(row + SECONDS_DIGITS - 2) ^ SWAR_EACH('0');
	uint64_t value = swar_load8(row + ROW_BYTES - 8) ^ SWAR_EACH('0');
	uint64_t time_ms;
	uint32_t k;

	/* "SS.mmm,D": two digits, close the gap of the point, three digits, three zeros in front */
	tail = (tail & 0xFFFF) << 24 | (tail >> 24 & 0xFFFFFF) << 40;
	time_ms = (uint64_t)swar_number(head) * 100000 + swar_number(tail);
	/* ",VV.vvv" and the line end: likewise */
	value = (value >> 8 & 0xFFFF) << 24 | (value >> 32 & 0xFFFFFF) << 40;
	k = swar_number(value);

	sum += k - last[at];
	last[at] = k;
	at = (at + 1) % AVERAGED;
	add(w, time_ms, sum / AVERAGED);
}

int main(int argc, char **argv)
{
	static char buffer[BUFFER_ROWS * ROW_BYTES];
	static struct window window;
	int fd = argc == 2 ? open(argv[1], O_RDONLY) : -1;
	size_t kept = 0;
	ssize_t n = fd < 0 ? -1 : 1;

	while (n > 0 && buffer[0] != '\n') /* the header */
		n = read(fd, buffer, 1);
	while (n > 0 && (n = read(fd, buffer + kept, sizeof(buffer) - kept)) > 0) {
		size_t rows = (kept + (size_t)n) / ROW_BYTES, used = rows * ROW_BYTES;

		for (size_t i = 0; i < rows; i++)
			take_row(&window, buffer + i * ROW_BYTES);
		kept = kept + (size_t)n - used;
		memmove(buffer, buffer + used, kept);
	}
	show(&window);
	return n < 0;
}
