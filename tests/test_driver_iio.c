/* SPDX-License-Identifier: Apache-2.0 */
/* Files as Documentation/ABI/testing/sysfs-bus-iio has them; expected values are its formula (raw + offset) * scale, by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "drivers/sysfs.h"
#include "tests/driver_rig.h"
#include "tests/fake_sysfs.h"

#define DEVICES "/sys/bus/iio/devices/"

static int start(struct driver_rig *rig, const char *yaml)
{
	driver_rig_init(rig, "iio", yaml);
	sysfs_set_root(rig->state, fake_sysfs_root());
	rig->n_channels = rig->driver->describe(rig->state, &rig->arena, &rig->channels, &rig->err);
	return rig->n_channels < 0 ? rig->n_channels : driver_rig_probe(rig, 0);
}

struct expected {
	const char *name, *unit;
	double value;
};

static void expect(const char *yaml, const struct expected expected[], int n)
{
	double out[SENSOR_MAX_CHANNELS];
	struct driver_rig rig;
	int64_t now_us = 0;

	assert_int_equal(start(&rig, yaml), 0);
	assert_int_equal(rig.n_channels, n);
	assert_int_equal(driver_rig_read(&rig, &now_us, out), 0);
	for (int i = 0; i < n; i++) {
		print_message("%s %.12g\n", rig.channels[i].name, out[i]);
		assert_string_equal(rig.channels[i].name, expected[i].name);
		assert_string_equal(rig.channels[i].unit, expected[i].unit);
		assert_true(fabs(out[i] - expected[i].value) < 1e-9 * (1.0 + fabs(expected[i].value)));
	}
	driver_rig_free(&rig);
}

static void a_weather_chip_is_read_in_the_units_of_its_own_driver(void **state)
{
	static const struct expected expected[] = {
		{ "humidityrelative", "%", 45.123 },
		{ "pressure", "hPa", 1013.25 },
		{ "temp", "Cel", 21.46 },
	};
	(void)state;

	expect("{device: bme280}", expected, 3);
	expect("{device: 1-0076}", expected, 3);
	expect("{device: iio:device0}", expected, 3);
}

/* An ADS1115: 0.1875 mV a step; one gain of its own; differences have the scale of differences. */
static void raw_values_get_their_own_or_the_shared_scale_and_offset(void **state)
{
	static const struct expected expected[] = {
		{ "voltage0", "V", 3.0 },	      /* 16000 * 0.1875 mV */
		{ "voltage1", "V", -0.5 },	      /* -8000 * 0.0625 mV */
		{ "voltage0_voltage1", "V", 0.0125 }, /* 100 * 0.125 mV */
	};
	(void)state;

	fake_sysfs_put(DEVICES "iio:device1/name", "ads1115\n");
	fake_sysfs_put(DEVICES "iio:device1/in_voltage0_raw", "16000\n");
	fake_sysfs_put(DEVICES "iio:device1/in_voltage_scale", "0.187500000\n");
	fake_sysfs_put(DEVICES "iio:device1/in_voltage1_raw", "-8000\n");
	fake_sysfs_put(DEVICES "iio:device1/in_voltage1_scale", "0.062500000\n");
	fake_sysfs_put(DEVICES "iio:device1/in_voltage0-voltage1_raw", "100\n");
	fake_sysfs_put(DEVICES "iio:device1/in_voltage-voltage_scale", "0.125000000\n");
	fake_sysfs_put(DEVICES "iio:device1/in_voltage_scale_available", "0.1875 0.125\n");
	expect("{device: ads1115, channels: [voltage0, voltage1, voltage0_voltage1]}", expected, 3);
	expect("{device: ads1115}", expected, 3);
}

