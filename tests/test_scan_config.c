/* SPDX-License-Identifier: Apache-2.0 */
/* The config that is made of what was found: conf_parse() is the judge, as in `runnel check`. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "agent/conf.h"
#include "drivers/i2c_identity.h"
#include "tests/fake_sysfs.h"
#include "tests/scan_rig.h"

enum { MAX_BYTES = 4 << 20 };

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

/** The config of a scan, which must be good. */
static void configure(const struct scan *s, struct dynbuf *out, struct conf *conf)
{
	struct diag d = { .file = "scan" };
	int r;

	dynbuf_init(out, MAX_BYTES);
	scan_config(s, out);
	r = conf_parse(conf, dynbuf_text(out), out->len, &d);
	diag_print(&d, stderr);
	diag_free(&d);
	if (r != 0)
		fail_msg("%s", dynbuf_text(out));
}

static const struct conf_sensor *find(const struct conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->n_sensors; i++)
		if (strcmp(conf->sensors[i].name, name) == 0)
			return &conf->sensors[i];
	return NULL;
}

static void expect_sensor(const struct conf *conf, const char *name, const char *driver)
{
	const struct conf_sensor *sensor = find(conf, name);

	if (!sensor)
		fail_msg("no sensor %s", name);
	else
		assert_string_equal(sensor->driver->name, driver);
}

static void chips_have_short_names_until_there_are_several(void **state)
{
	struct scan_rig *rig = *state;
	struct scan_rig_bus *one = scan_rig_add_bus(rig, 1, "bcm2835\n"), *two = scan_rig_add_bus(rig, 3, "i2c-gpio\n");
	struct dynbuf text;
	struct conf conf;
	struct scan s;

	scan_rig_add_chip(rig, one, 0x44, "sht3x");
	scan_rig_add_chip(rig, one, 0x48, "tmp117");
	scan_rig_add_chip(rig, one, 0x4A, "tmp117");
	scan_rig_add_chip(rig, one, 0x76, "bmp280");
	scan_rig_add_chip(rig, two, 0x76, "bmp280");
	scan_run(&s, &rig->world);
	configure(&s, &text, &conf);
	expect_sensor(&conf, "box", "host");
	expect_sensor(&conf, "sht3x", "sht3x");
	expect_sensor(&conf, "tmp117_48", "tmp117");
	expect_sensor(&conf, "tmp117_4a", "tmp117");
	expect_sensor(&conf, "bmp280_76_1", "bmp280");
	expect_sensor(&conf, "bmp280_76_3", "bmp280");
	assert_non_null(strstr(dynbuf_text(&text), "\n  sht3x_temperature: {from: sht3x.temperature}\n"));
	assert_non_null(strstr(dynbuf_text(&text), "bus: \"i2c-3\", address: 0x76"));
	conf_free(&conf);
	dynbuf_free(&text);
	scan_free(&s);
}

static void what_the_kernel_reads_is_named_as_its_place(void **state)
{
	struct scan_rig *rig = *state;
	const struct conf_sensor *sensor;
	struct dynbuf text;
	struct conf conf;
	struct scan s;

	fake_sysfs_put("/sys/class/hwmon/hwmon5/name", "w1_slave_temp\n"); /* what w1_therm gives besides */
	fake_sysfs_put("/sys/class/hwmon/hwmon5/temp1_input", "26000\n");
	scan_run(&s, &rig->world);
	configure(&s, &text, &conf);
	expect_sensor(&conf, "lm75", "hwmon");
	expect_sensor(&conf, "ds18b20", "w1");
	sensor = find(&conf, "bme280");
	assert_non_null(sensor);
	assert_string_equal(sensor->driver->name, "iio");
	assert_int_equal(sensor->n_channels, 3);
	assert_non_null(strstr(dynbuf_text(&text), "device: \"1-0076\""));
	assert_non_null(strstr(dynbuf_text(&text), "device: \"28-000005e2fdc3\", every: 10s"));
	assert_null(strstr(dynbuf_text(&text), "w1_slave_temp"));
	conf_free(&conf);
	dynbuf_free(&text);
	scan_free(&s);
}

