/* SPDX-License-Identifier: Apache-2.0 */
/* The table of units: the rows that are part of the contract, rules for all rows, and what people write instead. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/check.h"
#include "base/unit.h"

static void the_contract_fixes_three_rows(void **state)
{
	static const struct {
		const char *code;
		double reference, quantum, width;
	} rows[] = { { "Cel", 20.0, 0.01, 0.1 }, { "%", 50.0, 0.01, 0.5 }, { "hPa", 1000.0, 0.01, 0.1 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct unit *u = unit_find(rows[i].code);

		assert_non_null(u);
		assert_true(u->reference == rows[i].reference && u->quantum == rows[i].quantum);
		assert_int_equal(u->sketch, SKETCH_LIN);
		assert_true(u->sketch_width == rows[i].width);
	}
}

static void every_row_is_sound(void **state)
{
	(void)state;
	for (size_t i = 0; unit_at(i); i++) {
		const struct unit *u = unit_at(i);

		assert_ptr_equal(unit_find(u->code), u); /* so no code stands twice */
		assert_true(strlen(u->name) > 0 && strlen(u->quantity) > 0);
		assert_true(u->quantum > 0.0);
		if (u->sketch == SKETCH_LIN) {
			double quanta = u->sketch_width / u->quantum;

			assert_true(fabs(quanta - round(quanta)) < 1e-9 && quanta >= 1.0);
		} else {
			assert_true(u->reference == 0.0 && u->sketch_width == 0.0);
		}
	}
}

/* What a sensor of this unit may read: data sheets, mains, the sun, the sea. */
static void the_quantum_covers_what_sensors_read(void **state)
{
	static const struct {
		const char *code;
		double largest;
	} rows[] = {
		{ "Cel", 1800.0 },			       /* thermocouples K, S, B */
		{ "Pa", 110000.0 },			       /* barometers in pascal */
		{ "lx", 120000.0 },			       /* direct sun */
		{ "V", 565.0 },				       /* peak of 400 V mains */
		{ "A", 100.0 },				       /* current clamps */
		{ "W", 22000.0 },			       /* three-phase house connection, 32 A */
		{ "m/s2", 1962.0 },			       /* 200 g shock sensors */
		{ "[g]", 200.0 },	 { "deg/s", 4000.0 },  /* gyroscopes */
		{ "deg", 360.0 },	 { "uT", 4900.0 },     /* magnetometers */
		{ "Hz", 8000.0 },	 { "[ppm]", 40000.0 }, /* CO2 */
		{ "[ppb]", 60000.0 },			       /* VOC */
		{ "By/s", 125e6 },			       /* gigabit Ethernet */
		{ "MiBy", 64.0 * 1024 }, { "GiBy", 4096.0 },   { "/min", 60000.0 }, /* spindles */
		{ "L", 8000.0 },	 { "uS/cm", 60000.0 },			    /* sea water */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_true(rows[i].largest < unit_find(rows[i].code)->quantum * 8388608.0);
}

static void units_in_use_are_there(void **state)
{
	static const char *const codes[] = {
		"1",	 "K",	  "kPa", "bar", "mV",	"mA",	 "kW",	 "kW.h", "W.h",	    "V.A", "kHz", "m/s", "G",
		"m",	 "mm",	  "cm",	 "km",	"m3",	"L/min", "m3/h", "g",	 "kg",	    "s",   "ms",  "min", "h",
		"ug/m3", "mg/m3", "dB",	 "Ohm", "kOhm", "[pH]",	 "By",	 "KiBy", "{count}", "J",   "N",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(codes); i++)
		assert_non_null(unit_find(codes[i]));
	assert_null(unit_find("cel"));
	assert_null(unit_find(""));
	assert_null(unit_at(10000));
}

static void people_write_units_in_their_own_way(void **state)
{
	static const struct {
		const char *word, *code;
	} known[] = {
		{ "C", "Cel" },
		{ "degC", "Cel" },
		{ "\xC2\xB0"
		  "C",
		  "Cel" },
		{ "celsius", "Cel" },
		{ "Celsius", "Cel" },
		{ "percent", "%" },
		{ "%RH", "%" },
		{ "ppm", "[ppm]" },
		{ "lux", "lx" },
		{ "bytes", "By" },
		{ "B", "By" },
		{ "mbar", "hPa" },
		{ "kWh", "kW.h" },
		{ "ohm", "Ohm" },
		{ "\xCE\xA9", "Ohm" },
		{ "\xE2\x84\xA6", "Ohm" },
		{ "VA", "V.A" },
		{ "KPA", "kPa" },
		{ "Volts", "V" },
		{ "volt", "V" },
		{ "pH", "[pH]" },
		{ "rpm", "/min" },
		{ "\xC2\xB5T", "uT" },
		{ "\xCE\xBCT", "uT" },
		{ "m/s^2", "m/s2" },
		{ "l/min", "L/min" },
		{ "\xC2\xB5g/m\xC2\xB3", "ug/m3" },
		{ "Cell", "Cel" },
		{ "kelvni", "K" },
		{ "Cel", "Cel" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		const char *code = unit_nearest(known[i].word);

		assert_non_null(code);
		assert_string_equal(code, known[i].code);
	}
	assert_null(unit_nearest("bananas"));
	assert_null(unit_nearest(""));
}

/* Every suggestion must be a code that can be written. */
static void suggestions_are_codes(void **state)
{
	(void)state;
	for (size_t i = 0; unit_at(i); i++) {
		const char *code = unit_nearest(unit_at(i)->name);

		assert_non_null(code);
		assert_non_null(unit_find(code));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_contract_fixes_three_rows),	cmocka_unit_test(every_row_is_sound),
		cmocka_unit_test(the_quantum_covers_what_sensors_read), cmocka_unit_test(units_in_use_are_there),
		cmocka_unit_test(people_write_units_in_their_own_way),	cmocka_unit_test(suggestions_are_codes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
