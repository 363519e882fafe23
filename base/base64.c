/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int digit_of(char c)
{
	const char *p = c ? strchr(digits, c) : NULL;

	return p ? (int)(p - digits) : -1;
}

/* The bits of @text in order; false when a character is none of the 64, or bits beyond the last byte are set. */
static bool take_bits(const char *text, size_t len, uint8_t *out, size_t out_bytes)
{
	uint32_t bits = 0;
	unsigned n_bits = 0;
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		int d = digit_of(text[i]);

		if (d < 0)
			return false;
		bits = bits << 6 | (uint32_t)d;
		n_bits += 6;
		if (n_bits < 8)
			continue;
		n_bits -= 8;
		if (out && n < out_bytes)
			out[n] = (uint8_t)(bits >> n_bits);
		n++;
		bits &= (1u << n_bits) - 1;
	}
	return bits == 0 && n == out_bytes;
}

int base64_decode(const char *text, size_t len, uint8_t *out, size_t out_bytes)
{
	size_t n_pad = (3 - out_bytes % 3) % 3;

	if (len != (out_bytes + 2) / 3 * 4)
		return -EINVAL;
	for (size_t i = 0; i < n_pad; i++)
		if (text[len - 1 - i] != '=')
			return -EINVAL;
	if (!take_bits(text, len - n_pad, NULL, out_bytes))
		return -EINVAL;
	(void)take_bits(text, len - n_pad, out, out_bytes);
	return 0;
}

void base64_encode(const uint8_t *data, size_t bytes, char *out)
{
	for (size_t i = 0; i < bytes; i += 3) {
		uint32_t bits = (uint32_t)data[i] << 16;

		if (i + 1 < bytes)
			bits |= (uint32_t)data[i + 1] << 8;
		if (i + 2 < bytes)
			bits |= data[i + 2];
		*out++ = digits[bits >> 18];
		*out++ = digits[bits >> 12 & 63];
		*out++ = i + 1 < bytes ? digits[bits >> 6 & 63] : '=';
		*out++ = i + 2 < bytes ? digits[bits & 63] : '=';
	}
	*out = '\0';
}
