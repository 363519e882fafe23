/* SPDX-License-Identifier: Apache-2.0 */
/* Buses of fake chips: who is called how, what is left alone, and what goes wrong. Which addresses may be called how is that of i2cdetect(8). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/fake_sysfs.h"
#include "tests/scan_rig.h"

static int make(void **state)
{
	*state = test_malloc(sizeof(struct scan_rig));
	scan_rig_init(*state);
	return 0;
}

static int unmake(void **state)
{
	scan_rig_remove(*state);
	test_free(*state);
	return 0;
}

static void expect_known(const struct scan *s, const char *bus, uint8_t address, const char *driver)
{
	const struct scan_chip *chip = scan_rig_find(s, bus, address);

	if (!chip || chip->kind != SCAN_KNOWN)
		fail_msg("no %s at 0x%02x of %s", driver, address, bus);
	else
		assert_string_equal(chip->drivers[0]->name, driver);
}

static void chips_beside_each_other_are_known(void **state)
{
	static const struct {
		uint8_t address;
		const char *driver;
	} chips[] = { { 0x10, "veml7700" }, { 0x18, "lis3dh" }, { 0x1C, "mcp9808" },  { 0x29, "tsl2591" },
		      { 0x40, "htu21d" },   { 0x44, "sht3x" },	{ 0x45, "sht4x" },    { 0x48, "tmp117" },
		      { 0x53, "adxl345" },  { 0x59, "sgp40" },	{ 0x5A, "mlx90614" }, { 0x5B, "ccs811" },
		      { 0x61, "scd30" },    { 0x62, "scd4x" },	{ 0x68, "mpu6050" },  { 0x76, "bme280" },
		      { 0x77, "bmp180" } };
	struct scan_rig *rig = *state;
	struct scan_rig_bus *bus = scan_rig_add_bus(rig, 1, "bcm2835 (i2c@7e804000)\n");
	struct scan s;

	for (size_t i = 0; i < ARRAY_LEN(chips); i++) {
		scan_rig_add_chip(rig, bus, chips[i].address, chips[i].driver);
		bus->silent_reads[chips[i].address] = rig->chips[i].kind == FAKE_COMMANDS;
	}
	scan_run(&s, &rig->world);
	for (size_t i = 0; i < ARRAY_LEN(chips); i++)
		expect_known(&s, "i2c-1", chips[i].address, chips[i].driver);
	assert_int_equal(s.buses[0].n_chips, ARRAY_LEN(chips));
	assert_false(scan_is_incomplete(&s));
	assert_true(rig->slept_us < 1000000);
	scan_free(&s);
}

static void addresses_are_called_as_i2cdetect_does(void **state)
{
	struct scan_rig *rig = *state;
	const struct scan_rig_bus *bus = scan_rig_add_bus(rig, 1, "bcm2835\n");
	struct scan s;

	scan_run(&s, &rig->world);
	for (int a = 0; a < 128; a++) {
		bool is_in = a >= 0x08 && a <= 0x77, is_read = (a >= 0x30 && a <= 0x37) || (a >= 0x50 && a <= 0x5F);

		assert_int_equal(bus->n_quick[a], is_in && !is_read);
		assert_int_equal(bus->n_read[a], is_in && is_read);
		if (!is_read || !scan_may_be_silent((uint8_t)a)) /* such as an SGP40 at 0x59 */
			assert_int_equal(bus->n_other[a], 0);
	}
	assert_int_equal(s.buses[0].n_chips, 0);
	scan_free(&s);
}

/* Among others the Galileo's and, by Linux without changes, the Raspberry Pi 5's. */
static void an_adapter_that_cannot_send_an_address_alone_finds_chips_of_commands_too(void **state)
{
	struct scan_rig *rig = *state;
	struct scan_rig_bus *bus = scan_rig_add_bus(rig, 1, "Synopsys DesignWare I2C adapter\n");
	struct scan s;

	bus->has_no_quick = true;
	scan_rig_add_chip(rig, bus, 0x44, "sht3x");
	bus->silent_reads[0x44] = true;
	scan_rig_add_chip(rig, bus, 0x76, "bme280");
	scan_run(&s, &rig->world);
	expect_known(&s, "i2c-1", 0x44, "sht3x");
	expect_known(&s, "i2c-1", 0x76, "bme280");
	assert_int_equal(s.buses[0].n_chips, 2);
	scan_free(&s);
}

