/* SPDX-License-Identifier: Apache-2.0 */
#include "drivers/iio_scan.h"

#include <errno.h>
#include <string.h>

/* A number of one or two digits. @return characters, 0: none */
static size_t take_number(const char *text, unsigned *out)
{
	size_t n = strspn(text, "0123456789");

	if (n == 0 || n > 2)
		return 0;
	*out = 0;
	for (size_t i = 0; i < n; i++)
		*out = *out * 10 + (unsigned)(text[i] - '0');
	return n;
}

/* "le:s" or "be:u", then two numbers with a slash between and a shift, which the kernel always writes but need not. */
static bool take_parts(const char *text, unsigned *bits, unsigned *storage, unsigned *shift)
{
	size_t n = take_number(text, bits), m;

	if (n == 0 || text[n] != '/')
		return false;
	text += n + 1;
	n = take_number(text, storage);
	text += n;
	*shift = 0;
	if (n > 0 && strncmp(text, ">>", 2) == 0) {
		m = take_number(text + 2, shift);
		text += 2 + m;
		n = m;
	}
	return n > 0 && text[strspn(text, " \n")] == '\0';
}

int iio_scan_parse(const char *text, struct iio_element *out)
{
	bool is_big = strncmp(text, "be:", 3) == 0, is_little = strncmp(text, "le:", 3) == 0;
	unsigned bits, storage, shift;

	if ((!is_big && !is_little) || (text[3] != 's' && text[3] != 'u'))
		return -EINVAL;
	if (!take_parts(text + 4, &bits, &storage, &shift))
		return -EINVAL;
	if ((storage != 8 && storage != 16 && storage != 32 && storage != 64) || bits == 0 || bits + shift > storage)
		return -EINVAL;
	out->is_big_endian = is_big;
	out->is_signed = text[3] == 's';
	out->bits = (uint8_t)bits;
	out->bytes = (uint8_t)(storage / 8);
	out->shift = (uint8_t)shift;
	return 0;
}

/* The element with the least index above @above, NULL: none. */
static struct iio_element *next_of(struct iio_element elements[], size_t n, int64_t above)
{
	struct iio_element *next = NULL;

	for (size_t i = 0; i < n; i++)
		if (elements[i].index > above && (!next || elements[i].index < next->index))
			next = &elements[i];
	return next;
}

size_t iio_scan_lay_out(struct iio_element elements[], size_t n)
{
	size_t end = 0, largest = 1, n_laid = 0;
	struct iio_element *e;

	for (int64_t above = -1; (e = next_of(elements, n, above)); above = e->index, n_laid++) {
		e->offset = (end + e->bytes - 1) / e->bytes * e->bytes;
		end = e->offset + e->bytes;
		if (e->bytes > largest)
			largest = e->bytes;
	}
	return n_laid == n ? (end + largest - 1) / largest * largest : 0;
}

static uint64_t bits_of(const struct iio_element *e, const uint8_t row[])
{
	const uint8_t *p = row + e->offset;
	uint64_t raw = 0;

	for (size_t i = 0; i < e->bytes; i++)
		raw = raw << 8 | p[e->is_big_endian ? i : e->bytes - 1U - i];
	raw >>= e->shift;
	return e->bits < 64 ? raw & ((UINT64_C(1) << e->bits) - 1) : raw;
}

int64_t iio_scan_integer(const struct iio_element *e, const uint8_t row[])
{
	uint64_t raw = bits_of(e, row), sign = UINT64_C(1) << (e->bits - 1);

	return (int64_t)(e->is_signed ? (raw ^ sign) - sign : raw);
}

double iio_scan_value(const struct iio_element *e, const uint8_t row[])
{
	return e->is_signed ? (double)iio_scan_integer(e, row) : (double)bits_of(e, row);
}
