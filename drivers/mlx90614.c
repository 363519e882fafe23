/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mlx90614 - Melexis MLX90614: infrared thermometer, temperature of what it looks at and its own.
 *
 * Datasheet: Melexis 3901090614 rev. 008 (February 2013).
 * Compared with: Linux drivers/iio/temperature/mlx90614.c, SparkFun SparkFunMLX90614.cpp; datasheet pages at hand: rev. 008 p. 15.
 * Mode: continuous, as it powers up. Not done: EEPROM (emissivity, filters, address: set them once with the maker's tools), sleep, PWM.
 * Proven by: tests/test_driver_mlx90614.c with words and PECs of another project's tests; no hardware yet.
 *
 * Every word comes with a PEC over addresses, command and data, which is checked, and is the proof that it is this kind of chip: SparkFun's
 * library checks it likewise, while a comment in Linux says that it is not valid.
 * The top bit of a temperature is an error flag. The chip has no bit for new values; how often there is one depends on the filters, by
 * default every 0.1 s. It is an SMBus device: it needs 100 kHz or less.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "base/bytes.h"
#include "drivers/i2c.h"
#include "drivers/i2c_identity.h"
#include "drivers/pace.h"

enum {
	RAM_AMBIENT = 0x06,
	RAM_OBJECT_1 = 0x07,
	RAM_OBJECT_2 = 0x08,
	EEPROM_CONFIG = 0x25,
	CONFIG_DUAL = 1 << 6,
	ERROR_FLAG = 0x8000,
	FIRST_VALUE_US = 250000, /* after power-on */
};

struct mlx90614 {
	struct i2c i2c;

	bool is_dual;
	int64_t ready_us;
};

static const struct opt options[] = {
	I2C_OPTIONS(struct mlx90614, "0x5a", "0x5a as delivered; each can be given another"),
};

enum { AMBIENT, OBJECT, OBJECT_2 };

static const struct channel channels[] = {
	[AMBIENT] = { "ambient", "Cel", .min = -40, .max = 125, .help = "temperature of the sensor itself" },
	[OBJECT] = { "object", "Cel", .min = -70, .max = 382.2, .help = "temperature of what is in view" },
	[OBJECT_2] = { "object2", "Cel", .min = -70, .max = 382.2,
		       .help = "the second zone of types with two (B in the third place: MLX90614xBx), else no value" },
};

static int read_word(struct mlx90614 *s, uint8_t command, uint16_t *word)
{
	uint8_t frame[6] = { (uint8_t)(s->i2c.address << 1), command, (uint8_t)(s->i2c.address << 1 | 1) };
	int r = i2c_read_reg(&s->i2c, command, frame + 3, 3);

	if (r < 0)
		return r;
	if (i2c_pec(0, frame, 5) != frame[5])
		return -EBADMSG;
	*word = bytes_le16(frame + 3);
	return 0;
}

static int mlx90614_probe(void *state, int64_t now_us, struct sensor_error *err)
{
	struct mlx90614 *s = state;
	uint16_t config;
	int r = i2c_open(&s->i2c, err);

	if (r < 0)
		return r;
	r = read_word(s, EEPROM_CONFIG, &config);
	if (r == -EBADMSG) {
		snprintf(err->text, sizeof(err->text),
			 "another chip at 0x%02x, or a bus faster than 100 kHz: wrong PEC", (unsigned)s->i2c.address);
		return -ENODEV;
	}
	if (r < 0)
		return i2c_explain(&s->i2c, r, err);
	s->is_dual = config & CONFIG_DUAL;
	s->ready_us = now_us + FIRST_VALUE_US;
	return 0;
}

static int64_t mlx90614_trigger(void *state, int64_t now_us)
{
	struct mlx90614 *s = state;

	return pace_wait_us(&s->ready_us, now_us, FIRST_VALUE_US);
}

static int read_celsius(struct mlx90614 *s, uint8_t command, double *celsius)
{
	uint16_t raw;
	int r = read_word(s, command, &raw);

	if (r < 0)
		return r;
	if (raw & ERROR_FLAG || raw == 0)
		return -EIO;
	*celsius = raw * 0.02 - 273.15;
	return 0;
}

static int mlx90614_collect(void *state, int64_t now_us, double out[])
{
	struct mlx90614 *s = state;
	double ambient, object, object_2 = NAN;
	int r;

	if (now_us < s->ready_us)
		return -EAGAIN;
	r = read_celsius(s, RAM_AMBIENT, &ambient);
	if (r < 0)
		return r;
	r = read_celsius(s, RAM_OBJECT_1, &object);
	if (r < 0)
		return r;
	if (s->is_dual) {
		r = read_celsius(s, RAM_OBJECT_2, &object_2);
		if (r < 0)
			return r;
	}
	out[AMBIENT] = ambient;
	out[OBJECT] = object;
	out[OBJECT_2] = object_2;
	return 0;
}

static void mlx90614_close(void *state)
{
	i2c_close(&((struct mlx90614 *)state)->i2c);
}

static bool has_pec(uint8_t address, const uint8_t *answer)
{
	const uint8_t frame[] = { (uint8_t)(address << 1), EEPROM_CONFIG, (uint8_t)(address << 1 | 1), answer[0],
				  answer[1] };

	return i2c_pec(0, frame, sizeof(frame)) == answer[2];
}

static const struct i2c_identity identity = {
	.at = { { 0x5A, 0x5A } },
	.is_certain = true,
	.ask = { { .write = { EEPROM_CONFIG }, .n_write = 1, .n_read = 3, .fits = has_pec } },
};

const struct sensor_driver mlx90614_driver = {
	.name = "mlx90614",
	.help = "Melexis MLX90614: infrared thermometer",
	.identity = &identity,
	.options = { options, ARRAY_LEN(options) },
	.channels = channels,
	.n_channels = ARRAY_LEN(channels),
	.state_size = sizeof(struct mlx90614),
	.probe = mlx90614_probe,
	.trigger = mlx90614_trigger,
	.collect = mlx90614_collect,
	.close = mlx90614_close,
};
