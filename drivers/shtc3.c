/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shtc3 - Sensirion SHTC3: relative humidity and temperature. SHTC1 and SHTW2 have other ids and no sleep; they are refused.
 *
 * Datasheet: Sensirion SHTC3, version 1 (July 2018).
 * Compared with: Linux drivers/hwmon/shtc1.c; datasheet pages at hand: version 1, first page only.
 * Mode: single measurements, temperature first, without clock stretching. Not done: sleep between readings (0.05 mA are saved).
 * Proven by: tests/test_driver_shtc3.c with the example of the datasheet (measuring and reading the signals); no hardware yet.
 *
 * A chip that another program put to sleep acknowledges the wake-up but not the question that follows at once: the first probe
 * fails then, and the next finds it awake.
 */
#include <errno.h>
#include <stdio.h>

#include "drivers/i2c.h"
#include "drivers/i2c_identity.h"
#include "drivers/sensirion.h"

enum {
	WAKE_UP = 0x3517,
	ID_MASK = 0x083F, /* xxxx 1xxx xx00 0111 */
	ID = 0x0807,
};

static const char *const modes[] = { "normal", "low_power", NULL };

/* Longest times. */
static const struct {
	uint16_t command;
	int32_t us;
} shots[] = { { 0x7866, 12100 }, { 0x609C, 800 } };

struct shtc3 {
	struct i2c i2c;
	int mode;
};

static const struct opt options[] = {
	I2C_OPTIONS(struct shtc3, "0x70", "always 0x70"),
	{ "mode", OPT_ENUM, offsetof(struct shtc3, mode), .def = "normal", .choices = modes,
	  .help = "low_power takes less than 1 ms and has more noise" },
};

enum { TEMPERATURE, HUMIDITY };

static const struct channel channels[] = {
	[TEMPERATURE] = { "temperature", "Cel", .min = -40, .max = 125, .help = "temperature of the chip" },
	[HUMIDITY] = { "humidity", "%", .min = 0, .max = 100, .help = "relative humidity at the chip" },
};

static int shtc3_probe(void *state, int64_t now_us, struct sensor_error *err)
{
	static const uint8_t read_id[] = { 0xEF, 0xC8 };
	struct shtc3 *s = state;
	uint8_t id[3];
	int r = i2c_open(&s->i2c, err);

	(void)now_us;
	if (r < 0)
		return r;
	r = sensirion_send(&s->i2c, WAKE_UP, NULL, 0);
	if (r < 0)
		return i2c_explain(&s->i2c, r, err);
	r = i2c_transfer(&s->i2c, read_id, sizeof(read_id), id, sizeof(id));
	if (r < 0)
		return i2c_explain(&s->i2c, r, err);
	if (i2c_crc8_31(0xFF, id, 2) != id[2] || ((id[0] << 8 | id[1]) & ID_MASK) != ID) {
		snprintf(err->text, sizeof(err->text), "another chip at 0x%02x: its id is %02X %02X %02X",
			 (unsigned)s->i2c.address, id[0], id[1], id[2]);
		return -ENODEV;
	}
	return 0;
}

static int64_t shtc3_trigger(void *state, int64_t now_us)
{
	struct shtc3 *s = state;
	int r = sensirion_send(&s->i2c, shots[s->mode].command, NULL, 0);

	(void)now_us;
	return r < 0 ? r : shots[s->mode].us;
}

static int shtc3_collect(void *state, int64_t now_us, double out[])
{
	struct shtc3 *s = state;
	uint16_t words[2];
	int r = i2c_read_words_crc(&s->i2c, words, ARRAY_LEN(words));

	(void)now_us;
	if (r < 0)
		return r;
	out[TEMPERATURE] = -45.0 + 175.0 * words[0] / 65536.0;
	out[HUMIDITY] = 100.0 * words[1] / 65536.0;
	return 0;
}

static void shtc3_close(void *state)
{
	i2c_close(&((struct shtc3 *)state)->i2c);
}

/*
 * It has an id, but must be woken up for it by two bytes, which would switch a mux (TCA9548A) or write to a PCA9685, which listens to this
 * address too.
 */
static const struct i2c_identity identity = {
	.at = { { 0x70, 0x70 } },
};

const struct sensor_driver shtc3_driver = {
	.name = "shtc3",
	.help = "Sensirion SHTC3: relative humidity and temperature",
	.identity = &identity,
	.options = { options, ARRAY_LEN(options) },
	.channels = channels,
	.n_channels = ARRAY_LEN(channels),
	.state_size = sizeof(struct shtc3),
	.probe = shtc3_probe,
	.trigger = shtc3_trigger,
	.collect = shtc3_collect,
	.close = shtc3_close,
};