/* An MPU6050: (raw + offset) * scale, angular velocity in rad/s: pi/180 a step is 1 deg/s. */
static void offsets_come_before_scales_and_radians_become_degrees(void **state)
{
	static const struct expected expected[] = {
		{ "accel_x", "m/s2", 9.80665 },	 /* 16384 * 0.0005985504150390625 = 9.80665 */
		{ "anglvel_z", "deg/s", -90.0 }, /* -1.5707963267948966 rad/s */
		{ "temp", "Cel", 36.5294 },	 /* (0 + 12420) * 2.941176 m, in thousandths: 36.52940592 */
	};
	struct expected exact[3];
	(void)state;

	memcpy(exact, expected, sizeof(exact));
	exact[2].value = 12420 * 2.941176 / 1000;
	fake_sysfs_put(DEVICES "iio:device2/name", "mpu6050\n");
	fake_sysfs_put(DEVICES "iio:device2/in_accel_x_raw", "16384\n");
	fake_sysfs_put(DEVICES "iio:device2/in_accel_scale", "0.0005985504150390625\n");
	fake_sysfs_put(DEVICES "iio:device2/in_anglvel_z_raw", "-1\n");
	fake_sysfs_put(DEVICES "iio:device2/in_anglvel_scale", "1.5707963267948966\n");
	fake_sysfs_put(DEVICES "iio:device2/in_temp_raw", "0\n");
	fake_sysfs_put(DEVICES "iio:device2/in_temp_offset", "12420\n");
	fake_sysfs_put(DEVICES "iio:device2/in_temp_scale", "2.941176\n");
	expect("{device: mpu6050}", exact, 3);
}

/* 0.0612 % is 612 ppm. */
static void the_other_units_are_those_of_the_kernels_documentation(void **state)
{
	static const struct expected expected[] = {
		{ "concentration_co2", "[ppm]", 612.0 },
		{ "current2", "A", 0.25 },
		{ "illuminance", "lx", 123.5 },
		{ "magn_y", "G", 0.48 },
		{ "massconcentration_pm2p5", "ug/m3", 8.0 },
		{ "resistance", "Ohm", 110.5 },
	};
	(void)state;

	fake_sysfs_put(DEVICES "iio:device3/name", "all\n");
	fake_sysfs_put(DEVICES "iio:device3/in_concentration_co2_raw", "612\n");
	fake_sysfs_put(DEVICES "iio:device3/in_concentration_scale", "0.000100000\n");
	fake_sysfs_put(DEVICES "iio:device3/in_current2_input", "250\n");
	fake_sysfs_put(DEVICES "iio:device3/in_illuminance_input", "123.500000\n");
	fake_sysfs_put(DEVICES "iio:device3/in_magn_y_raw", "480\n");
	fake_sysfs_put(DEVICES "iio:device3/in_magn_scale", "0.001\n");
	fake_sysfs_put(DEVICES "iio:device3/in_massconcentration_pm2p5_input", "8\n");
	fake_sysfs_put(DEVICES "iio:device3/in_resistance_raw", "221\n");
	fake_sysfs_put(DEVICES "iio:device3/in_resistance_scale", "0.5\n");
	fake_sysfs_put(DEVICES "iio:device3/in_intensity_both_raw", "5\n");
	fake_sysfs_put(DEVICES "iio:device3/in_temp_peak_raw", "5\n");
	fake_sysfs_put(DEVICES "iio:device3/in_voltage7_raw", "5\n");
	fake_sysfs_put(DEVICES "iio:device3/out_voltage0_raw", "5\n");
	expect("{device: all}", expected, 6);
}

static void a_raw_value_without_a_scale_is_refused(void **state)
{
	struct driver_rig rig;
	(void)state;

	fake_sysfs_put(DEVICES "iio:device4/name", "adc\n");
	fake_sysfs_put(DEVICES "iio:device4/in_voltage0_raw", "5\n");
	assert_int_equal(start(&rig, "{device: adc}"), -ENODEV);
	assert_non_null(strstr(rig.err.text, "unit"));
	driver_rig_free(&rig);
	assert_int_equal(start(&rig, "{device: adc, channels: [voltage0]}"), -ENODEV);
	assert_non_null(strstr(rig.err.text, "no scale for voltage0"));
	driver_rig_free(&rig);
}

static void without_any_device_the_message_tells_what_to_do(void **state)
{
	struct driver_rig rig;
	(void)state;

	driver_rig_init(&rig, "iio", "{device: bme280, channels: [temp]}");
	assert_int_equal(rig.n_channels, 1);
	sysfs_set_root(rig.state, "/nonexistent");
	assert_int_equal(driver_rig_probe(&rig, 0), -ENODEV);
	assert_non_null(strstr(rig.err.text, "dtoverlay=i2c-sensor"));
	driver_rig_free(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_weather_chip_is_read_in_the_units_of_its_own_driver),
		cmocka_unit_test(raw_values_get_their_own_or_the_shared_scale_and_offset),
		cmocka_unit_test(offsets_come_before_scales_and_radians_become_degrees),
		cmocka_unit_test(the_other_units_are_those_of_the_kernels_documentation),
		cmocka_unit_test(a_raw_value_without_a_scale_is_refused),
		cmocka_unit_test(without_any_device_the_message_tells_what_to_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
