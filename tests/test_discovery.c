/* SPDX-License-Identifier: Apache-2.0 */
/* What Home Assistant is told: names by its documentation of MQTT discovery and of MQTT sensors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "agent/discovery.h"

static struct conf conf_of(const char *prefix)
{
	struct conf c = { .site = "delft", .device = "shed.2" };

	c.mqtt.prefix = "runnel/1";
	c.mqtt.home_assistant = prefix;
	return c;
}

static void a_temperature_has_all_that_is_needed(void **state)
{
	const struct kpi_def kpi = { .name = "indoor", .expression = "mean(t)", .unit = "Cel", .window_s = 60 };
	const struct conf c = conf_of("homeassistant");
	struct dynbuf out;

	(void)state;
	dynbuf_init(&out, 4096);
	dynbuf_adds(&out, "what was there");
	discovery_sensor(&out, &c, &kpi);
	assert_string_equal(
		dynbuf_text(&out),
		"{\"name\":\"indoor\",\"unique_id\":\"runnel/delft/shed.2/indoor\","
		"\"state_topic\":\"runnel/1/delft/shed.2/kpi/indoor\",\"value_template\":\"{{ value_json.value }}\","
		"\"json_attributes_topic\":\"runnel/1/delft/shed.2/kpi/indoor\","
		"\"availability_topic\":\"runnel/1/delft/shed.2/status\","
		"\"availability_template\":\"{{ value_json.state }}\",\"state_class\":\"measurement\","
		"\"unit_of_measurement\":\"°C\",\"device_class\":\"temperature\",\"expire_after\":240,"
		"\"device\":{\"identifiers\":[\"runnel/delft/shed.2\"],\"name\":\"shed.2\",\"manufacturer\":\"runnel\","
		"\"sw_version\":\"" RUNNEL_VERSION "\"},"
		"\"origin\":{\"name\":\"runnel\",\"sw_version\":\"" RUNNEL_VERSION "\"}}");
	dynbuf_free(&out);
}

static void a_unit_without_a_class_goes_as_it_is_and_one_that_is_none_does_not(void **state)
{
	const struct conf c = conf_of("homeassistant");
	const struct kpi_def grams = { .name = "weight", .unit = "mg/L", .window_s = 1 };
	const struct kpi_def ratio = { .name = "ratio", .unit = "1", .window_s = 1 };
	struct dynbuf out;

	(void)state;
	dynbuf_init(&out, 4096);
	discovery_sensor(&out, &c, &grams);
	assert_non_null(strstr(dynbuf_text(&out), "\"unit_of_measurement\":\"mg/L\""));
	assert_null(strstr(dynbuf_text(&out), "device_class"));
	discovery_sensor(&out, &c, &ratio);
	assert_null(strstr(dynbuf_text(&out), "unit_of_measurement"));
	dynbuf_free(&out);
}

static void a_topic_has_no_points(void **state)
{
	const struct conf c = conf_of("ha");
	char topic[DISCOVERY_TOPIC_BYTES];

	(void)state;
	assert_string_equal(discovery_topic(&c, "indoor", topic), "ha/sensor/runnel_delft_shed_dot_2/indoor/config");
}

static void it_is_off_unless_it_is_wanted(void **state)
{
	const struct conf off = conf_of(NULL), empty = conf_of(""), on = conf_of("homeassistant");

	(void)state;
	assert_false(discovery_is_wanted(&off));
	assert_false(discovery_is_wanted(&empty));
	assert_true(discovery_is_wanted(&on));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_temperature_has_all_that_is_needed),
		cmocka_unit_test(a_unit_without_a_class_goes_as_it_is_and_one_that_is_none_does_not),
		cmocka_unit_test(a_topic_has_no_points),
		cmocka_unit_test(it_is_off_unless_it_is_wanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
