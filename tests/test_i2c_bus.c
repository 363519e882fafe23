/* SPDX-License-Identifier: Apache-2.0 */
/* Names of buses and what is said when there is none, on the machine of i2c_machine.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drivers/i2c_bus.h"
#include "drivers/i2c_linux.h"
#include "tests/i2c_machine.h"

static int refused(const char *bus, int64_t address, const char *text)
{
	struct i2c i2c = { .bus = bus, .address = address, .backend = i2c_machine_root() };
	struct sensor_error err = { "" };
	int r = i2c_open(&i2c, &err);

	assert_string_equal(err.text, text);
	assert_false(i2c.is_open);
	return r;
}

static void a_bus_has_a_number_a_path_and_a_name(void **state)
{
	static const struct {
		const char *text;
		int number;
	} rows[] = { { "i2c-1", 1 },
		     { "1", 1 },
		     { "22", 22 },
		     { "/dev/i2c-1", 1 },
		     { "/dev/greenhouse", 22 },
		     { "bcm2835 (i2c@7e804000)", 1 },
		     { "CP2112 SMBus Bridge on hidraw0", 22 },
		     { "i2c-1/0x70.3", 1 },
		     { "/dev/greenhouse/0x77.0", 22 } };
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct sensor_error err = { "" };
		struct i2c_mux mux;

		print_message("%s\n", rows[i].text);
		assert_int_equal(i2c_bus_find(i2c_machine_root(), rows[i].text, &mux, &err), rows[i].number);
	}
}

static void buses_are_listed_by_number(void **state)
{
	struct i2c_bus buses[I2C_MAX_BUSES];
	char nowhere[80];
	(void)state;

	assert_int_equal(i2c_bus_list(i2c_machine_root(), buses), 2);
	assert_int_equal(buses[0].number, 1);
	assert_string_equal(buses[0].name, "bcm2835 (i2c@7e804000)");
	assert_int_equal(buses[1].number, 22);
	snprintf(nowhere, sizeof(nowhere), "%s/nowhere", i2c_machine_root());
	assert_int_equal(i2c_bus_list(nowhere, buses), 0);
}

static void a_bus_that_is_not_there_is_told_with_those_that_are(void **state)
{
	static const char *const wrong[] = { "i2c-2", "2", "/dev/i2c-2", "bcm2835", "i2c-", "i2c-1x", "-1", "0x70.3" };
	char expected[200], empty[80];
	struct sensor_error err = { "" };
	struct i2c_mux mux;
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		snprintf(expected, sizeof(expected),
			 "no I2C bus '%s'; there are: i2c-1 (bcm2835 (i2c@7e804000)) i2c-22 (CP2112 SMBus Bridge on "
			 "hidraw0)",
			 wrong[i]);
		assert_int_equal(refused(wrong[i], 0x76, expected), -ENOENT);
	}
	snprintf(empty, sizeof(empty), "%s/empty", i2c_machine_root());
	assert_int_equal(i2c_bus_find(empty, "i2c-1", &mux, &err), -ENOENT);
	assert_string_equal(
		err.text,
		"no I2C bus here: is the module loaded (modprobe i2c-dev), the bus switched on (Raspberry Pi: "
		"dtparam=i2c_arm=on)?");
}

static void a_mux_has_an_address_and_a_channel(void **state)
{
	static const char *const wrong[] = { "/0x70",	"/0x70.8", "/0x6f.0", "/0x78.0",  "/0x70.-1",
					     "/0x70.x", "/0x70.",  "/0x.1",   "/0x70.1.2" };
	struct sensor_error err = { "" };
	struct i2c_mux mux;
	(void)state;

	assert_int_equal(i2c_bus_find(i2c_machine_root(), "i2c-1/0x74.7", &mux, &err), 1);
	assert_int_equal(mux.address, 0x74);
	assert_int_equal(mux.channel, 7);
	assert_int_equal(i2c_bus_find(i2c_machine_root(), "i2c-1", &mux, &err), 1);
	assert_int_equal(mux.address, 0);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		char text[40], expected[100];

		snprintf(text, sizeof(text), "i2c-1%s", wrong[i]);
		snprintf(expected, sizeof(expected),
			 "'%s' is no channel of a mux: /0x70.0 to /0x77.7, address and channel", wrong[i]);
		assert_int_equal(refused(text, 0x76, expected), -EINVAL);
	}
}

static void what_the_kernel_drives_is_refused_by_name(void **state)
{
	(void)state;

	assert_int_equal(
		refused("i2c-1", 0x68,
			"the kernel's driver rtc-ds1307 has 0x68 on i2c-1; unbind it, or read its files in /sys"),
		-EBUSY);
	assert_int_equal(refused("i2c-1/0x71.0", 0x76,
				 "the kernel's driver pca954x has 0x71 on i2c-1; unbind it, or read its files in /sys"),
			 -EBUSY);
	/* The same address on another bus is looked at no further than that its node, here, is a file. */
	assert_int_equal(refused("i2c-22", 0x68, "/dev/i2c-22 is no I2C bus: Inappropriate ioctl for device"), -ENOTTY);
}

static void who_may_not_open_it_is_told_the_group(void **state)
{
	bool is_root = geteuid() == 0;
	char path[200];
	(void)state;

	snprintf(path, sizeof(path), "%s/dev/i2c-22", i2c_machine_root());
	assert_int_equal(chmod(path, 0), 0);
	if (is_root)
		assert_int_equal(seteuid(65534), 0); /* root may open anything */
	assert_int_equal(refused("22", 0x76, "may not open /dev/i2c-22: the user must be in the group i2c"), -EACCES);
	if (is_root)
		assert_int_equal(seteuid(0), 0);
	assert_int_equal(chmod(path, 0644), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bus_has_a_number_a_path_and_a_name),
		cmocka_unit_test(buses_are_listed_by_number),
		cmocka_unit_test(a_bus_that_is_not_there_is_told_with_those_that_are),
		cmocka_unit_test(a_mux_has_an_address_and_a_channel),
		cmocka_unit_test(what_the_kernel_drives_is_refused_by_name),
		cmocka_unit_test(who_may_not_open_it_is_told_the_group),
	};

	return cmocka_run_group_tests(tests, i2c_machine_make, i2c_machine_remove);
}