static void odd_bytes_of_names_do_not_break_anything(void **state)
{
	static const char *const names[] = { "a\": {b", "\x01\x1b[2J", "\xff\xfe", "# no", "- x",
					     "'",	"\\",	       "%",	   "*a",   "1" };
	struct scan_rig *rig = *state;
	struct dynbuf text, report;
	struct conf conf;
	struct scan s;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		scan_rig_init(rig);
		scan_rig_add_bus(rig, 1, names[i]);
		fake_sysfs_put("/sys/class/hwmon/hwmon7/name", names[i]);
		fake_sysfs_put("/sys/class/hwmon/hwmon7/temp1_input", "1000\n");
		fake_sysfs_put("/sys/class/hwmon/hwmon8/name", names[i]);
		fake_sysfs_put("/sys/class/hwmon/hwmon8/in0_input", "1000\n");
		scan_run(&s, &rig->world);
		configure(&s, &text, &conf);
		assert_non_null(strstr(dynbuf_text(&text), "device: \"hwmon7\", channels: [temp1]"));
		dynbuf_init(&report, MAX_BYTES);
		scan_report(&s, &report, "# ");
		for (size_t k = 0; k < report.len; k++)
			assert_true(report.data[k] == '\n' || (report.data[k] >= ' ' && report.data[k] <= '~'));
		dynbuf_free(&report);
		conf_free(&conf);
		dynbuf_free(&text);
		scan_free(&s);
		scan_rig_remove(rig);
	}
	scan_rig_init(rig);
	fake_sysfs_remove("/sys/class/hwmon/hwmon7/temp1_input");
	fake_sysfs_remove("/sys/class/hwmon/hwmon8/in0_input");
	fake_sysfs_remove("/sys/class/hwmon/hwmon7/name");
	fake_sysfs_remove("/sys/class/hwmon/hwmon8/name");
	fake_sysfs_remove("/sys/class/hwmon/hwmon7");
	fake_sysfs_remove("/sys/class/hwmon/hwmon8");
}

/* Take away the '#' of the lines that speak of @name. */
static void uncomment(char *text, const char *name)
{
	char sensor[96], stream[96], *p;

	snprintf(sensor, sizeof(sensor), "\n  #%s: {driver", name);
	snprintf(stream, sizeof(stream), "{from: %s.", name);
	p = strstr(text, sensor);
	if (!p)
		fail_msg("no comment for %s in\n%s", name, text);
	else
		memmove(p + 3, p + 4, strlen(p + 4) + 1);
	while ((p = strstr(text, stream))) {
		while (p > text && p[-1] != '\n')
			p--;
		if (p[2] != '#')
			break;
		memmove(p + 2, p + 3, strlen(p + 3) + 1);
		text = p;
	}
}

/* Each driver that cannot be told, alone at its address. */
static void every_candidate_is_good_when_its_comment_is_taken_away(void **state)
{
	struct scan_rig *rig = *state;
	const struct sensor_driver *d;
	size_t n = 0;

	for (size_t i = 0; (d = sensor_driver_at(i)); i++) {
		char name[64], changed[20000];
		struct dynbuf text;
		struct conf conf;
		struct diag diag = { .file = "uncommented" };
		struct scan s;

		if (!d->identity || (d->identity->is_certain && strcmp(d->name, "aht20") != 0))
			continue;
		scan_rig_init(rig);
		scan_rig_add_chip(rig, scan_rig_add_bus(rig, 9, "bcm2835\n"), d->identity->at[0].first, d->name);
		scan_run(&s, &rig->world);
		assert_true(s.buses[0].n_chips == 1 && s.buses[0].chips[0].kind == SCAN_AMBIGUOUS);
		configure(&s, &text, &conf);
		conf_free(&conf);
		snprintf(name, sizeof(name), "%s_%02x", d->name, d->identity->at[0].first);
		assert_true(text.len < sizeof(changed));
		memcpy(changed, dynbuf_text(&text), text.len + 1);
		uncomment(changed, name);
		assert_int_equal(conf_parse(&conf, changed, strlen(changed), &diag), 0);
		expect_sensor(&conf, name, d->name);
		assert_true(conf.plan.n_streams > 3); /* those of the machine itself */
		conf_free(&conf);
		diag_free(&diag);
		dynbuf_free(&text);
		scan_free(&s);
		scan_rig_remove(rig);
		n++;
	}
	scan_rig_init(rig);
	assert_true(n >= 10);
}

static void more_channels_than_a_config_takes_are_left_out(void **state)
{
	struct scan_rig *rig = *state;
	struct dynbuf text;
	struct conf conf;
	struct scan s;
	char path[80];

	for (int chip = 0; chip < 12; chip++)
		for (int i = 0; i < 60; i++) {
			snprintf(path, sizeof(path), "/sys/class/hwmon/hwmon%d/temp%d_input", 20 + chip, i);
			fake_sysfs_put(path, "1\n");
		}
	scan_run(&s, &rig->world);
	configure(&s, &text, &conf);
	assert_int_equal(conf.plan.n_streams, 500);
	assert_non_null(strstr(dynbuf_text(&text), "left out"));
	conf_free(&conf);
	dynbuf_free(&text);
	scan_free(&s);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(chips_have_short_names_until_there_are_several),
		TEST(what_the_kernel_reads_is_named_as_its_place),
		TEST(odd_bytes_of_names_do_not_break_anything),
		TEST(every_candidate_is_good_when_its_comment_is_taken_away),
		TEST(more_channels_than_a_config_takes_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
