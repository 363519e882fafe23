/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fake_i2c.h - a chip made of its registers or its commands, and what fake chips every driver is tested with.
 *
 * A register image is 256 bytes with an address that goes on by itself, or 256 registers of two bytes. A command chip (Sensirion,
 * ROHM) answers known writes with known bytes and acknowledges nothing else. A chip that is neither brings respond(). Bytes are
 * written as hexadecimal text, "70 6B 43", as datasheets print them.
 */
#ifndef RUNNEL_TESTS_FAKE_I2C_H
#define RUNNEL_TESTS_FAKE_I2C_H

#include "drivers/i2c.h"
#include "tests/driver_rig.h"

enum fake_kind {
	FAKE_BYTES,    /* registers of 8 bits, auto-increment */
	FAKE_WORDS_BE, /* registers of 16 bits, most significant byte first; no increment */
	FAKE_WORDS_LE,
	FAKE_COMMANDS,
};

/** One command and what is read after it, or with it. */
struct fake_exchange {
	const char *out, *in; /* in NULL or "": nothing to read */
};

enum { FAKE_MAX_LOG = 4096 };

/** All-zero is a chip of zeros that acknowledges at any address. */
struct fake_i2c {
	enum fake_kind kind;
	uint8_t address;     /* 0: any */
	uint8_t reg_mask;    /* of the register in the first byte written; 0: all bits */
	uint8_t reg[256];    /* FAKE_BYTES */
	uint16_t reg16[256]; /* FAKE_WORDS_* */
	const struct fake_exchange *exchanges;
	size_t n_exchanges;

	/** FAKE_BYTES: a write is register, value, register, value, ... instead of going on by itself. */
	bool takes_pairs;

	/** After registers from @reg on were written or read: what the chip does by itself, such as clearing a bit. */
	void (*written)(struct fake_i2c *f, uint8_t reg);
	void (*was_read)(struct fake_i2c *f, uint8_t reg, size_t n);

	/** Instead of all above. As i2c_ops.transfer. */
	int (*respond)(struct fake_i2c *f, const uint8_t *out, size_t n_out, uint8_t *in, size_t n_in);
	void *model; /* of written() and respond() */

	/** Faults: the @fail_at-th transfer from now on (1 is the next; 0: none) fails with @error. */
	int fail_at, error;
	bool is_absent; /* nothing acknowledges: -ENXIO */
	int open_error; /* of the next i2c_open() alone */

	/** Counted. */
	int n_xfers, n_opens, n_closes;

	uint8_t at;		/* register of the next read without a write */
	const char *answer;	/* of the command written last */
	char log[FAKE_MAX_LOG]; /* all that was written, as "[F4 25][F5 00]" */
	size_t log_bytes;
};

/** Registers from @reg on. */
void fake_i2c_set(struct fake_i2c *f, uint8_t reg, const char *hex);
void fake_i2c_set16(struct fake_i2c *f, uint8_t reg, uint16_t value);

/** Was exactly this written in one transfer, since the log was cleared? "F4 25" */
bool fake_i2c_wrote(const struct fake_i2c *f, const char *hex);
void fake_i2c_clear_log(struct fake_i2c *f);

/** Put @f in the place of the bus of @rig. Before the probe. */
void fake_i2c_attach(struct fake_i2c *f, struct driver_rig *rig);

/** The bus and address of a driver that has such options, else NULL. */
struct i2c *fake_i2c_of(struct driver_rig *rig);

/**
 * What a driver's own test and the tests of all drivers need to know of a chip. In tests/chip_NAME.c, as
 * `const struct fake_chip NAME_chip`, with a row in FAKE_CHIPS.
 */
struct fake_chip {
	const char *driver;
	const char *yaml; /* options beyond the bus; NULL: none */

	/** A chip just powered on, that will give good values. @f is all-zero. */
	void (*power_on)(struct fake_i2c *f);

	/** Make it one of another kind at the same address. NULL: the chip has no identity to read. */
	void (*become_other)(struct fake_i2c *f);

	/** A reading after the chip lost its power, and with it what probe() wrote, must fail. False: it cannot be seen, or does no harm. */
	bool notices_power_loss;
};

/* Sorted by name. */
#define FAKE_CHIPS(X)   \
	X(ads1015)      \
	X(ads1115)      \
	X(adxl345)      \
	X(aht20)        \
	X(bh1750)       \
	X(bme280)       \
	X(bme680)       \
	X(bmp180)       \
	X(bmp280)       \
	X(bmp388)       \
	X(ccs811)       \
	X(ds3231)       \
	X(ens160)       \
	X(hdc1080)      \
	X(htu21d)       \
	X(i2c_register) \
	X(ina219)       \
	X(ina226)       \
	X(ina260)       \
	X(lis3dh)       \
	X(lm75)         \
	X(mcp23017)     \
	X(mcp9808)      \
	X(mlx90614)     \
	X(mpu6050)      \
	X(pcf8574)      \
	X(scd30)        \
	X(scd4x)        \
	X(sgp40)        \
	X(sht3x)        \
	X(sht4x)        \
	X(shtc3)        \
	X(tmp102)       \
	X(tmp117)       \
	X(tsl2591)      \
	X(veml7700)     \
	X(vl53l0x)

/** By the name of the driver, or NULL. */
const struct fake_chip *fake_chip_find(const char *driver);

/**
 * A driver with the fake of its chip: options as YAML without the bus, "" for the chip's own. @f is overwritten.
 * Not yet probed, so that the test can change the chip.
 */
void fake_chip_init(struct driver_rig *rig, struct fake_i2c *f, const char *driver, const char *yaml);

#endif
