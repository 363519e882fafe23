/* SPDX-License-Identifier: Apache-2.0 */
/*
 * swar.h - eight bytes of text at a time in one 64-bit word ("SIMD within a register"), in plain C for every
 * target. The first character is always the lowest byte, also on big-endian machines. Parsing text is where a
 * replay spends most of its time, and words have no branch per character to mispredict.
 */
#ifndef RUNNEL_BASE_SWAR_H
#define RUNNEL_BASE_SWAR_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define SWAR_EACH(byte) ((uint64_t)(byte)*0x0101010101010101u)

static inline uint64_t swar_load8(const char *p)
{
	uint64_t w;

	memcpy(&w, p, sizeof(w));
	return le64toh(w);
}

/**
 * The @n bytes (1 to 8) at @p, so placed that the last is the highest byte, zeros below the first. Never reads past
 * them: two overlapping loads make up odd lengths.
 */
static inline uint64_t swar_load_last(const char *p, size_t n)
{
	const unsigned char *u = (const unsigned char *)p;
	uint32_t first, last;

	if (n < 4)
		return (uint64_t)u[0] << (64 - n * 8) | (uint64_t)u[n / 2] << (64 - n * 8 + n / 2 * 8) |
		       (uint64_t)u[n - 1] << 56;
	memcpy(&first, p, sizeof(first));
	memcpy(&last, p + n - 4, sizeof(last));
	return (uint64_t)le32toh(first) << (64 - n * 8) | (uint64_t)le32toh(last) << 32;
}

/** Bit 7 of every byte that is less than @limit (1 to 0x7F); exact. */
static inline uint64_t swar_below(uint64_t w, unsigned char limit)
{
	return ~(((w & SWAR_EACH(0x7F)) + SWAR_EACH(0x80 - limit)) | w) & SWAR_EACH(0x80);
}

/** Are all bytes, already XORed with '0', from 0 to 9? */
static inline bool swar_are_digits(uint64_t w)
{
	return !(((w + SWAR_EACH(0x80 - 10)) | w) & SWAR_EACH(0x80));
}

/** The number that eight bytes from 0 to 9 spell, the lowest byte first. */
static inline uint32_t swar_number(uint64_t w)
{
	w = w * 10 + (w >> 8); /* pairs, in every other byte */
	return (uint32_t)(((w & 0x000000FF000000FFu) * (100 + (UINT64_C(1000000) << 32)) +
			   (w >> 16 & 0x000000FF000000FFu) * (1 + (UINT64_C(10000) << 32))) >>
			  32);
}

/**
 * @n characters (1 to 8), all digits but for at most one point: their number without the point, and how many
 * digits follow the point. @has_point tells "5." from "5".
 * @return false: something else. A point alone is the number 0.
 */
static inline bool swar_decimal(const char *p, size_t n, uint32_t *number, unsigned *n_fraction, bool *has_point)
{
	uint64_t w = swar_load_last(p, n) ^ SWAR_EACH('0') << (64 - n * 8);
	uint64_t t = w ^ SWAR_EACH('.' ^ '0'), point = (t - SWAR_EACH(1)) & ~t & SWAR_EACH(0x80);

	/* Of the marks of zero bytes in t the lowest is exact, which is all that is needed here. */
	*has_point = point != 0;
	*n_fraction = 0;
	if (point) {
		uint64_t up_to_point;

		point &= -point;
		up_to_point = point | (point - 1);
		*n_fraction = (unsigned)__builtin_clzll(point) / 8;
		w = (w & ~up_to_point) | (w << 8 & up_to_point); /* close the gap */
	}
	*number = swar_number(w);
	return swar_are_digits(w);
}

#endif
