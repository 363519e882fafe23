/* SPDX-License-Identifier: Apache-2.0 */
/* bytes.h - integers from the bytes of a wire, any alignment; names say the order on the wire, and the width. */
#ifndef RUNNEL_BASE_BYTES_H
#define RUNNEL_BASE_BYTES_H

#include <stdint.h>

static inline uint16_t bytes_be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint16_t bytes_le16(const uint8_t *p)
{
	return (uint16_t)(p[1] << 8 | p[0]);
}

static inline uint32_t bytes_be24(const uint8_t *p)
{
	return (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
}

static inline uint32_t bytes_le24(const uint8_t *p)
{
	return (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static inline uint32_t bytes_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | bytes_be24(p + 1);
}

/** The low @bits of @value as a two's complement number. 1 <= bits <= 32. */
static inline int32_t bytes_sign_extend(uint32_t value, unsigned bits)
{
	uint32_t sign = (uint32_t)1 << (bits - 1);

	value &= sign | (sign - 1);
	return (int32_t)((value ^ sign) - sign);
}

static inline int16_t bytes_be16s(const uint8_t *p)
{
	return (int16_t)bytes_sign_extend(bytes_be16(p), 16);
}

static inline int16_t bytes_le16s(const uint8_t *p)
{
	return (int16_t)bytes_sign_extend(bytes_le16(p), 16);
}

#endif
