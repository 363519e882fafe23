/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unit.c - the table of units.
 *
 * The quantum of a unit is a compromise that every sensor of that unit shares: a tenth of the noise of the usual
 * sensor or less, so that rounding adds less than 1 % to its variance of noise (q^2/12), and still q * 2^23 above
 * what such sensors read, because samples beyond are clipped. Where a family spans more decades than that, there
 * are two units (mA and A, Pa and bar, By and MiBy), or the stream says `quantum:`. Temperatures, humidities and
 * air pressures are interval scales and get linear buckets; for the rest a quantile with a constant relative error
 * is what people expect. K and q of a row never change: add a row instead.
 */
#include "base/unit.h"

#include <string.h>
#include <strings.h>

#include "base/check.h"
#include "base/text.h"

#define LIN(code, name, quantity, k, q, width)                \
	{                                                     \
		code, name, quantity, k, q, SKETCH_LIN, width \
	}
#define EXP(code, name, quantity, q)                           \
	{                                                      \
		code, name, quantity, 0.0, q, SKETCH_EXP2, 0.0 \
	}

static const struct unit units[] = {
	EXP("1", "one", "ratio or number", 0.001),
	LIN("%", "percent", "relative humidity, share", 50.0, 0.01, 0.5),
	EXP("[ppm]", "part per million", "concentration", 0.01),
	EXP("[ppb]", "part per billion", "concentration", 0.01),
	EXP("{count}", "count", "number of things", 1.0),
	EXP("/min", "per minute", "rotation, event rate", 0.01),
	EXP("/h", "per hour", "event rate", 0.01),
	EXP("Hz", "hertz", "frequency", 0.001),
	EXP("kHz", "kilohertz", "frequency", 0.001),
	EXP("dB", "decibel", "level", 0.001),

	LIN("Cel", "degree Celsius", "temperature", 20.0, 0.01, 0.1),
	EXP("K", "kelvin", "temperature", 0.01),
	EXP("[degF]", "degree Fahrenheit", "temperature", 0.01),
	LIN("hPa", "hectopascal", "air pressure", 1000.0, 0.01, 0.1),
	EXP("Pa", "pascal", "pressure", 0.02),
	EXP("kPa", "kilopascal", "pressure", 0.001),
	EXP("bar", "bar", "pressure", 0.0001),
	EXP("lx", "lux", "illuminance", 0.02),
	EXP("W/m2", "watt per square metre", "irradiance", 0.01),

	EXP("V", "volt", "voltage", 0.0001),
	EXP("mV", "millivolt", "voltage", 0.001),
	EXP("A", "ampere", "current", 0.0001),
	EXP("mA", "milliampere", "current", 0.001),
	EXP("W", "watt", "power", 0.01),
	EXP("mW", "milliwatt", "power", 0.01),
	EXP("kW", "kilowatt", "power", 0.001),
	EXP("V.A", "volt ampere", "apparent power", 0.01),
	EXP("J", "joule", "energy", 0.01),
	EXP("W.h", "watt hour", "energy", 0.01),
	EXP("kW.h", "kilowatt hour", "energy", 0.001),
	EXP("A.h", "ampere hour", "charge", 0.0001),
	EXP("Ohm", "ohm", "resistance", 0.01),
	EXP("kOhm", "kiloohm", "resistance", 0.001),
	EXP("uT", "microtesla", "magnetic flux density", 0.001),
	EXP("mT", "millitesla", "magnetic flux density", 0.001),
	EXP("G", "gauss", "magnetic flux density", 0.0001),

	EXP("m/s2", "metre per second squared", "acceleration", 0.001),
	EXP("[g]", "standard gravity", "acceleration", 0.0001),
	EXP("m/s", "metre per second", "speed", 0.001),
	EXP("km/h", "kilometre per hour", "speed", 0.001),
	EXP("mm/s", "millimetre per second", "vibration velocity", 0.001),
	EXP("mm/h", "millimetre per hour", "rain rate", 0.001),
	EXP("deg", "degree of arc", "angle", 0.0001),
	EXP("deg/s", "degree per second", "angular velocity", 0.001),
	EXP("m", "metre", "length", 0.001),
	EXP("cm", "centimetre", "length", 0.001),
	EXP("mm", "millimetre", "length, rain", 0.001),
	EXP("um", "micrometre", "length", 0.01),
	EXP("km", "kilometre", "length", 0.001),

	EXP("L", "litre", "volume", 0.001),
	EXP("mL", "millilitre", "volume", 0.01),
	EXP("m3", "cubic metre", "volume", 0.0001),
	EXP("L/min", "litre per minute", "flow", 0.001),
	EXP("L/h", "litre per hour", "flow", 0.01),
	EXP("m3/h", "cubic metre per hour", "flow", 0.001),
	EXP("g", "gram", "mass", 0.01),
	EXP("kg", "kilogram", "mass", 0.001),
	EXP("N", "newton", "force", 0.001),
	EXP("N.m", "newton metre", "torque", 0.001),

	EXP("us", "microsecond", "time", 0.1),
	EXP("ms", "millisecond", "time", 0.001),
	EXP("s", "second", "time", 0.001),
	EXP("min", "minute", "time", 0.001),
	EXP("h", "hour", "time", 0.001),
	EXP("d", "day", "time", 0.001),

	EXP("ug/m3", "microgram per cubic metre", "particulate matter", 0.01),
	EXP("mg/m3", "milligram per cubic metre", "concentration", 0.001),
	EXP("g/m3", "gram per cubic metre", "absolute humidity", 0.001),
	EXP("mg/L", "milligram per litre", "dissolved oxygen", 0.001),
	EXP("[pH]", "pH", "acidity", 0.001),
	EXP("uS/cm", "microsiemens per centimetre", "conductivity", 0.01),
	EXP("mS/cm", "millisiemens per centimetre", "conductivity", 0.001),

	EXP("By", "byte", "data", 1.0),
	EXP("KiBy", "kibibyte", "data", 1.0),
	EXP("MiBy", "mebibyte", "data", 0.1),
	EXP("GiBy", "gibibyte", "data", 0.001),
	EXP("By/s", "byte per second", "data rate", 20.0),
	EXP("KiBy/s", "kibibyte per second", "data rate", 0.1),

	EXP("K/s", "kelvin per second", "change of temperature", 0.00001),
	EXP("K/min", "kelvin per minute", "change of temperature", 0.001),
	EXP("K/h", "kelvin per hour", "change of temperature", 0.001),
	EXP("hPa/h", "hectopascal per hour", "change of pressure", 0.001),
};