static void a_held_bus_is_given_up_and_the_next_is_scanned(void **state)
{
	struct scan_rig *rig = *state;
	struct scan_rig_bus *held = scan_rig_add_bus(rig, 0, "bcm2835\n");
	struct scan_rig_bus *good = scan_rig_add_bus(rig, 1, "bcm2835\n");
	struct scan s;

	held->error = -ETIMEDOUT;
	scan_rig_add_chip(rig, good, 0x77, "bme280");
	scan_run(&s, &rig->world);
	assert_int_equal(held->n_calls, 3);
	assert_int_equal(s.buses[0].error, -ETIMEDOUT);
	assert_non_null(strstr(s.buses[0].why, "held"));
	expect_known(&s, "i2c-1", 0x77, "bme280");
	assert_true(scan_is_incomplete(&s));
	scan_free(&s);
}

static void a_data_line_that_is_low_is_no_hundred_chips(void **state)
{
	struct scan_rig *rig = *state;
	struct scan_rig_bus *bus = scan_rig_add_bus(rig, 1, "i2c-gpio\n");
	struct scan s;

	bus->is_stuck = true;
	scan_run(&s, &rig->world);
	assert_int_equal(s.buses[0].n_chips, 0);
	assert_non_null(strstr(s.buses[0].why, "SDA"));
	for (int a = 0; a < 128; a++)
		assert_int_equal(bus->n_other[a], 0);
	scan_free(&s);
}

static void what_goes_wrong_on_a_whole_bus_is_told(void **state)
{
	static const int errors[] = { -EIO, -EOPNOTSUPP, -EBADF, -ESHUTDOWN };
	struct scan_rig *rig = *state;
	struct scan_rig_bus *bus = scan_rig_add_bus(rig, 1, "bcm2835\n");

	for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
		struct scan s;

		bus->error = errors[i];
		scan_run(&s, &rig->world);
		assert_int_equal(s.buses[0].n_chips, 0);
		assert_true(s.buses[0].why[0]);
		assert_true(scan_is_incomplete(&s));
		scan_free(&s);
	}
}

static void a_chip_that_goes_away_meanwhile_is_none(void **state)
{
	struct scan_rig *rig = *state;
	struct scan_rig_bus *bus = scan_rig_add_bus(rig, 1, "bcm2835\n");

	scan_rig_add_chip(rig, bus, 0x40, "ina226");
	scan_rig_add_chip(rig, bus, 0x76, "bme280");
	for (int after = 1; after < 140; after++) {
		struct scan s;

		bus->n_calls = 0;
		bus->vanish_after = after;
		scan_run(&s, &rig->world);
		assert_true(s.n_buses == 1 && s.buses[0].n_chips <= 2);
		for (size_t i = 0; i < s.buses[0].n_chips; i++)
			if (s.buses[0].chips[i].kind == SCAN_KNOWN)
				assert_int_equal(s.buses[0].chips[i].n_drivers, 1);
		scan_free(&s);
	}
}

/* fake_sysfs.h: the kernel reads a chip at 0x48 of bus 1 */
static void what_the_kernel_has_is_told_and_not_touched(void **state)
{
	struct scan_rig *rig = *state;
	struct scan_rig_bus *bus = scan_rig_add_bus(rig, 1, "bcm2835\n");
	const struct scan_chip *chip;
	struct scan s;

	fake_sysfs_link("/sys/bus/i2c/devices/1-0048/driver", "../../../bus/i2c/drivers/lm75");
	scan_rig_add_chip(rig, bus, 0x48, "lm75");
	scan_run(&s, &rig->world);
	chip = scan_rig_find(&s, "i2c-1", 0x48);
	assert_non_null(chip);
	assert_int_equal(chip->kind, SCAN_OWNED);
	assert_string_equal(chip->owner, "lm75");
	assert_int_equal(bus->n_quick[0x48] + bus->n_read[0x48] + bus->n_other[0x48], 0);
	scan_free(&s);
	fake_sysfs_remove("/sys/bus/i2c/devices/1-0048/driver");
}

