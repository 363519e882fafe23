/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fft.c - n real values are taken for n / 2 complex ones, transformed by Stockham's algorithm (of radix 4, one pass of radix 2 when the
 * power is odd) and taken apart again. Stockham's writes each pass to the other of two buffers in the order that the next one reads, so
 * there is no reversal of bits and all loops run straight through memory.
 */
#include "pipelines/fft.h"

#include <assert.h>

#include "pipelines/plain_math.h"

struct complex {
	double re, im;
};

struct fft {
	size_t n_complex;
	struct complex *turns;	    /* exp(-2 pi j k / n_complex), k from 0 */
	struct complex *half_turns; /* exp(-2 pi j k / n), k to n / 4 */
	struct complex *buffers[2];
};

static struct complex *turns_of(size_t n, size_t count, struct arena *a)
{
	struct complex *turns = arena_alloc(a, count * sizeof(*turns));

	for (size_t k = 0; k < count; k++) {
		double turn = (double)k / (double)n;

		turns[k] = (struct complex){ plain_cos_turns(turn), -plain_sin_turns(turn) };
	}
	return turns;
}

struct fft *fft_new(size_t n, struct arena *a)
{
	struct fft *f = arena_alloc(a, sizeof(*f));

	assert(n >= 8 && (n & (n - 1)) == 0);
	f->n_complex = n / 2;
	f->turns = turns_of(n / 2, n / 2, a);
	f->half_turns = turns_of(n, n / 4 + 1, a);
	for (int i = 0; i < 2; i++)
		f->buffers[i] = arena_alloc(a, f->n_complex * sizeof(struct complex));
	return f;
}

static inline struct complex plus(struct complex a, struct complex b)
{
	return (struct complex){ a.re + b.re, a.im + b.im };
}

static inline struct complex minus(struct complex a, struct complex b)
{
	return (struct complex){ a.re - b.re, a.im - b.im };
}

static inline struct complex times(struct complex a, struct complex b)
{
	return (struct complex){ a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re };
}

/* Multiplied by j. */
static inline struct complex turned(struct complex a)
{
	return (struct complex){ -a.im, a.re };
}

/** @stride transforms of length @n, interleaved, become 4 * @stride of length @n / 4. */
static void pass_of_four(const struct fft *f, size_t n, const struct complex *restrict x, struct complex *restrict y)
{
	size_t stride = f->n_complex / n, quarter = f->n_complex / 4;

	for (size_t p = 0; p < n / 4; p++) {
		struct complex w1 = f->turns[p * stride], w2 = f->turns[2 * p * stride], w3 = f->turns[3 * p * stride];
		const struct complex *in = x + stride * p;
		struct complex *out = y + 4 * stride * p;

		for (size_t q = 0; q < stride; q++) {
			struct complex a = in[q], b = in[q + quarter], c = in[q + 2 * quarter], d = in[q + 3 * quarter];
			struct complex sum_ac = plus(a, c), diff_ac = minus(a, c);
			struct complex sum_bd = plus(b, d), diff_bd = turned(minus(b, d));

			out[q] = plus(sum_ac, sum_bd);
			out[q + stride] = times(w1, minus(diff_ac, diff_bd));
			out[q + 2 * stride] = times(w2, minus(sum_ac, sum_bd));
			out[q + 3 * stride] = times(w3, plus(diff_ac, diff_bd));
		}
	}
}

static void pass_of_two(const struct fft *f, const struct complex *restrict x, struct complex *restrict y)
{
	size_t half = f->n_complex / 2;

	for (size_t q = 0; q < half; q++) {
		y[q] = plus(x[q], x[q + half]);
		y[q + half] = minus(x[q], x[q + half]);
	}
}

static const struct complex *transform(struct fft *f)
{
	int from = 0;
	size_t n = f->n_complex;

	for (; n >= 4; n /= 4, from = !from)
		pass_of_four(f, n, f->buffers[from], f->buffers[!from]);
	if (n == 2) {
		pass_of_two(f, f->buffers[from], f->buffers[!from]);
		from = !from;
	}
	return f->buffers[from];
}

static double power_of(struct complex a)
{
	return a.re * a.re + a.im * a.im;
}

/* X(k) = e + w o, X(n/2 - k) = conj(e - w o): e and o the transforms of the even and the odd values. */
void fft_power(struct fft *f, const double x[], double power[])
{
	size_t n = f->n_complex;
	const struct complex *z;

	for (size_t i = 0; i < n; i++)
		f->buffers[0][i] = (struct complex){ x[2 * i], x[2 * i + 1] };
	z = transform(f);

	power[0] = (z[0].re + z[0].im) * (z[0].re + z[0].im);
	power[n] = (z[0].re - z[0].im) * (z[0].re - z[0].im);
	for (size_t k = 1; k <= n / 2; k++) {
		struct complex mirror = { z[n - k].re, -z[n - k].im };
		struct complex even = plus(z[k], mirror), odd = minus(z[k], mirror);
		struct complex rest = turned(times(f->half_turns[k], odd));

		power[k] = 0.25 * power_of(minus(even, rest));
		power[n - k] = 0.25 * power_of(plus(even, rest));
	}
}
