/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sketch_table.c - the bucket boundaries 2^(j/32), j = 0..32, each rounded down to a double, so that
 * `m > boundary[j]` is true exactly when m is above the real boundary. Pinned here, so that all devices agree whatever
 * their libm: made with 60 decimal digits, see tests/test_sketch.c, which checks each by integer arithmetic.
 *
 * first[s]: how many boundaries are below 1 + s/64; no slot of 1/64 holds more than one.
 */
#include "pipelines/sketch.h"

const double sketch_exp2_boundary[33] = {
	0x1p+0,
	0x1.059b0d3158574p+0,
	0x1.0b5586cf9890fp+0,
	0x1.11301d0125b50p+0,
	0x1.172b83c7d517ap+0,
	0x1.1d4873168b9aap+0,
	0x1.2387a6e756238p+0,
	0x1.29e9df51fdee1p+0,
	0x1.306fe0a31b715p+0,
	0x1.371a7373aa9cap+0,
	0x1.3dea64c123422p+0,
	0x1.44e086061892dp+0,
	0x1.4bfdad5362a27p+0,
	0x1.5342b569d4f81p+0,
	0x1.5ab07dd485429p+0,
	0x1.6247eb03a5584p+0,
	0x1.6a09e667f3bccp+0,
	0x1.71f75e8ec5f73p+0,
	0x1.7a11473eb0186p+0,
	0x1.82589994cce12p+0,
	0x1.8ace5422aa0dbp+0,
	0x1.93737b0cdc5e4p+0,
	0x1.9c49182a3f090p+0,
	0x1.a5503b23e255cp+0,
	0x1.ae89f995ad3adp+0,
	0x1.b7f76f2fb5e46p+0,
	0x1.c199bdd85529cp+0,
	0x1.cb720dcef9069p+0,
	0x1.d5818dcfba487p+0,
	0x1.dfc97337b9b5ep+0,
	0x1.ea4afa2a490d9p+0,
	0x1.f50765b6e4540p+0,
	0x1p+1,
};

const uint8_t sketch_exp2_first[64] = {
	0,  1,	2,  3,	3,  4,	5,  5,	6,  7,	7,  8,	8,  9,	10, 10, 11, 11, 12, 13, 13, 14,
	14, 15, 15, 16, 16, 17, 17, 18, 18, 19, 19, 20, 20, 21, 21, 22, 22, 22, 23, 23, 24, 24,
	25, 25, 26, 26, 26, 27, 27, 28, 28, 28, 29, 29, 30, 30, 30, 31, 31, 31, 32, 32,
};
