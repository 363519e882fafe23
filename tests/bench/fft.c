/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fft.c - the power spectrum of real values, ours in doubles beside the real transform of kissfft in single precision (as Debian
 * has it) with the same powers. In turns in one process, so that what else the machine does meets both.
 *
 * Compiled by fft.sh, where kissfft is there; no other part of runnel needs it.
 */
#include <kiss_fftr.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/arena.h"
#include "base/prng.h"
#include "pipelines/fft.h"

enum { MAX_N = 16384, RUNS = 21 };

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double times[RUNS])
{
	qsort(times, RUNS, sizeof(times[0]), compare);
	return times[RUNS / 2];
}

/* The largest difference as a share of the largest power: both must have computed the same thing. */
static double difference(const double power[], const kiss_fft_cpx out[], size_t n)
{
	double most = 0, worst = 0;

	for (size_t i = 0; i <= n / 2; i++) {
		double theirs = (double)out[i].r * (double)out[i].r + (double)out[i].i * (double)out[i].i;
		double d = theirs > power[i] ? theirs - power[i] : power[i] - theirs;

		most = power[i] > most ? power[i] : most;
		worst = d > worst ? d : worst;
	}
	return worst / most;
}

static void measure(size_t n)
{
	static double x[MAX_N], power[MAX_N / 2 + 1], ours[RUNS], theirs[RUNS];
	static float x4[MAX_N], power4[MAX_N / 2 + 1];
	static kiss_fft_cpx out[MAX_N / 2 + 1];
	size_t times = 4000000 / n;
	struct arena arena = { 0 };
	struct fft *f = fft_new(n, &arena);
	kiss_fftr_cfg k = kiss_fftr_alloc((int)n, 0, NULL, NULL);
	uint64_t prng = n;

	if (!k)
		abort();
	for (size_t i = 0; i < n; i++) {
		x[i] = (double)(prng_u64(&prng) >> 40) / 16777216.0 - 0.5;
		x4[i] = (float)x[i];
	}
	for (int r = 0; r < RUNS; r++) {
		double t0 = now_ns(), t1;

		for (size_t i = 0; i < times; i++)
			fft_power(f, x, power);
		t1 = now_ns();
		for (size_t i = 0; i < times; i++) {
			kiss_fftr(k, x4, out);
			for (size_t j = 0; j <= n / 2; j++)
				power4[j] = out[j].r * out[j].r + out[j].i * out[j].i;
		}
		ours[r] = (t1 - t0) / (double)times;
		theirs[r] = (now_ns() - t1) / (double)times;
	}
	printf("   %6zu %12.2f %12.2f %8.2f %16.1e\n", n, median(ours) / 1000, median(theirs) / 1000,
	       median(ours) / median(theirs), difference(power, out, n) + 0 * (double)power4[0]);
	kiss_fftr_free(k);
	arena_free(&arena);
}

int main(void)
{
	printf("   %6s %12s %12s %8s %16s\n", "values", "runnel us", "kissfft us", "ratio", "difference");
	for (size_t n = 16; n <= MAX_N; n *= 4)
		measure(n);
	return 0;
}
