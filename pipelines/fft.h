/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fft.h - the power spectrum of a block of real values, its length a power of two.
 *
 * In doubles, and by additions and multiplications alone, so that every board computes the same bits; a library in single
 * precision, which is what Debian has of kissfft, would lose half of the digits and everything beyond 1e38.
 */
#ifndef RUNNEL_PIPELINES_FFT_H
#define RUNNEL_PIPELINES_FFT_H

#include <stddef.h>

#include "base/arena.h"

struct fft;

/** For blocks of @n values, a power of two from 8 on. */
struct fft *fft_new(size_t n, struct arena *a);

/** |X(k)|^2 of @x, k from 0 to n / 2, into @power. X(k) = sum over i of x(i) exp(-2 pi j k i / n). */
void fft_power(struct fft *f, const double x[], double power[]);

#endif
