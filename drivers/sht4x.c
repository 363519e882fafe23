/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sht4x - Sensirion SHT40, SHT41, SHT43 and SHT45: relative humidity and temperature.
 *
 * Datasheet: Sensirion SHT4x, version 6 (February 2023); sections cited as s.n.
 * Compared with: Linux drivers/hwmon/sht4x.c, ESPHome esphome/components/sht4x/sht4x.cpp; datasheet pages at hand: version 6, first page
 * only.
 * Mode: single measurements. Not done: other heater pulses than the one of 1 s; the commands of 0.1 s heat too little to dry anything.
 * Proven by: tests/test_driver_sht4x.c with recordings of a real chip and vectors of other projects; no hardware yet.
 *
 * The serial number is fetched before the first measurement, because probe() must not wait for it. Its CRC is the only identity
 * there is. A heater pulse gives values of the hot chip: they are dropped, and the readings after it are still warm for about a minute.
 * The heater must be on for a tenth of the time at most (s.4.9), which the lower bound of the option keeps.
 */
#include <errno.h>
#include <math.h>

#include "drivers/i2c.h"
#include "drivers/i2c_identity.h"
#include "drivers/pace.h"
#include "drivers/sensirion.h"

enum {
	READ_SERIAL = 0x89,  /* s.4.5 */
	SERIAL_US = 10000,   /* not in the datasheet; what the maker's own driver waits */
	HEATER_US = 1100000, /* longest */
};

static const char *const repeatabilities[] = { "low", "medium", "high", NULL };
static const char *const heaters[] = { "off", "20mW", "110mW", "200mW", NULL };

/* s.4.5 and the timing table: longest. */
static const struct {
	uint8_t command;
	int32_t us;
} shots[] = { { 0xE0, 1600 }, { 0xF6, 4500 }, { 0xFD, 8300 } };
static const uint8_t heater_commands[] = { 0, 0x1E, 0x2F, 0x39 };

enum step { CHECK_SERIAL, MEASURE, FETCH, DROP };

struct sht4x {
	struct i2c i2c;
	int repeatability, heater;
	int64_t heater_every_us;

	enum step next;
	int64_t due_us, heated_us;
};

static const struct opt options[] = {
	I2C_OPTIONS(struct sht4x, "0x44", "0x44; types with B: 0x45, with C: 0x46"),
	{ "repeatability", OPT_ENUM, offsetof(struct sht4x, repeatability), .def = "high", .choices = repeatabilities,
	  .help = "low is faster and takes less current, high has less noise" },
	{ "heater", OPT_ENUM, offsetof(struct sht4x, heater), .def = "off", .choices = heaters,
	  .help = "pulses of 1 s at this power, which dry the chip in damp air; the reading at a pulse is left out" },
	{ "heater_every", OPT_DURATION, offsetof(struct sht4x, heater_every_us), .min = 11e6, .max = 3.15576e13,
	  .def = "10m", .help = "time from one heater pulse to the next" },
};

enum { TEMPERATURE, HUMIDITY };

static const struct channel channels[] = {
	[TEMPERATURE] = { "temperature", "Cel", .min = -40, .max = 125, .help = "temperature of the chip" },
	[HUMIDITY] = { "humidity", "%", .min = 0, .max = 100, .help = "relative humidity at the chip" },
};

static double humidity_percent(uint16_t word) /* s.4.6, which also says to clip it */
{
	double h = -6.0 + 125.0 * word / 65535.0;

	return h < 0.0 ? 0.0 : h > 100.0 ? 100.0 : h;
}

static int sht4x_probe(void *state, int64_t now_us, struct sensor_error *err)
{
	static const uint8_t command = READ_SERIAL;
	struct sht4x *s = state;
	int r = i2c_open(&s->i2c, err);

	if (r < 0)
		return r;
	r = i2c_write(&s->i2c, &command, 1);
	if (r < 0)
		return i2c_explain(&s->i2c, r, err);
	s->next = CHECK_SERIAL;
	s->due_us = now_us + SERIAL_US;
	return 0;
}

static int64_t measure(struct sht4x *s, int64_t now_us)
{
	/* heated_us in the future: the clock was set back. */
	bool is_pulse = s->heater && (now_us - s->heated_us >= s->heater_every_us || now_us < s->heated_us);
	uint8_t command = is_pulse ? heater_commands[s->heater] : shots[s->repeatability].command;
	int64_t wait_us = is_pulse ? HEATER_US : shots[s->repeatability].us;
	int r = i2c_write(&s->i2c, &command, 1);

	if (r < 0)
		return r;
	if (is_pulse)
		s->heated_us = now_us;
	s->next = is_pulse ? DROP : FETCH;
	s->due_us = now_us + wait_us;
	return wait_us;
}

static int64_t sht4x_trigger(void *state, int64_t now_us)
{
	struct sht4x *s = state;
	int64_t wait_us = pace_wait_us(&s->due_us, now_us, s->next == DROP ? HEATER_US : SERIAL_US);

	if (s->next != CHECK_SERIAL && wait_us == 0)
		return measure(s, now_us);
	if (s->next != CHECK_SERIAL)
		s->next = MEASURE;
	return wait_us;
}

static int check_serial(struct sht4x *s)
{
	uint16_t serial[2];
	int r = i2c_read_words_crc(&s->i2c, serial, ARRAY_LEN(serial));

	if (r < 0)
		return r == -EBADMSG ? -ENODEV : r;
	s->next = MEASURE;
	return 0;
}

static int sht4x_collect(void *state, int64_t now_us, double out[])
{
	struct sht4x *s = state;
	uint16_t words[2];
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
	r = i2c_read_words_crc(&s->i2c, words, ARRAY_LEN(words));
	if (r < 0)
		return (int)r;
	out[TEMPERATURE] = s->next == DROP ? NAN : sensirion_celsius(words[0]);
	out[HUMIDITY] = s->next == DROP ? NAN : humidity_percent(words[1]);
	return 0;
}

static void sht4x_close(void *state)
{
	i2c_close(&((struct sht4x *)state)->i2c);
}

/* 0x94 is a reset, between 0x15 and 0x39 are the heaters. */
static const struct i2c_identity identity = {
	.at = { { 0x44, 0x46 } },
	.harm = { { 0x15, 0x39 }, { 0x94, 0x94 } },
	.n_harm = 2,
	.is_certain = true,
	.ask = { { .write = { READ_SERIAL },
		   .n_write = 1,
		   .n_read = 6,
		   .wait_us = SERIAL_US,
		   .fits = i2c_fits_2_words_crc } },
};

const struct sensor_driver sht4x_driver = {
	.name = "sht4x",
	.help = "Sensirion SHT40, SHT41, SHT43, SHT45: relative humidity and temperature",
	.identity = &identity,
	.options = { options, ARRAY_LEN(options) },
	.channels = channels,
	.n_channels = ARRAY_LEN(channels),
	.state_size = sizeof(struct sht4x),
	.probe = sht4x_probe,
	.trigger = sht4x_trigger,
	.collect = sht4x_collect,
	.close = sht4x_close,
};
