/* SPDX-License-Identifier: Apache-2.0 */
/* prng.h - SplitMix64 (Steele, Lea, Flood 2014): small, seeded, the same numbers on every target. Not for secrets. */
#ifndef RUNNEL_BASE_PRNG_H
#define RUNNEL_BASE_PRNG_H

#include <stdint.h>

/** Advances @state. */
static inline uint64_t prng_u64(uint64_t *state)
{
	uint64_t z = (*state += 0x9E3779B97F4A7C15u);

	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
	z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
	return z ^ (z >> 31);
}

/** Uniform in [0, 1), 53 bits. */
static inline double prng_unit(uint64_t *state)
{
	return (double)(prng_u64(state) >> 11) * 0x1p-53;
}

#endif