/* What people write and what they mean. UCUM has no case folding ("Pa" and "pA" differ), so these stay suggestions. */
static const struct alias {
	const char *word, *code;
} aliases[] = {
	{ "C", "Cel" },		 { "degC", "Cel" },	 { "°C", "Cel" },
	{ "celsius", "Cel" },	 { "deg_C", "Cel" },	 { "F", "[degF]" },
	{ "degF", "[degF]" },	 { "°F", "[degF]" },	 { "fahrenheit", "[degF]" },
	{ "degK", "K" },	 { "%RH", "%" },	 { "RH", "%" },
	{ "pct", "%" },		 { "percentage", "%" },	 { "ppm", "[ppm]" },
	{ "10*-6", "[ppm]" },	 { "ppb", "[ppb]" },	 { "10*-9", "[ppb]" },
	{ "counts", "{count}" }, { "pcs", "{count}" },	 { "pulses", "{count}" },
	{ "rpm", "/min" },	 { "{rpm}", "/min" },	 { "1/min", "/min" },
	{ "1/h", "/h" },	 { "1/s", "Hz" },	 { "/s", "Hz" },
	{ "mbar", "hPa" },	 { "millibar", "hPa" },	 { "lux", "lx" },
	{ "volts", "V" },	 { "amp", "A" },	 { "amps", "A" },
	{ "MW", "kW" },		 { "VA", "V.A" },	 { "Wh", "W.h" },
	{ "kWh", "kW.h" },	 { "Ah", "A.h" },	 { "ohms", "Ohm" },
	{ "Ω", "Ohm" },		 { "Ω", "Ohm" },	 { "kΩ", "kOhm" },
	{ "kΩ", "kOhm" },	 { "µT", "uT" },	 { "μT", "uT" },
	{ "m/s^2", "m/s2" },	 { "m/s²", "m/s2" },	 { "g-force", "[g]" },
	{ "gee", "[g]" },	 { "kmh", "km/h" },	 { "kph", "km/h" },
	{ "°", "deg" },		 { "degrees", "deg" },	 { "dps", "deg/s" },
	{ "°/s", "deg/s" },	 { "meter", "m" },	 { "µm", "um" },
	{ "μm", "um" },		 { "liter", "L" },	 { "l", "L" },
	{ "l/min", "L/min" },	 { "lpm", "L/min" },	 { "l/h", "L/h" },
	{ "m^3", "m3" },	 { "m³", "m3" },	 { "m^3/h", "m3/h" },
	{ "m³/h", "m3/h" },	 { "Nm", "N.m" },	 { "µs", "us" },
	{ "μs", "us" },		 { "sec", "s" },	 { "hr", "h" },
	{ "µg/m3", "ug/m3" },	 { "μg/m3", "ug/m3" },	 { "µg/m³", "ug/m3" },
	{ "μg/m³", "ug/m3" },	 { "ug/m^3", "ug/m3" },	 { "ug/m³", "ug/m3" },
	{ "B", "By" },		 { "KiB", "KiBy" },	 { "kB", "KiBy" },
	{ "MiB", "MiBy" },	 { "MB", "MiBy" },	 { "GiB", "GiBy" },
	{ "GB", "GiBy" },	 { "B/s", "By/s" },	 { "KiB/s", "KiBy/s" },
	{ "kB/s", "KiBy/s" },	 { "none", "1" },	 { "bool", "1" },
	{ "state", "1" },	 { "ratio", "1" },	 { "-", "1" },
	{ "Cel/s", "K/s" },	 { "Cel/min", "K/min" }, { "Cel/h", "K/h" },
	{ "°C/min", "K/min" },	 { "°C/h", "K/h" },	 { "mbar/h", "hPa/h" },
};

