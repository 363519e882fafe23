/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bme680 - temperature, air pressure, relative humidity and the resistance of a heated gas sensor over I2C; also the BME688.
 *
 * Datasheets: Bosch BST-BME680-DS001 rev 1.8 and BST-BME688-DS000 rev 1.2; sections cited as s.n are of the former. Formulas: floating point as in
 * Bosch's BME68x sensor API.
 * Compared with: Bosch BME68x_SensorAPI bme68x.c (formulas and fields); of the datasheet no page was at hand.
 * Mode: forced; one heater step for each reading.
 * Not done: sequences of heater steps, an index of air quality (Bosch's is a closed library), correction of self-heating by the heater.
 * Proven by: tests/test_driver_bme680.c with sensors that other projects read; the BME688 from its formula alone; no hardware yet.
 *
 * What the heater needs for its temperature depends on that of the air, so all settings are written anew for each reading, in one transfer of
 * register and value pairs (s.6.2). With that a loss of power does no harm either: a chip that lost it between trigger and collect has no new data.
 */
#include "drivers/bme680.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "base/bytes.h"
#include "drivers/i2c_identity.h"

enum {
	REG_HEATER_TRIM = 0x00, /* to 0x04 */
	REG_FIELD = 0x1D,	/* status, and all values */
	REG_HEATER = 0x5A,
	REG_GAS_WAIT = 0x64,
	REG_CTRL_GAS_0 = 0x70,
	REG_CTRL_GAS_1 = 0x71,
	REG_CTRL_HUM = 0x72,
	REG_CTRL_MEAS = 0x74,
	REG_CONFIG = 0x75,
	REG_ID = 0xD0,
	REG_VARIANT = 0xF0,
	REG_TRIM_1 = 0x8A,
	REG_TRIM_2 = 0xE1,

	CHIP_ID = 0x61,
	VARIANT_BME688 = 1,
	RUN_GAS_BME680 = 1 << 4,
	RUN_GAS_BME688 = 2 << 4,
	MODE_FORCED = 1,

	STATUS_NEW_DATA = 1 << 7,
	AT_PRESSURE = 2,
	AT_TEMPERATURE = 5,
	AT_HUMIDITY = 8,
	AT_GAS_BME680 = 13,
	AT_GAS_BME688 = 15,
	FIELD_BYTES = 17,
	GAS_GOOD = 1 << 5 | 1 << 4, /* of the second byte: valid, and the heater was hot enough */

	NO_CONVERSION = 0x80000, /* of pressure and temperature */
	NO_HUMIDITY = 0x8000,
	ROOM_CELSIUS = 25, /* until the first reading */
};

struct bme680 {
	struct i2c i2c;
	int temperature_x, pressure_x, humidity_x, filter;
	int64_t heater_celsius, heater_us;

	struct bme680_trim trim;
	bool is_bme688;
	double air_celsius;
};

static const char *const oversampling[] = { "off", "x1", "x2", "x4", "x8", "x16", NULL };
static const char *const oversampling_on[] = { "x1", "x2", "x4", "x8", "x16", NULL };
static const char *const filters[] = { "off", "1", "3", "7", "15", "31", "63", "127", NULL };

static const struct opt options[] = {
	I2C_OPTIONS(struct bme680, "0x76", "0x76, or 0x77 with SDO high"),
	{ "temperature_oversampling", OPT_ENUM, offsetof(struct bme680, temperature_x), .def = "x2",
	  .choices = oversampling_on, .help = "conversions averaged by the chip" },
	{ "pressure_oversampling", OPT_ENUM, offsetof(struct bme680, pressure_x), .def = "x4", .choices = oversampling,
	  .help = "likewise; off: not measured" },
	{ "humidity_oversampling", OPT_ENUM, offsetof(struct bme680, humidity_x), .def = "x1", .choices = oversampling,
	  .help = "likewise; off: not measured" },
	{ "filter", OPT_ENUM, offsetof(struct bme680, filter), .def = "off", .choices = filters,
	  .help = "the chip's own low-pass for temperature and pressure: weight of the readings before" },
	{ "heater_temperature", OPT_INT, offsetof(struct bme680, heater_celsius), .min = 200, .max = 400, .def = "320",
	  .unit = "Cel", .help = "of the gas sensor's plate" },
	{ "heater_duration", OPT_DURATION, offsetof(struct bme680, heater_us), .min = 0, .max = 4032000, .def = "150ms",
	  .help = "how long it is heated before it is read; 0: no gas reading" },
};

enum { TEMPERATURE, PRESSURE, HUMIDITY, GAS };

static const struct channel channels[] = {
	[TEMPERATURE] = { "temperature", "Cel", .min = -40, .max = 85,
			  .help = "temperature of the chip, above the air's by what the heater gives" },
	[PRESSURE] = { "pressure", "hPa", .min = 300, .max = 1100,
		       .help = "air pressure here, not reduced to sea level" },
	[HUMIDITY] = { "humidity", "%", .min = 0, .max = 100, .help = "relative humidity" },
	[GAS] = { "gas_resistance", "kOhm", .min = 0, .max = 200000,
		  .help = "falls with the amount of volatile organic compounds" },
};

static int samples(int code)
{
	return code > 0 ? 1 << (code - 1) : 0;
}

/** As Bosch's API has it: 1963 us a sample, 477 us to switch (4 times, and 5 for gas), 1 ms to wake up, and the heater's time. */
static int64_t conversion_us(const struct bme680 *s)
{
	int n = samples(s->temperature_x + 1) + samples(s->pressure_x) + samples(s->humidity_x);

	return 1000 + 1963 * n + 477 * 4 + (s->heater_us ? 477 * 5 + s->heater_us : 0);
}

/** 6 bits of milliseconds, times 1, 4, 16 or 64 by the upper two, s.5.3.3.3; not less than asked for. */
static uint8_t gas_wait(int64_t us)
{
	int64_t ms = (us + 999) / 1000;
	int shift = 0;

	while (ms > 0x3F && shift < 3) {
		ms = (ms + 3) / 4;
		shift++;
	}
	return (uint8_t)(shift << 6 | (ms > 0x3F ? 0x3F : ms));
}

static int read_trim(struct bme680 *s)
{
	uint8_t heater[5], first[23], second[14];
	int r = i2c_read_reg(&s->i2c, REG_HEATER_TRIM, heater, sizeof(heater));

	if (r == 0)
		r = i2c_read_reg(&s->i2c, REG_TRIM_1, first, sizeof(first));
	if (r == 0)
		r = i2c_read_reg(&s->i2c, REG_TRIM_2, second, sizeof(second));
	if (r == 0)
		bme680_unpack_trim(&s->trim, heater, first, second);
	return r;
}

static int bme680_probe(void *state, int64_t now_us, struct sensor_error *err)
{
	struct bme680 *s = state;
	uint8_t variant;
	int r = i2c_open(&s->i2c, err);

	(void)now_us;
	s->air_celsius = ROOM_CELSIUS;
	if (r == 0)
		r = i2c_check_id(&s->i2c, REG_ID, CHIP_ID, err);
	if (r == 0)
		r = i2c_read_reg(&s->i2c, REG_VARIANT, &variant, 1);
	if (r < 0)
		return r;
	s->is_bme688 = variant == VARIANT_BME688;
	return read_trim(s);
}

static int64_t bme680_trigger(void *state, int64_t now_us)
{
	struct bme680 *s = state;
	uint8_t run = s->is_bme688 ? RUN_GAS_BME688 : RUN_GAS_BME680;
	const uint8_t settings[] = {
		REG_CTRL_HUM,	(uint8_t)s->humidity_x,
		REG_CONFIG,	(uint8_t)(s->filter << 2),
		REG_HEATER,	bme680_heater_code(&s->trim, (double)s->heater_celsius, s->air_celsius),
		REG_GAS_WAIT,	gas_wait(s->heater_us),
		REG_CTRL_GAS_0, 0, /* heater on when asked for */
		REG_CTRL_GAS_1, s->heater_us ? run : 0,
		REG_CTRL_MEAS,	(uint8_t)((s->temperature_x + 1) << 5 | s->pressure_x << 2 | MODE_FORCED),
	};
	int r = i2c_write(&s->i2c, settings, sizeof(settings));

	(void)now_us;
	return r < 0 ? r : conversion_us(s);
}

/** @gas: 10 bits of the value, 2 that say whether it is good, 4 of its range. */
static double gas_kohm(const struct bme680 *s, const uint8_t gas[2])
{
	unsigned adc = (unsigned)gas[0] << 2 | gas[1] >> 6, range = gas[1] & 0x0F;

	if (!s->heater_us || (gas[1] & GAS_GOOD) != GAS_GOOD)
		return NAN;
	return s->is_bme688 ? bme688_gas_kohm(adc, range) : bme680_gas_kohm(&s->trim, adc, range);
}

static int bme680_collect(void *state, int64_t now_us, double out[])
{
	struct bme680 *s = state;
	uint8_t raw[FIELD_BYTES];
	uint32_t temperature, pressure;
	uint16_t humidity;
	double t_fine;
	int r = i2c_read_reg(&s->i2c, REG_FIELD, raw, sizeof(raw));

	(void)now_us;
	if (r < 0)
		return r;
	if (!(raw[0] & STATUS_NEW_DATA))
		return -EAGAIN;
	temperature = bytes_be24(&raw[AT_TEMPERATURE]) >> 4;
	pressure = bytes_be24(&raw[AT_PRESSURE]) >> 4;
	humidity = bytes_be16(&raw[AT_HUMIDITY]);
	if (temperature == NO_CONVERSION)
		return -EIO;
	t_fine = bme680_t_fine(&s->trim, temperature);
	s->air_celsius = t_fine / 5120.0;
	out[TEMPERATURE] = s->air_celsius;
	out[PRESSURE] = pressure == NO_CONVERSION ? NAN : bme680_pressure_hpa(&s->trim, pressure, t_fine);
	out[HUMIDITY] = humidity == NO_HUMIDITY ? NAN : bme680_humidity_percent(&s->trim, humidity, s->air_celsius);
	out[GAS] = gas_kohm(s, &raw[s->is_bme688 ? AT_GAS_BME688 : AT_GAS_BME680]);
	return 0;
}

static void bme680_close(void *state)
{
	i2c_close(&((struct bme680 *)state)->i2c);
}

static const struct i2c_identity identity = {
	.at = { { 0x76, 0x77 } },
	.is_certain = true,
	.ask = { I2C_ASK(REG_ID, 1, 0xFF, CHIP_ID) },
};

const struct sensor_driver bme680_driver = {
	.name = "bme680",
	.help = "Bosch BME680 and BME688: temperature, air pressure, humidity and gas",
	.identity = &identity,
	.options = { options, ARRAY_LEN(options) },
	.channels = channels,
	.n_channels = ARRAY_LEN(channels),
	.state_size = sizeof(struct bme680),
	.probe = bme680_probe,
	.trigger = bme680_trigger,
	.collect = bme680_collect,
	.close = bme680_close,
};
