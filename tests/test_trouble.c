/* SPDX-License-Identifier: Apache-2.0 */
/* What errno of a driver means to the person who hung up the sensor. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "agent/trouble.h"

static struct conf conf;

static const struct conf_sensor *sensor_of(const char *options)
{
	struct diag d = { .file = "test" };
	char text[200];

	snprintf(text, sizeof(text), "sensors: {mine: {%s}}\n", options);
	if (conf_parse(&conf, text, strlen(text), &d) < 0)
		fail_msg("%s: %s", text, d.first->text);
	diag_free(&d);
	return &conf.sensors[0];
}

static void expect(const char *options, int error, const char *text)
{
	char buf[SENSOR_ERROR_BYTES];

	assert_string_equal(trouble_text(sensor_of(options), error, buf, sizeof(buf)), text);
	conf_free(&conf);
}

#define CHIP "driver: bme280, bus: i2c-1, address: 0x76"
#define ABSENT "no answer (no acknowledge) at i2c-1 0x76: absent, unpowered or another address"

static void an_absent_chip_is_told_with_bus_and_address_whatever_the_adapter_calls_it(void **state)
{
	(void)state;
	expect(CHIP, -EREMOTEIO, ABSENT);
	expect(CHIP, -ENXIO, ABSENT);
	expect(CHIP, -ENODEV, "no answer, or not this chip, at i2c-1 0x76");
	expect(CHIP, -ETIMEDOUT, "timed out at i2c-1 0x76: SDA or SCL held low, or nobody answers");
	assert_int_equal(trouble_of(-EREMOTEIO), TROUBLE_ABSENT);
	assert_int_equal(trouble_of(-ENXIO), TROUBLE_ABSENT);
	assert_int_equal(trouble_of(-ENODEV), TROUBLE_ABSENT);
	assert_int_equal(trouble_of(-ETIMEDOUT), TROUBLE_TIMEOUT);
}

static void damaged_answers_and_a_stuck_bus_are_told_apart(void **state)
{
	(void)state;
	expect(CHIP, -EBADMSG, "checksum wrong at i2c-1 0x76");
	expect(CHIP, -EIO,
	       "bus error at i2c-1 0x76: arbitration lost, clock stretched too long, or SDA or SCL held low");
	expect(CHIP, -EAGAIN, "bus error at i2c-1 0x76: arbitration lost");
	assert_int_equal(trouble_of(-EBADMSG), TROUBLE_CHECKSUM);
	assert_int_equal(trouble_of(-EIO), TROUBLE_BUS);
	assert_int_equal(trouble_of(-EAGAIN), TROUBLE_BUS);
}

static void what_is_not_on_i2c_is_told_by_its_own_name(void **state)
{
	(void)state;
	expect("driver: w1, device: 28-000005e2fdc3", -EIO,
	       "reading 28-000005e2fdc3 failed: unpowered, or the wire is shorted or broken");
	expect("driver: gpio-input, chip: gpiochip0, line: 17", -ENODEV, "no such device: gpiochip0 line 17");
	expect("driver: sim", -ETIMEDOUT, "the device: no answer in time");
	expect("driver: gpio-input, chip: gpiochip0, line: 17", -EPROTO, "gpiochip0 line 17: Protocol error");
}

static void every_kind_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (enum trouble t = 0; t < N_TROUBLES; t++) {
		assert_non_null(trouble_name(t));
		for (enum trouble u = 0; u < t; u++)
			assert_string_not_equal(trouble_name(t), trouble_name(u));
	}
	assert_int_equal(trouble_of(-EPROTO), TROUBLE_OTHER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_absent_chip_is_told_with_bus_and_address_whatever_the_adapter_calls_it),
		cmocka_unit_test(damaged_answers_and_a_stuck_bus_are_told_apart),
		cmocka_unit_test(what_is_not_on_i2c_is_told_by_its_own_name),
		cmocka_unit_test(every_kind_has_a_name_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
