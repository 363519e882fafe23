/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sht3x - Sensirion SHT30, SHT31 and SHT35: relative humidity and temperature. Copies such as the GXHT30 may work.
 *
 * Datasheet: Sensirion SHT3x-DIS, version 5 (May 2018); sections cited as s.n.
 * Compared with: Linux drivers/hwmon/sht3x.c; datasheet pages at hand: version 5 p. 10, 11, 13.
 * Mode: single shot without clock stretching, which not every adapter can do.
 * Not done: periodic and ART modes, alerts, the serial number (it identifies no type; the CRC of the status register does better).
 * A chip that another program left in a periodic mode refuses our commands: cut its power once.
 * Proven by: tests/test_driver_sht3x.c with the CRC example of the datasheet and frames of other projects' tests; no hardware yet.
 *
 * Between two commands there must be 1 ms (s.4.3), so the first reading after a probe goes step by step. The heater is off after a
 * loss of power, so when it is wanted, each reading begins by turning it on.
 */
#include <errno.h>
#include <stdio.h>

#include "drivers/i2c.h"
#include "drivers/i2c_identity.h"
#include "drivers/pace.h"
#include "drivers/sensirion.h"

enum {
	HEATER_ON = 0x306D, /* s.4.10 */
	HEATER_OFF = 0x3066,
	BETWEEN_COMMANDS_US = 1000, /* s.4.3 */
};

static const char *const repeatabilities[] = { "low", "medium", "high", NULL };

/* s.4.3; longest times, at the lower supply voltages. */
static const struct {
	uint16_t command;
	int32_t us;
} shots[] = { { 0x2416, 4500 }, { 0x240B, 6500 }, { 0x2400, 15500 } };

enum step { SET_HEATER, MEASURE, FETCH };

struct sht3x {
	struct i2c i2c;
	int repeatability;
	bool heater;

	enum step next;
	int64_t due_us;
};

static const struct opt options[] = {
	I2C_OPTIONS(struct sht3x, "0x44", "0x44, or 0x45 with ADDR high"),
	{ "repeatability", OPT_ENUM, offsetof(struct sht3x, repeatability), .def = "high", .choices = repeatabilities,
	  .help = "low is faster and takes less current, high has less noise" },
	{ "heater", OPT_BOOL, offsetof(struct sht3x, heater), .def = "false",
	  .help = "heat the chip by a few degrees, to dry it or to see that it reacts" },
};

enum { TEMPERATURE, HUMIDITY };

static const struct channel channels[] = {
	[TEMPERATURE] = { "temperature", "Cel", .min = -40, .max = 125, .help = "temperature of the chip" },
	[HUMIDITY] = { "humidity", "%", .min = 0, .max = 100, .help = "relative humidity at the chip" },
};

static int sht3x_probe(void *state, int64_t now_us, struct sensor_error *err)
{
	static const uint8_t read_status[] = { 0xF3, 0x2D };
	struct sht3x *s = state;
	uint8_t status[3];
	int r = i2c_open(&s->i2c, err);

	if (r < 0)
		return r;
	r = i2c_transfer(&s->i2c, read_status, sizeof(read_status), status, sizeof(status));
	if (r < 0)
		return i2c_explain(&s->i2c, r, err);
	if (i2c_crc8_31(0xFF, status, 2) != status[2]) {
		snprintf(err->text, sizeof(err->text), "another chip at 0x%02x: its status has no valid CRC",
			 (unsigned)s->i2c.address);
		return -ENODEV;
	}
	s->next = SET_HEATER;
	s->due_us = now_us + BETWEEN_COMMANDS_US;
	return 0;
}

/** @return time until the next step */
static int64_t take_step(struct sht3x *s, int64_t now_us)
{
	int64_t wait_us;
	int r;

	if (s->next == SET_HEATER) {
		r = sensirion_send(&s->i2c, s->heater ? HEATER_ON : HEATER_OFF, NULL, 0);
		wait_us = BETWEEN_COMMANDS_US;
	} else {
		r = sensirion_send(&s->i2c, shots[s->repeatability].command, NULL, 0);
		wait_us = shots[s->repeatability].us;
	}
	if (r < 0)
		return r;
	s->next++;
	s->due_us = now_us + wait_us;
	return wait_us;
}

static int64_t sht3x_trigger(void *state, int64_t now_us)
{
	struct sht3x *s = state;
	int64_t wait_us = pace_wait_us(&s->due_us, now_us, shots[s->repeatability].us);

	if (s->next == FETCH)
		s->next = s->heater ? SET_HEATER : MEASURE;
	return wait_us > 0 ? wait_us : take_step(s, now_us);
}

static int sht3x_collect(void *state, int64_t now_us, double out[])
{
	struct sht3x *s = state;
	uint16_t words[2];
	int r;

	if (now_us < s->due_us)
		return -EAGAIN;
	if (s->next != FETCH) {
		int64_t wait_us = take_step(s, now_us);

		return wait_us < 0 ? (int)wait_us : -EAGAIN;
	}
	r = i2c_read_words_crc(&s->i2c, words, ARRAY_LEN(words));
	if (r < 0)
		return r;
	out[TEMPERATURE] = sensirion_celsius(words[0]);
	out[HUMIDITY] = sensirion_percent(words[1]);
	return 0;
}

static void sht3x_close(void *state)
{
	i2c_close(&((struct sht3x *)state)->i2c);
}

static const struct i2c_identity identity = {
	.at = { { 0x44, 0x45 } },
	.is_certain = true,
	.ask = { { .write = { 0xF3, 0x2D }, .n_write = 2, .n_read = 3, .fits = i2c_fits_word_crc } },
};

const struct sensor_driver sht3x_driver = {
	.name = "sht3x",
	.help = "Sensirion SHT30, SHT31, SHT35: relative humidity and temperature",
	.identity = &identity,
	.options = { options, ARRAY_LEN(options) },
	.channels = channels,
	.n_channels = ARRAY_LEN(channels),
	.state_size = sizeof(struct sht3x),
	.probe = sht3x_probe,
	.trigger = sht3x_trigger,
	.collect = sht3x_collect,
	.close = sht3x_close,
};
