/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sgp40 - Sensirion SGP40: the raw signal of a sensor for volatile organic compounds.
 *
 * Datasheet: Sensirion SGP40, version 1.1 (September 2021); tables cited as t.n.
 * Compared with: Linux drivers/iio/chemical/sgp40.c; datasheet pages at hand: version 1.0 p. 9 to 14, version 1.1 p. 9.
 * Mode: raw measurements, with the hotplate on from the first reading; read it every second, as the chip is characterised.
 * Not done: the VOC index, which is made by Sensirion's algorithm on the host; the self-test; turning the hotplate off at the end.
 * Proven by: tests/test_driver_sgp40.c with the frames of the datasheet and another project's tests; no hardware yet.
 *
 * The signal falls when there is more in the air, and drifts over days; it says something in comparison to itself only. Temperature and
 * humidity, which it is compensated for, are constants here. The serial number is fetched before the first measurement, because probe()
 * must not wait for it.
 */
#include <errno.h>

#include "drivers/i2c.h"
#include "drivers/i2c_identity.h"
#include "drivers/pace.h"
#include "drivers/sensirion.h"

enum {
	READ_SERIAL = 0x3682,
	SERIAL_US = 1000,
	MEASURE_RAW = 0x260F, /* t.9 */
	MEASURE_US = 30000,   /* t.8 */
};

enum step { CHECK_SERIAL, MEASURE, FETCH };

struct sgp40 {
	struct i2c i2c;
	double temperature, humidity;

	enum step next;
	int64_t due_us;
};

static const struct opt options[] = {
	I2C_OPTIONS(struct sgp40, "0x59", "always 0x59"),
	{ "temperature", OPT_DOUBLE, offsetof(struct sgp40, temperature), .min = -45, .max = 130, .def = "25",
	  .unit = "Cel", .help = "temperature of the air, which the signal is compensated for" },
	{ "humidity", OPT_DOUBLE, offsetof(struct sgp40, humidity), .min = 0, .max = 100, .def = "50", .unit = "%",
	  .help = "relative humidity of the air, likewise" },
};

static const struct channel channels[] = {
	{ "raw", "{count}", .min = 0, .max = 65535,
	  .help = "logarithm of the resistance in ticks: less is worse air; not the VOC index" },
};

static int sgp40_probe(void *state, int64_t now_us, struct sensor_error *err)
{
	struct sgp40 *s = state;
	int r = i2c_open(&s->i2c, err);

	if (r < 0)
		return r;
	r = sensirion_send(&s->i2c, READ_SERIAL, NULL, 0);
	if (r < 0)
		return i2c_explain(&s->i2c, r, err);
	s->next = CHECK_SERIAL;
	s->due_us = now_us + SERIAL_US;
	return 0;
}

static int64_t measure(struct sgp40 *s, int64_t now_us)
{
	const uint16_t args[] = { sensirion_percent_word(s->humidity), sensirion_celsius_word(s->temperature) };
	int r = sensirion_send(&s->i2c, MEASURE_RAW, args, ARRAY_LEN(args));

	if (r < 0)
		return r;
	s->next = FETCH;
	s->due_us = now_us + MEASURE_US;
	return MEASURE_US;
}

static int64_t sgp40_trigger(void *state, int64_t now_us)
{
	struct sgp40 *s = state;
	int64_t wait_us = pace_wait_us(&s->due_us, now_us, MEASURE_US);

	if (s->next == CHECK_SERIAL)
		return wait_us;
	s->next = MEASURE;
	return wait_us > 0 ? wait_us : measure(s, now_us);
}

static int check_serial(struct sgp40 *s)
{
	uint16_t serial[3];
	int r = i2c_read_words_crc(&s->i2c, serial, ARRAY_LEN(serial));

	if (r < 0)
		return r == -EBADMSG ? -ENODEV : r;
	s->next = MEASURE;
	return 0;
}

static int sgp40_collect(void *state, int64_t now_us, double out[])
{
	struct sgp40 *s = state;
	uint16_t raw;
	int64_t r;

	if (now_us < s->due_us)
		return -EAGAIN;
	if (s->next == CHECK_SERIAL) {
		r = check_serial(s);
		if (r < 0)
			return (int)r;
	}
	if (s->next == MEASURE) {
		r = measure(s, now_us);
		return r < 0 ? (int)r : -EAGAIN;
	}
	r = i2c_read_words_crc(&s->i2c, &raw, 1);
	if (r < 0)
		return (int)r;
	if (raw == 0 || raw == 0xFFFF)
		return -EIO; /* the ends of the converter are no measurement */
	out[0] = raw;
	return 0;
}

static void sgp40_close(void *state)
{
	i2c_close(&((struct sgp40 *)state)->i2c);
}

static const struct i2c_identity identity = {
	.at = { { 0x59, 0x59 } },
	.is_certain = true,
	.ask = { { .write = { READ_SERIAL >> 8, READ_SERIAL & 0xFF },
		   .n_write = 2,
		   .n_read = 9,
		   .wait_us = SERIAL_US,
		   .fits = i2c_fits_3_words_crc } },
};

const struct sensor_driver sgp40_driver = {
	.name = "sgp40",
	.help = "Sensirion SGP40: raw signal of volatile organic compounds",
	.identity = &identity,
	.options = { options, ARRAY_LEN(options) },
	.channels = channels,
	.n_channels = ARRAY_LEN(channels),
	.state_size = sizeof(struct sgp40),
	.probe = sgp40_probe,
	.trigger = sgp40_trigger,
	.collect = sgp40_collect,
	.close = sgp40_close,
};
