/* SPDX-License-Identifier: Apache-2.0 */
/*
 * u128.h - unsigned 128-bit integers on every target (32-bit gcc has no __int128), as far as sums of squares need them.
 */
#ifndef RUNNEL_BASE_U128_H
#define RUNNEL_BASE_U128_H

#include <stdint.h>

struct u128 {
	uint64_t hi, lo;
};

static inline struct u128 u128_add(struct u128 a, struct u128 b)
{
	uint64_t lo = a.lo + b.lo;

	return (struct u128){ a.hi + b.hi + (lo < a.lo), lo };
}

static inline struct u128 u128_sub(struct u128 a, struct u128 b)
{
	return (struct u128){ a.hi - b.hi - (a.lo < b.lo), a.lo - b.lo };
}

static inline int u128_less(struct u128 a, struct u128 b)
{
	return a.hi != b.hi ? a.hi < b.hi : a.lo < b.lo;
}

static inline struct u128 u128_mul64(uint64_t a, uint64_t b)
{
	uint64_t a0 = (uint32_t)a, a1 = a >> 32, b0 = (uint32_t)b, b1 = b >> 32;
	uint64_t p00 = a0 * b0, p01 = a0 * b1, p10 = a1 * b0, p11 = a1 * b1;
	uint64_t mid = (p00 >> 32) + (uint32_t)p01 + (uint32_t)p10;

	return (struct u128){ p11 + (p01 >> 32) + (p10 >> 32) + (mid >> 32), mid << 32 | (uint32_t)p00 };
}

/** a * b modulo 2^128. */
static inline struct u128 u128_mul(struct u128 a, uint64_t b)
{
	struct u128 low = u128_mul64(a.lo, b);

	low.hi += a.hi * b;
	return low;
}

/** Correctly rounded up to one unit in the last place of the low half; exact below 2^53. */
static inline double u128_to_double(struct u128 a)
{
	return (double)a.hi * 18446744073709551616.0 + (double)a.lo;
}

#endif
