/* SPDX-License-Identifier: Apache-2.0 */
/* Which topics speak for whom. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/log.h"
#include "collector/intake.h"

static const char birth[] = "{\"boot\":3}";

static void deliver(struct fleet *f, const char *topic, const char *payload, bool retained)
{
	struct mqtt_message m = {
		.topic = topic, .payload = payload, .payload_bytes = strlen(payload), .retained = retained
	};

	intake_message(f, "a/b", &m, 1763700000000000);
}

static void a_birth_makes_a_device_of_its_topic(void **state)
{
	struct fleet *f = fleet_new(7200);
	struct device *d;

	(void)state;
	deliver(f, "a/b/delft/north-1.x/birth", birth, true);
	assert_int_equal(f->n_devices, 1);
	d = site_find_device(fleet_find_site(f, "delft"), "north-1.x");
	assert_non_null(d);
	assert_true(d->is_born);
	assert_int_equal(d->birth.boot, 3);
	deliver(f, "a/b/delft/north-1.x/status", "{\"state\":\"offline\",\"boot\":3}", true);
	assert_true(d->has_status && !d->is_online);
	deliver(f, "a/b/delft/north-1.x/birth", "", false);
	assert_true(d->is_retired && !d->is_born);
	fleet_free(f);
}

static void other_topics_are_nobodys(void **state)
{
	static const char *const topics[] = {
		"a/b",
		"a/b/",
		"a/b/delft",
		"a/b/delft/north",
		"a/b/delft/north/",
		"a/b/delft/_fleet/kpi/birth",
		"a/b//north/birth",
		"a/b/delft//birth",
		"a/bdelft/north/birth",
		"x/b/delft/north/birth",
		"a/b/delft/north/birth/more",
		"a/b/delft/north/Birth",
		"a/b/delft/-north/birth",
		"a/b/_all/north/birth",
		"a/b/delft/no rth/birth",
		"a/b/delft/n0123456789012345678901234567890123456789012345678901234567890123456789/birth",
	};
	struct fleet *f = fleet_new(7200);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(topics); i++)
		deliver(f, topics[i], birth, true);
	assert_int_equal(f->n_devices, 0);
	assert_int_equal(f->counters.bad, 0);
	fleet_free(f);
}

static void nonsense_makes_no_device(void **state)
{
	struct fleet *f = fleet_new(7200);

	(void)state;
	deliver(f, "a/b/delft/north/birth", "nonsense", false);
	deliver(f, "a/b/delft/north/birth", "", false);
	deliver(f, "a/b/delft/north/status", "{}", false);
	deliver(f, "a/b/delft/north/partial", "", false);
	deliver(f, "a/b/delft/north/partial", "nonsense", false);
	deliver(f, "a/b/delft/north/contract/abc", "{}", false);
	assert_int_equal(f->n_devices, 0);
	assert_int_equal(f->counters.bad, 5);
	fleet_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_birth_makes_a_device_of_its_topic),
		cmocka_unit_test(other_topics_are_nobodys),
		cmocka_unit_test(nonsense_makes_no_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
