/* SPDX-License-Identifier: Apache-2.0 */
/* Against a real mosquitto; without one this test is skipped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdatomic.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "tests/broker.h"
#include "tests/mqtt_rig.h"

enum { N_STARTS = 12, SOON_MS = 15000 };

static atomic_int n_slept;

/* In the place of libc's, for paho: how long a connect takes is the machine's, whether paho slept meanwhile is not. */
int usleep(useconds_t us)
{
	struct timespec t = { (time_t)(us / 1000000), (long)(us % 1000000 * 1000) };
	int r = nanosleep(&t, NULL);

	if (r == 0 && us >= 50000)
		atomic_fetch_add(&n_slept, 1);
	return r;
}

static bool is_up(struct mqtt_rig *rig)
{
	return rig->clients[0].n_up == 1;
}

/* paho alone sleeps 100 ms in three of four starts, and less often on a busy machine, where the signal may also come before the sleep. */
static void paho_does_not_sleep_while_it_should_connect(void **state)
{
	struct mqtt_options options = { 0 };
	char url[BROKER_PATH_BYTES];
	struct broker broker;
	struct mqtt_rig rig;
	int n_slow = 0;

	(void)state;
	assert_int_equal(broker_init(&broker, &(struct broker_options){ .is_persistent = true }), 0);
	assert_int_equal(broker_start(&broker), 0);
	options.broker = broker_url(&broker, url);
	mqtt_rig_init(&rig);
	for (int i = 0; i < N_STARTS; i++) {
		int before = atomic_load(&n_slept);
		struct mqtt_rig_client *c = mqtt_rig_start(&rig, 0, &options);

		assert_true(mqtt_rig_run(&rig, is_up, SOON_MS));
		n_slow += atomic_load(&n_slept) > before;
		mqtt_free(c->mqtt);
		c->mqtt = NULL;
	}
	assert_in_range(n_slow, 0, 2);
	mqtt_rig_free(&rig);
	broker_free(&broker);
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(paho_does_not_sleep_while_it_should_connect) };

	log_set_level(LOG_LEVEL_ERROR);
	if (!broker_is_installed()) {
		printf("skipped: no mosquitto or openssl here\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