static void a_bus_that_cannot_be_opened_is_told(void **state)
{
	struct scan_rig *rig = *state;
	struct scan s;

	scan_rig_add_bus(rig, 1, "bcm2835\n")->open_error = -ENXIO;
	scan_run(&s, &rig->world);
	assert_string_equal(s.buses[0].why, "cannot be opened");
	assert_true(scan_is_incomplete(&s));
	scan_free(&s);
}

/* --- displays, PCs --- */

static void buses_of_displays_and_boards_are_left_alone_unless_asked_for(void **state)
{
	struct scan_rig *rig = *state;
	struct scan_rig_bus *buses[] = { scan_rig_add_bus(rig, 1, "bcm2835\n"),
					 scan_rig_add_bus(rig, 20, "fef04500.i2c\n"),
					 scan_rig_add_bus(rig, 21, "SMBus I801 adapter at efa0\n"),
					 scan_rig_add_bus(rig, 22, "NVIDIA i2c adapter 1 at 1:00.0\n"),
					 scan_rig_add_bus(rig, 23, "i915 gmbus dpb\n"),
					 scan_rig_add_bus(rig, 24, "Some adapter\n") };
	struct scan s;

	fake_sysfs_put("/sys/devices/soc/i2c-20/name", "");
	fake_sysfs_link("/sys/bus/i2c/devices/i2c-20", "../../../devices/soc/i2c-20");
	fake_sysfs_link("/sys/class/drm/card0-HDMI-A-1/ddc", "../../../devices/soc/i2c-20");
	fake_sysfs_put("/sys/devices/pci/0000:00:1f.4/class", "0x0c0500\n");
	fake_sysfs_put("/sys/devices/pci/0000:00:1f.4/i2c-24/name", "");
	fake_sysfs_link("/sys/bus/i2c/devices/i2c-24", "../../../devices/pci/0000:00:1f.4/i2c-24");
	scan_run(&s, &rig->world);
	assert_true(buses[0]->n_calls > 0);
	for (size_t i = 1; i < ARRAY_LEN(buses); i++) {
		assert_int_equal(buses[i]->n_calls, 0);
		assert_non_null(strstr(s.buses[i].why, "not scanned"));
		assert_int_equal(s.buses[i].error, 0);
	}
	assert_false(scan_is_incomplete(&s));
	scan_free(&s);

	rig->world.bus = "i2c-24";
	scan_run(&s, &rig->world);
	assert_int_equal(s.n_buses, 1);
	assert_int_equal(buses[5]->n_quick[0x48], 1);
	for (int a = 0; a < 128; a++)
		if ((a >= 0x30 && a <= 0x37) || (a >= 0x50 && a <= 0x57) || a == 0x69)
			assert_int_equal(buses[5]->n_quick[a] + buses[5]->n_read[a] + buses[5]->n_other[a], 0);
	scan_free(&s);
	fake_sysfs_remove("/sys/bus/i2c/devices/i2c-20");
	fake_sysfs_remove("/sys/bus/i2c/devices/i2c-24");
	fake_sysfs_remove("/sys/class/drm/card0-HDMI-A-1/ddc");
}

/* --- muxes --- */

static void put_channel(int above, int number)
{
	char path[96], link[64], target[96];

	snprintf(path, sizeof(path), "/sys/devices/soc/i2c-%d/i2c-%d/name", above, number);
	fake_sysfs_put(path, "");
	snprintf(link, sizeof(link), "/sys/bus/i2c/devices/i2c-%d", number);
	snprintf(target, sizeof(target), "../../../devices/soc/i2c-%d/i2c-%d", above, number);
	fake_sysfs_link(link, target);
}