const struct unit *unit_find(const char *code)
{
	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		if (strcmp(units[i].code, code) == 0)
			return &units[i];
	return NULL;
}

/* "volt" and "Volts" are the name "volt". */
static int is_name_of(const char *word, const char *name)
{
	size_t len = strlen(name);

	return strncasecmp(word, name, len) == 0 && (word[len] == '\0' || strcasecmp(word + len, "s") == 0);
}

const struct unit *unit_of_difference(const struct unit *unit)
{
	return strcmp(unit->code, "Cel") == 0 ? unit_find("K") : unit;
}

static const char *find_alias(const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(aliases); i++)
		if (strcmp(aliases[i].word, word) == 0)
			return aliases[i].code;
	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		if (is_name_of(word, units[i].name))
			return units[i].code;
	for (size_t i = 0; i < ARRAY_LEN(aliases); i++)
		if (strcasecmp(aliases[i].word, word) == 0)
			return aliases[i].code;
	return NULL;
}

const char *unit_nearest(const char *code)
{
	const char *words[ARRAY_LEN(units)], *found;

	if (unit_find(code))
		return unit_find(code)->code;
	found = find_alias(code);
	if (found)
		return found;

	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		words[i] = units[i].code;
	found = text_nearest(code, words, ARRAY_LEN(words));
	if (found)
		return found;

	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		words[i] = units[i].name;
	found = text_nearest(code, words, ARRAY_LEN(words));
	return found ? find_alias(found) : NULL;
}

const struct unit *unit_at(size_t i)
{
	return i < ARRAY_LEN(units) ? &units[i] : NULL;
}
