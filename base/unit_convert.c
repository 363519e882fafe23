/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unit_convert.c - how many of the base unit of its quantity one of each unit is, as a ratio of whole numbers: all of these are
 * exact by definition (SI brochure, 9th edition, tables 2 to 4 and 8; standard gravity: CGPM 1901; degree Fahrenheit: NIST
 * SP 811, B.8). The quotient of two such ratios is reduced, so that it is exact too.
 *
 * A unit that is alone in its quantity has no row. Rain and speed, turning and counting are apart though their dimension
 * is the same, as are volt ampere and watt: who converts one into the other has made a mistake.
 */
#include "base/unit_convert.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum quantity {
	RATIO,
	FREQUENCY,
	TEMPERATURE,
	PRESSURE,
	VOLTAGE,
	CURRENT,
	POWER,
	ENERGY,
	RESISTANCE,
	MAGNETIC_FLUX_DENSITY,
	ACCELERATION,
	SPEED,
	LENGTH,
	VOLUME,
	FLOW,
	MASS,
	TIME,
	MASS_CONCENTRATION,
	CONDUCTIVITY,
	DATA,
	DATA_RATE,
	TEMPERATURE_CHANGE,
};

static const struct row {
	const char *code;
	enum quantity quantity;
	double multiply, divide; /* of the base unit: 1 km/h = 1000/3600 m/s */
	double zero;		 /* what it reads at the zero of the base unit */
} rows[] = {
	{ "1", RATIO, 1, 1, 0 },
	{ "%", RATIO, 1, 100, 0 },
	{ "[ppm]", RATIO, 1, 1e6, 0 },
	{ "[ppb]", RATIO, 1, 1e9, 0 },
	{ "Hz", FREQUENCY, 1, 1, 0 },
	{ "kHz", FREQUENCY, 1000, 1, 0 },
	{ "/min", FREQUENCY, 1, 60, 0 },
	{ "/h", FREQUENCY, 1, 3600, 0 },
	{ "Cel", TEMPERATURE, 1, 1, 0 },
	{ "K", TEMPERATURE, 1, 1, 273.15 },
	{ "[degF]", TEMPERATURE, 5, 9, 32 },
	{ "hPa", PRESSURE, 100, 1, 0 },
	{ "Pa", PRESSURE, 1, 1, 0 },
	{ "kPa", PRESSURE, 1000, 1, 0 },
	{ "bar", PRESSURE, 100000, 1, 0 },
	{ "V", VOLTAGE, 1, 1, 0 },
	{ "mV", VOLTAGE, 1, 1000, 0 },
	{ "A", CURRENT, 1, 1, 0 },
	{ "mA", CURRENT, 1, 1000, 0 },
	{ "W", POWER, 1, 1, 0 },
	{ "mW", POWER, 1, 1000, 0 },
	{ "kW", POWER, 1000, 1, 0 },
	{ "J", ENERGY, 1, 1, 0 },
	{ "W.h", ENERGY, 3600, 1, 0 },
	{ "kW.h", ENERGY, 3600000, 1, 0 },
	{ "Ohm", RESISTANCE, 1, 1, 0 },
	{ "kOhm", RESISTANCE, 1000, 1, 0 },
	{ "uT", MAGNETIC_FLUX_DENSITY, 1, 1, 0 },
	{ "mT", MAGNETIC_FLUX_DENSITY, 1000, 1, 0 },
	{ "G", MAGNETIC_FLUX_DENSITY, 100, 1, 0 },
	{ "m/s2", ACCELERATION, 1, 1, 0 },
	{ "[g]", ACCELERATION, 980665, 100000, 0 },
	{ "m/s", SPEED, 1, 1, 0 },
	{ "km/h", SPEED, 1000, 3600, 0 },
	{ "mm/s", SPEED, 1, 1000, 0 },
	{ "m", LENGTH, 1, 1, 0 },
	{ "cm", LENGTH, 1, 100, 0 },
	{ "mm", LENGTH, 1, 1000, 0 },
	{ "um", LENGTH, 1, 1e6, 0 },
	{ "km", LENGTH, 1000, 1, 0 },
	{ "L", VOLUME, 1, 1, 0 },
	{ "mL", VOLUME, 1, 1000, 0 },
	{ "m3", VOLUME, 1000, 1, 0 },
	{ "L/min", FLOW, 60, 1, 0 },
	{ "L/h", FLOW, 1, 1, 0 },
	{ "m3/h", FLOW, 1000, 1, 0 },
	{ "g", MASS, 1, 1, 0 },
	{ "kg", MASS, 1000, 1, 0 },
	{ "us", TIME, 1, 1e6, 0 },
	{ "ms", TIME, 1, 1000, 0 },
	{ "s", TIME, 1, 1, 0 },
	{ "min", TIME, 60, 1, 0 },
	{ "h", TIME, 3600, 1, 0 },
	{ "d", TIME, 86400, 1, 0 },
	{ "ug/m3", MASS_CONCENTRATION, 1, 1e6, 0 },
	{ "mg/m3", MASS_CONCENTRATION, 1, 1000, 0 },
	{ "g/m3", MASS_CONCENTRATION, 1, 1, 0 },
	{ "mg/L", MASS_CONCENTRATION, 1, 1, 0 },
	{ "uS/cm", CONDUCTIVITY, 1, 1, 0 },
	{ "mS/cm", CONDUCTIVITY, 1000, 1, 0 },
	{ "By", DATA, 1, 1, 0 },
	{ "KiBy", DATA, 1024, 1, 0 },
	{ "MiBy", DATA, 1048576, 1, 0 },
	{ "GiBy", DATA, 1073741824, 1, 0 },
	{ "By/s", DATA_RATE, 1, 1, 0 },
	{ "KiBy/s", DATA_RATE, 1024, 1, 0 },
	{ "K/s", TEMPERATURE_CHANGE, 1, 1, 0 },
	{ "K/min", TEMPERATURE_CHANGE, 1, 60, 0 },
	{ "K/h", TEMPERATURE_CHANGE, 1, 3600, 0 },
};

static const struct row *find_row(const struct unit *unit)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strcmp(rows[i].code, unit->code) == 0)
			return &rows[i];
	return NULL;
}

/** Greatest common divisor of two whole numbers. */
static double common_divisor(double a, double b)
{
	while (b != 0.0) {
		double rest = a - b * (double)(long long)(a / b);

		a = b;
		b = rest;
	}
	return a;
}

int unit_conversion_find(const struct unit *from, const struct unit *to, struct unit_conversion *out)
{
	const struct row *a = find_row(from), *b = find_row(to);
	double multiply = 1.0, divide = 1.0, common;

	if (strcmp(from->code, to->code) != 0 && (!a || !b || a->quantity != b->quantity))
		return -EINVAL;
	if (a && b) {
		multiply = a->multiply * b->divide;
		divide = a->divide * b->multiply;
	}
	common = common_divisor(multiply, divide);
	*out = (struct unit_conversion){ a ? a->zero : 0.0, multiply / common, divide / common, b ? b->zero : 0.0 };
	return 0;
}

const char *unit_conversion_list(const struct unit *from, char *buf, size_t buf_bytes)
{
	const struct row *a = find_row(from);
	size_t len = 0;

	buf[0] = '\0';
	for (size_t i = 0; a && i < ARRAY_LEN(rows) && len < buf_bytes; i++) {
		if (&rows[i] == a || rows[i].quantity != a->quantity)
			continue;
		snprintf(buf + len, buf_bytes - len, "%s%s", len > 0 ? ", " : "", rows[i].code);
		len = strlen(buf);
	}
	return buf;
}