static void behind_a_mux_of_the_kernel_each_chip_is_told_once(void **state)
{
	struct scan_rig *rig = *state;
	struct scan_rig_bus *above = scan_rig_add_bus(rig, 1, "bcm2835\n");
	struct scan_rig_bus *first = scan_rig_add_bus(rig, 11, "i2c-1-mux (chan_id 0)\n");
	struct scan_rig_bus *second = scan_rig_add_bus(rig, 12, "i2c-1-mux (chan_id 1)\n");
	struct scan s;

	put_channel(1, 11);
	put_channel(1, 12);
	first->parent = second->parent = 1;
	fake_sysfs_link("/sys/bus/i2c/devices/1-0071/driver", "../../../bus/i2c/drivers/pca954x");
	scan_rig_add_chip(rig, above, 0x18, "mcp9808");
	scan_rig_add_chip(rig, first, 0x76, "bme280");
	scan_rig_add_chip(rig, second, 0x76, "bmp280");
	above->chips[0x77] = scan_rig_add_chip(rig, second, 0x77, "bmp180"); /* this channel was left open */
	scan_run(&s, &rig->world);
	expect_known(&s, "i2c-1", 0x18, "mcp9808");
	assert_null(scan_rig_find(&s, "i2c-11", 0x18));
	assert_null(scan_rig_find(&s, "i2c-12", 0x18));
	expect_known(&s, "i2c-11", 0x76, "bme280");
	expect_known(&s, "i2c-12", 0x76, "bmp280");
	expect_known(&s, "i2c-12", 0x77, "bmp180");
	assert_null(scan_rig_find(&s, "i2c-1", 0x77));
	for (size_t i = 0; i < rig->n_buses; i++)
		assert_int_equal(rig->buses[i].n_quick[0x71], 0);
	scan_free(&s);
	fake_sysfs_remove("/sys/bus/i2c/devices/1-0071/driver");
	fake_sysfs_remove("/sys/bus/i2c/devices/i2c-11");
	fake_sysfs_remove("/sys/bus/i2c/devices/i2c-12");
}

static void a_channel_of_another_mux_is_asked_for_by_its_name(void **state)
{
	struct scan_rig *rig = *state;
	struct scan_rig_bus *bus = scan_rig_add_bus(rig, 1, "bcm2835\n");
	struct scan s;

	scan_rig_add_chip(rig, bus, 0x76, "bme280");
	rig->world.bus = "i2c-1/0x70.3";
	scan_run(&s, &rig->world);
	assert_int_equal(s.n_buses, 2);
	assert_string_equal(s.buses[1].name, "i2c-1/0x70.3");
	expect_known(&s, "i2c-1", 0x76, "bme280");
	assert_int_equal(s.buses[1].n_chips, 0); /* it is on the bus itself */
	scan_free(&s);
}

static void a_bus_that_is_not_there_is_told_with_those_that_are(void **state)
{
	struct scan_rig *rig = *state;
	struct scan s;

	scan_rig_add_bus(rig, 1, "bcm2835\n");
	rig->world.bus = "i2c-7";
	scan_run(&s, &rig->world);
	assert_int_equal(s.n_buses, 0);
	assert_non_null(strstr(s.i2c_hint, "i2c-1"));
	assert_true(scan_is_incomplete(&s));
	scan_free(&s);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(chips_beside_each_other_are_known),
		TEST(addresses_are_called_as_i2cdetect_does),
		TEST(an_adapter_that_cannot_send_an_address_alone_finds_chips_of_commands_too),
		TEST(a_held_bus_is_given_up_and_the_next_is_scanned),
		TEST(a_data_line_that_is_low_is_no_hundred_chips),
		TEST(what_goes_wrong_on_a_whole_bus_is_told),
		TEST(a_chip_that_goes_away_meanwhile_is_none),
		TEST(what_the_kernel_has_is_told_and_not_touched),
		TEST(a_bus_that_cannot_be_opened_is_told),
		TEST(buses_of_displays_and_boards_are_left_alone_unless_asked_for),
		TEST(behind_a_mux_of_the_kernel_each_chip_is_told_once),
		TEST(a_channel_of_another_mux_is_asked_for_by_its_name),
		TEST(a_bus_that_is_not_there_is_told_with_those_that_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
