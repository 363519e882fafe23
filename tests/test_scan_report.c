/* SPDX-License-Identifier: Apache-2.0 */
/* What people and programs are shown, of chips with many lines above all; and the config with its examples of lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/conf.h"
#include "agent/scan.h"

enum { MAX_BYTES = 4 << 20, MAX_LINES = 256 };

static const struct scan_world world = { .root = "" };

static struct gpio_line lines[MAX_LINES];

static struct scan_gpio chip_of(uint32_t n)
{
	memset(lines, 0, sizeof(lines));
	return (struct scan_gpio){
		.name = "gpiochip0", .label = "pinctrl-bcm2711", .n_lines = n, .n_known = n, .lines = lines
	};
}

static void report(const struct scan *s, struct dynbuf *out)
{
	dynbuf_init(out, MAX_BYTES);
	scan_report(s, out, "");
}

static void expect_line(const struct dynbuf *text, const char *line)
{
	if (!strstr(dynbuf_text(text), line))
		fail_msg("no '%s' in\n%s", line, dynbuf_text(text));
}

static void lines_are_told_by_name_or_as_ranges(void **state)
{
	struct scan_gpio g = chip_of(10);
	struct scan s = { .world = &world, .gpios = &g, .n_gpios = 1 };
	struct dynbuf text;
	(void)state;

	snprintf(lines[0].name, sizeof(lines[0].name), "ID_SDA");
	snprintf(lines[3].name, sizeof(lines[3].name), "GPIO3");
	lines[4].is_used = true;
	snprintf(lines[4].consumer, sizeof(lines[4].consumer), "onewire@0");
	lines[6].is_used = true;
	snprintf(lines[6].name, sizeof(lines[6].name), "LED");
	report(&s, &text);
	expect_line(&text, "\n  gpiochip0  pinctrl-bcm2711, 10 lines\n");
	expect_line(&text, "\n    free  0 ID_SDA, 1-3, 5, 7-9\n");
	expect_line(&text, "\n    used  4 (onewire@0), 6 LED\n");
	dynbuf_free(&text);
}

static void many_lines_wrap(void **state)
{
	struct scan_gpio g = chip_of(200);
	struct scan s = { .world = &world, .gpios = &g, .n_gpios = 1 };
	struct dynbuf text;
	(void)state;

	for (int i = 0; i < 200; i++)
		snprintf(lines[i].name, sizeof(lines[i].name), "PIN_%d", i);
	report(&s, &text);
	for (const char *p = dynbuf_text(&text), *end; (end = strchr(p, '\n')); p = end + 1)
		assert_true(end - p <= 110);
	expect_line(&text, "199 PIN_199\n");
	expect_line(&text, "    used  none\n");
	dynbuf_free(&text);

	memset(lines, 0, sizeof(lines));
	report(&s, &text);
	expect_line(&text, "\n    free  0-199\n");
	dynbuf_free(&text);
}

static void a_chip_that_went_away_keeps_what_is_known(void **state)
{
	struct scan_gpio g = chip_of(8);
	struct scan s = { .world = &world, .gpios = &g, .n_gpios = 1 };
	struct dynbuf text;
	(void)state;

	g.n_known = 3;
	g.error = -ENODEV;
	snprintf(g.why, sizeof(g.why), "it went away");
	assert_true(scan_is_incomplete(&s));
	report(&s, &text);
	expect_line(&text, "    it went away\n    free  0-2\n");
	dynbuf_free(&text);
}

/* Takes away every '#' that is followed by a name. */
static void uncomment(char *text)
{
	for (char *p = text; (p = strstr(p, "\n  #")); p++)
		if (p[4] != ' ')
			memmove(p + 3, p + 4, strlen(p + 4) + 1);
}

static void the_examples_of_lines_are_good_when_their_comments_are_taken_away(void **state)
{
	struct scan_gpio g = chip_of(4);
	struct scan s = { .world = &world, .gpios = &g, .n_gpios = 1 };
	struct diag d = { .file = "uncommented" };
	char changed[4000];
	struct dynbuf text;
	struct conf conf;
	(void)state;

	lines[0].is_used = true;
	dynbuf_init(&text, MAX_BYTES);
	scan_config(&s, &text);
	assert_true(text.len < sizeof(changed));
	memcpy(changed, dynbuf_text(&text), text.len + 1);
	uncomment(changed);
	if (conf_parse(&conf, changed, strlen(changed), &d) != 0) {
		diag_print(&d, stderr);
		fail_msg("%s", changed);
	}
	assert_int_equal(conf.n_sensors, 3);
	assert_int_equal(conf.plan.n_streams, 5);
	expect_line(&text, "#switch_0: {driver: gpio-input, chip: gpiochip0, line: 1,");
	expect_line(&text, "#meter_0: {driver: gpio-counter, chip: gpiochip0, line: 2,");
	conf_free(&conf);
	diag_free(&d);
	dynbuf_free(&text);
}

static void chips_are_told_with_what_they_may_be(void **state)
{
	struct scan_chip chips[] = {
		{ .address = 0x20, .kind = SCAN_AMBIGUOUS, .n_drivers = 2 },
		{ .address = 0x3C, .kind = SCAN_AMBIGUOUS },
		{ .address = 0x68, .kind = SCAN_OWNED, .owner = "rtc-ds1307" },
		{ .address = 0x70, .kind = SCAN_MUX },
		{ .address = 0x76, .kind = SCAN_KNOWN, .n_drivers = 1 },
	};
	struct scan_bus bus = { .bus = { 1, "bcm2835" },
				.name = "i2c-1",
				.is_scanned = true,
				.chips = chips,
				.n_chips = ARRAY_LEN(chips) };
	struct scan s = { .world = &world, .buses = &bus, .n_buses = 1 };
	struct dynbuf text;
	(void)state;

	chips[0].drivers[0] = sensor_driver_find("mcp23017");
	chips[0].drivers[1] = sensor_driver_find("pcf8574");
	chips[4].drivers[0] = sensor_driver_find("bme280");
	report(&s, &text);
	expect_line(&text, "  i2c-1  bcm2835\n    0x20  ?  cannot be told safely, may be mcp23017 or pcf8574; ");
	expect_line(&text, "\n    0x3c  ?  something that no driver reads; often a display (SSD1306)\n");
	expect_line(&text, "\n    0x68  the kernel's driver rtc-ds1307 has it");
	expect_line(&text, "\n    0x70  a mux; `runnel scan --bus i2c-1/0x70.0` looks behind");
	expect_line(&text, "\n    0x76  bme280  Bosch BME280");
	dynbuf_free(&text);

	dynbuf_init(&text, MAX_BYTES);
	scan_json(&s, &text, "sensors: {}\n");
	expect_line(
		&text,
		"{\"address\":\"0x20\",\"state\":\"ambiguous\",\"drivers\":[\"mcp23017\",\"pcf8574\"],\"owner\":null}");
	expect_line(&text, "{\"address\":\"0x68\",\"state\":\"kernel\",\"drivers\":[],\"owner\":\"rtc-ds1307\"}");
	expect_line(&text, "\"config\":\"sensors: {}\\n\"}\n");
	dynbuf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_told_by_name_or_as_ranges),
		cmocka_unit_test(many_lines_wrap),
		cmocka_unit_test(a_chip_that_went_away_keeps_what_is_known),
		cmocka_unit_test(the_examples_of_lines_are_good_when_their_comments_are_taken_away),
		cmocka_unit_test(chips_are_told_with_what_they_may_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
