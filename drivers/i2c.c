/* SPDX-License-Identifier: Apache-2.0 */
/*
 * i2c.c - what drivers say to a chip, in terms of one operation: write some bytes, then read some.
 *
 * Every transfer goes through i2c_transfer(): it counts, keeps the caller's memory untouched when the bus gives up halfway, and turns
 * a lost arbitration, which the kernel calls -EAGAIN, into -EIO: from collect() -EAGAIN would mean a conversion that takes longer.
 */
#include "drivers/i2c.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "drivers/i2c_linux.h"

int i2c_open(struct i2c *i2c, struct sensor_error *err)
{
	int r;

	if (i2c->is_open)
		return 0;
	if (!i2c->ops)
		i2c->ops = &i2c_linux_ops;
	r = i2c->ops->open(i2c, err);
	if (r < 0)
		return r;
	i2c->is_open = true;
	return 0;
}

void i2c_close(struct i2c *i2c)
{
	if (i2c->is_open)
		i2c->ops->close(i2c);
	i2c->is_open = false;
}

int i2c_transfer(struct i2c *i2c, const void *out, size_t n_out, void *in, size_t n_in)
{
	uint8_t received[I2C_MAX_BYTES];
	int r;

	assert(n_out <= I2C_MAX_BYTES && n_in <= I2C_MAX_BYTES);
	if (!i2c->is_open)
		return -ENODEV;
	r = i2c->ops->transfer(i2c, out, n_out, received, n_in);
	i2c->stats.n_transfers++;
	if (r < 0) {
		i2c->stats.n_errors++;
		return r == -EAGAIN ? -EIO : r;
	}
	i2c->stats.n_bytes += n_out + n_in;
	if (n_in > 0)
		memcpy(in, received, n_in);
	return 0;
}

int i2c_write(struct i2c *i2c, const void *out, size_t n)
{
	return i2c_transfer(i2c, out, n, NULL, 0);
}

int i2c_read(struct i2c *i2c, void *in, size_t n)
{
	return i2c_transfer(i2c, NULL, 0, in, n);
}

int i2c_read_reg(struct i2c *i2c, uint8_t reg, void *in, size_t n)
{
	return i2c_transfer(i2c, &reg, 1, in, n);
}

int i2c_write_reg(struct i2c *i2c, uint8_t reg, uint8_t value)
{
	const uint8_t out[] = { reg, value };

	return i2c_write(i2c, out, sizeof(out));
}

int i2c_read_reg16be(struct i2c *i2c, uint8_t reg, uint16_t *value)
{
	uint8_t in[2];
	int r = i2c_read_reg(i2c, reg, in, sizeof(in));

	if (r < 0)
		return r;
	*value = bytes_be16(in);
	return 0;
}

int i2c_write_reg16be(struct i2c *i2c, uint8_t reg, uint16_t value)
{
	const uint8_t out[] = { reg, (uint8_t)(value >> 8), (uint8_t)value };

	return i2c_write(i2c, out, sizeof(out));
}

/** Most significant bit first, no final XOR. Bit by bit: sensors send a handful of bytes a second. */
static uint8_t crc8(uint8_t crc, uint8_t polynomial, const uint8_t *data, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		crc ^= data[i];
		for (int bit = 0; bit < 8; bit++)
			crc = (uint8_t)(crc << 1 ^ (crc & 0x80 ? polynomial : 0));
	}
	return crc;
}

uint8_t i2c_crc8_31(uint8_t init, const uint8_t *data, size_t n)
{
	return crc8(init, 0x31, data, n);
}

uint8_t i2c_pec(uint8_t crc, const uint8_t *data, size_t n)
{
	return crc8(crc, 0x07, data, n);
}

int i2c_read_words_crc(struct i2c *i2c, uint16_t *words, size_t n_words)
{
	uint8_t in[I2C_MAX_BYTES];
	int r;

	assert(n_words <= sizeof(in) / 3);
	r = i2c_read(i2c, in, 3 * n_words);
	if (r < 0)
		return r;
	for (size_t i = 0; i < n_words; i++)
		if (i2c_crc8_31(0xFF, &in[3 * i], 2) != in[3 * i + 2])
			return -EBADMSG;
	for (size_t i = 0; i < n_words; i++)
		words[i] = bytes_be16(&in[3 * i]);
	return 0;
}

int i2c_explain(const struct i2c *i2c, int error, struct sensor_error *err)
{
	const char *bus = i2c->bus ? i2c->bus : "the bus";
	unsigned address = (unsigned)i2c->address;

	switch (error) {
	case -ENXIO:
	case -EREMOTEIO:
	case -ENODEV:
		snprintf(err->text, sizeof(err->text),
			 "nothing answers at 0x%02x on %.60s: check address, wiring and power", address, bus);
		break;
	case -ETIMEDOUT:
		snprintf(err->text, sizeof(err->text), "%.60s is held by a device, or has no pull-up resistors", bus);
		break;
	case -EOPNOTSUPP:
		snprintf(err->text, sizeof(err->text), "the adapter of %.60s cannot do what 0x%02x needs", bus,
			 address);
		break;
	case -EBADMSG:
		snprintf(err->text, sizeof(err->text), "wrong checksum from 0x%02x on %.60s", address, bus);
		break;
	default:
		break;
	}
	return error;
}

int i2c_check_id(struct i2c *i2c, uint8_t reg, uint8_t expected, struct sensor_error *err)
{
	uint8_t id;
	int r = i2c_read_reg(i2c, reg, &id, 1);

	if (r < 0)
		return i2c_explain(i2c, r, err);
	if (id == expected)
		return 0;
	snprintf(err->text, sizeof(err->text), "another chip at 0x%02x: register 0x%02x says 0x%02x instead of 0x%02x",
		 (unsigned)i2c->address, reg, id, expected);
	return -ENODEV;
}
