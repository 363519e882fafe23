/* SPDX-License-Identifier: Apache-2.0 */
/*
 * i2c.h - one chip on an I2C bus, for drivers: registers and raw transfers, errors as negative errno, nothing else.
 *
 * The kernel's bus (i2c_linux.c) uses I2C_RDWR where the adapter can and SMBus transfers by libi2c where it cannot; tests put their
 * own operations in. A transfer that fails changes no output. Nothing here retries: the agent does, once for all drivers.
 *
 * Typical errors: -ENXIO, -EREMOTEIO, -ENODEV no acknowledge: absent, unpowered or wrong address (it depends on the adapter which of
 * them); -ETIMEDOUT the bus is held; -EBADMSG wrong checksum; -EOPNOTSUPP the adapter cannot do this kind of transfer; -EBUSY
 * a kernel driver owns the address.
 */
#ifndef RUNNEL_DRIVERS_I2C_H
#define RUNNEL_DRIVERS_I2C_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "base/opt.h"
#include "drivers/sensor.h"

struct i2c;

/** Of one transfer, each way: more than any sensor needs at once. */
enum { I2C_MAX_BYTES = 256 };

struct i2c_ops {
	/** Ready the bus. Called once per i2c_open(). */
	int (*open)(struct i2c *i2c, struct sensor_error *err);

	/** Write @n_out bytes, then read @n_in after a repeated start, as one transaction. One of the two may be 0. */
	int (*transfer)(struct i2c *i2c, const uint8_t *out, size_t n_out, uint8_t *in, size_t n_in);
	void (*close)(struct i2c *i2c);
};

/** Counted for the status and the tables of the docs. */
struct i2c_stats {
	uint64_t n_transfers, n_errors, n_bytes;
};

/** Part of a driver's state. All-zero but for the options is closed. */
struct i2c {
	const char *bus; /* option: "i2c-1", a path, or an adapter's name; "i2c-1/0x70.3": channel 3 of a mux at 0x70 */
	int64_t address; /* option: 7 bits */
	const struct i2c_ops *ops; /* NULL: the kernel's */
	void *backend;		   /* belongs to the ops */
	int fd;			   /* of the kernel's ops, when is_open */
	unsigned long functions;   /* I2C_FUNC_*, likewise */
	bool is_open;
	uint8_t mux_address, mux_channel; /* mux_address 0: no mux */
	struct i2c_stats stats;
};

/**
 * The first two rows of the options of every I2C driver, whose state is @type with `struct i2c i2c` in it.
 * @address: default as text, "0x76"; @choices_help: "0x76 or 0x77"
 */
#define I2C_OPTIONS(type, address_text, address_help)                                                           \
	{ "bus",                                                                                                \
	  OPT_TEXT,                                                                                             \
	  offsetof(type, i2c.bus),                                                                              \
	  .required = true,                                                                                     \
	  .example = "i2c-1",                                                                                   \
	  .help = "I2C bus, such as i2c-1; i2c-1/0x70.3: behind a mux" },                                       \
	{                                                                                                       \
		"address", OPT_INT, offsetof(type, i2c.address), .min = 0x03, .max = 0x77, .def = address_text, \
								 .help = address_help                           \
	}

/** Idempotent. @return 0 or negative errno with @err filled in the user's terms (which group or module is missing, ...) */
NODISCARD int i2c_open(struct i2c *i2c, struct sensor_error *err);

/** Idempotent; also when never opened. */
void i2c_close(struct i2c *i2c);

NODISCARD int i2c_transfer(struct i2c *i2c, const void *out, size_t n_out, void *in, size_t n_in);
NODISCARD int i2c_write(struct i2c *i2c, const void *out, size_t n);
NODISCARD int i2c_read(struct i2c *i2c, void *in, size_t n);

/** Read @n bytes from register @reg on. */
NODISCARD int i2c_read_reg(struct i2c *i2c, uint8_t reg, void *in, size_t n);
NODISCARD int i2c_write_reg(struct i2c *i2c, uint8_t reg, uint8_t value);

/** 16-bit registers, most significant byte first on the wire, as most sensors have them. */
NODISCARD int i2c_read_reg16be(struct i2c *i2c, uint8_t reg, uint16_t *value);
NODISCARD int i2c_write_reg16be(struct i2c *i2c, uint8_t reg, uint16_t value);

/** CRC-8 with polynomial 0x31, most significant bit first: Sensirion's. @init 0xFF for SHT3x and later, 0x00 for SHT2x and HTU21D. */
uint8_t i2c_crc8_31(uint8_t init, const uint8_t *data, size_t n);

/** CRC-8 with polynomial 0x07 from 0: SMBus packet error code, over addresses, command and data. */
uint8_t i2c_pec(uint8_t crc, const uint8_t *data, size_t n);

/**
 * Sensirion's frame: words of two bytes, each followed by its CRC (init 0xFF). Reads @n_words of them.
 * @return 0, -EBADMSG: a CRC is wrong, or the error of the transfer
 */
NODISCARD int i2c_read_words_crc(struct i2c *i2c, uint16_t *words, size_t n_words);

/** Say in @err what @error of the first transfer to a chip means, when there is more to say than errno does. @return @error */
int i2c_explain(const struct i2c *i2c, int error, struct sensor_error *err);

/** Is the 8-bit register @reg what it is in this kind of chip? @return 0, -ENODEV: no, or the error of the transfer; with @err filled */
NODISCARD int i2c_check_id(struct i2c *i2c, uint8_t reg, uint8_t expected, struct sensor_error *err);

#endif
