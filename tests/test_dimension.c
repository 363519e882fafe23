/* SPDX-License-Identifier: Apache-2.0 */
/* What units measure: values from the SI brochure and UCUM, and arithmetic done by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/check.h"
#include "base/dimension.h"
#include "base/unit.h"

static struct dimension of(const char *code)
{
	struct dimension d = { 0 };

	if (!dimension_parse(code, &d))
		fail_msg("%s cannot be read", code);
	return d;
}

static void every_unit_of_the_table_can_be_read(void **state)
{
	(void)state;
	for (size_t i = 0; unit_at(i); i++)
		assert_true(of(unit_at(i)->code).factor > 0.0);
}

static void the_same_unit_can_be_written_in_many_ways(void **state)
{
	static const char *const pairs[][2] = {
		{ "V.A", "W" },
		{ "J/s", "W" },
		{ "W.h", "3600.J" },
		{ "N.m", "J" },
		{ "W/V", "A" },
		{ "V/A", "Ohm" },
		{ "1/Ohm", "S" },
		{ "/s", "Hz" },
		{ "N/m2", "Pa" },
		{ "hPa", "mbar" },
		{ "L", "dm3" },
		{ "m3/h", "1000.L/h" },
		{ "mg/L", "g/m3" },
		{ "{count}", "1" },
		{ "{count}/s", "Hz" },
		{ "lm/m2", "lx" },
		{ "A.h", "3600.C" },
		{ "V.s", "Wb" },
		{ "Wb/m2", "T" },
		{ "10000.G", "T" },
		{ "m/s2", "m.s-2" },
		{ "W/(m2.K)", "W/m2/K" },
		{ "KiBy", "1024.By" },
		{ "8.bit", "By" },
		{ "L/min.s", "L.s/min" },
		{ "kW.h", "3600.kJ" },
		{ "mm/h", "L/m2/h" },
		{ "V2", "V.V" },
		{ "60/min", "Hz" },
		{ "%", "10000.[ppm]" },
		{ "1000.[ppb]", "[ppm]" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		struct dimension a = of(pairs[i][0]), b = of(pairs[i][1]);

		if (!dimension_is_same(&a, &b))
			fail_msg("%s is not %s", pairs[i][0], pairs[i][1]);
	}
	assert_true(fabs(of("360.deg").factor - 6.283185307179586) < 1e-12);
}

static void other_quantities_and_other_units_differ(void **state)
{
	static const struct {
		const char *a, *b;
		double ratio; /* of a to b; 0: not the same quantity */
	} rows[] = {
		{ "Cel", "V", 0.0 },	  { "W.h", "W", 0.0 },	      { "dB", "1", 0.0 },
		{ "[pH]", "1", 0.0 },	  { "By", "1", 0.0 },	      { "m3", "m2", 0.0 },
		{ "mV", "V", 1e-3 },	  { "kW.h", "W.h", 1e3 },     { "%", "1", 0.01 },
		{ "m3", "L", 1000.0 },	  { "bar", "hPa", 1000.0 },   { "km/h", "m/s", 1 / 3.6 },
		{ "h", "s", 3600.0 },	  { "[g]", "m/s2", 9.80665 }, { "MiBy", "KiBy", 1024.0 },
		{ "uS/cm", "S/m", 1e-4 }, { "Cel", "[degF]", 1.8 },   { "/min", "Hz", 1 / 60.0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct dimension a = of(rows[i].a), b = of(rows[i].b);

		assert_true(dimension_is_like(&a, &b) == (rows[i].ratio != 0.0));
		assert_false(dimension_is_same(&a, &b));
		if (rows[i].ratio != 0.0)
			assert_true(fabs(a.factor / b.factor / rows[i].ratio - 1.0) < 1e-12);
	}
}

static void a_value_in_celsius_is_no_kelvin(void **state)
{
	struct dimension celsius = of("Cel"), kelvin = of("K"), gradient = of("Cel/m"), other = of("K/m");

	(void)state;
	assert_true(celsius.has_offset && !kelvin.has_offset);
	assert_true(dimension_is_like(&celsius, &kelvin) && !dimension_is_same(&celsius, &kelvin));
	assert_true(dimension_is_same(&gradient, &other)); /* only differences have a gradient */
}

static void roots_need_even_powers(void **state)
{
	struct dimension v2 = of("V2"), v = of("V"), out = { .factor = -7.0 };

	(void)state;
	assert_false(dimension_root(&v, &out));
	assert_true(out.factor == -7.0);
	assert_true(dimension_root(&v2, &out));
	assert_true(dimension_is_same(&out, &v));
}

static void what_is_no_unit_is_refused(void **state)
{
	static const char *const codes[] = { "",   "EUR",  "people",	    "V.",     "V..A",	"(V",
					     "V)", "V/",   "[V]",	    "[degF",  "{count", "m99",
					     "m-", "kCel", "kmin",	    "V A",    "0",	"m1+",
					     "°C", "k",	   "((((((V))))))", "mm3.m12" };
	struct dimension d = { .factor = -7.0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(codes); i++)
		if (dimension_parse(codes[i], &d))
			fail_msg("'%s' was taken", codes[i]);
	assert_true(d.factor == -7.0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_unit_of_the_table_can_be_read),
		cmocka_unit_test(the_same_unit_can_be_written_in_many_ways),
		cmocka_unit_test(other_quantities_and_other_units_differ),
		cmocka_unit_test(a_value_in_celsius_is_no_kelvin),
		cmocka_unit_test(roots_need_even_powers),
		cmocka_unit_test(what_is_no_unit_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
