/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /proc and /sys below a directory of the test, read through the driver: lines of a real machine, with round numbers where
 * that makes the arithmetic plain. Expected values are worked out beside them from proc(5).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "drivers/host.h"
#include "tests/driver_rig.h"

#define START_US INT64_C(1763700000000000)

enum { LOAD1, CPU_BUSY, MEMORY_USED, MEMORY_AVAILABLE, DISK_USED, NET_RX, NET_TX, CPU_TEMPERATURE, UP, N };

static char root[64];

static void put(const char *path, const char *text)
{
	char full[256];
	FILE *f;

	snprintf(full, sizeof(full), "%s%s", root, path);
	for (char *p = full + strlen(root) + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		mkdir(full, 0700);
		*p = '/';
	}
	f = fopen(full, "we");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

#define NET_HEADER                                                                                                 \
	"Inter-|   Receive                                                |  Transmit\n"                           \
	" face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls " \
	"carrier "                                                                                                 \
	"compressed\n"

static void put_image(void)
{
	put("/proc/loadavg", "0.28 0.06 0.02 1/93 6534\n");
	/* all 1983+7+2066+215142+352+0+40+9 = 219599, of it idle and iowait 215494: busy 4105 */
	put("/proc/stat",
	    "cpu  1983 7 2066 215142 352 0 40 9 100 50\ncpu0 580 0 747 108442 9 0 13 1 0 0\nintr 188518 0\n");
	put("/proc/meminfo", "MemTotal:        4000000 kB\nMemFree:          100000 kB\nMemAvailable:    1000000 kB\n"
			     "Buffers:          214152 kB\n");
	put("/proc/net/dev", NET_HEADER "    lo:    3193      29    0    0    0     0          0         0     3193    "
					"  29    0    0    0     0       0          0\n"
					"  eth0: 76567173    1579    0    0    0     0          0         0    85632   "
					"  955    0    0    0     0       0          0\n"
					"wlan0:1000 1 2 3 4 5 6 7 200 1 2 3 4 5 6 7\n");
	put("/proc/uptime", "1100.16 2151.43\n");
}

static int make_root(void **state)
{
	(void)state;
	snprintf(root, sizeof(root), "/tmp/runnel-host-XXXXXX");
	if (!mkdtemp(root))
		return -1;
	put_image();
	return 0;
}

static int remove_root(void **state)
{
	char command[128];
	(void)state;

	snprintf(command, sizeof(command), "rm -r %s", root);
	return system(command);
}

static void begin(struct driver_rig *rig, const char *yaml)
{
	driver_rig_init(rig, "host", yaml);
	host_set_root(rig->state, root);
	assert_int_equal(rig->n_channels, N);
	assert_int_equal(driver_rig_probe(rig, START_US), 0);
}

static void read_into(struct driver_rig *rig, double v[N])
{
	int64_t now_us = START_US;

	assert_int_equal(driver_rig_read(rig, &now_us, v), 0);
}

static bool is_near(double x, double expected)
{
	return fabs(x - expected) <= 1e-9 * fabs(expected);
}

static void values_are_what_proc_5_says(void **state)
{
	struct driver_rig rig;
	double v[N];
	(void)state;

	begin(&rig, "{}");
	/* 300 ticks on: 60 user, 30 system, 10 steal busy; 180 idle, 20 iowait: 100 of 300 */
	put("/proc/stat", "cpu  2043 7 2096 215322 372 0 40 19 100 50\n");
	read_into(&rig, v);
	assert_true(v[LOAD1] == 0.28);
	assert_true(is_near(v[CPU_BUSY], 100.0 / 3.0));
	assert_true(v[MEMORY_USED] == 75.0);	      /* 3 of 4 GB */
	assert_true(v[MEMORY_AVAILABLE] == 976.5625); /* 1000000 / 1024 */
	assert_true(v[NET_RX] == 76568173.0);	      /* eth0 and wlan0 */
	assert_true(v[NET_TX] == 85832.0);
	assert_true(v[UP] == 1100.16);
	assert_true(isnan(v[CPU_TEMPERATURE]));
	driver_rig_free(&rig);
}

static void the_first_reading_waits_for_ticks_and_none_make_a_gap(void **state)
{
	struct driver_rig rig;
	double v[N];
	(void)state;

	begin(&rig, "{}");
	assert_true(rig.driver->trigger(rig.state, START_US) >= 100000);
	read_into(&rig, v);
	assert_true(isnan(v[CPU_BUSY])); /* not one tick since the probe */
	assert_int_equal(rig.driver->trigger(rig.state, START_US), 0);
	driver_rig_free(&rig);
}

static void one_interface_can_be_asked_for(void **state)
{
	struct driver_rig rig;
	double v[N];
	(void)state;

	begin(&rig, "{interface: wlan0}");
	read_into(&rig, v);
	assert_true(v[NET_RX] == 1000.0 && v[NET_TX] == 200.0);
	put("/proc/net/dev", NET_HEADER "  eth0: 1 0 0 0 0 0 0 0 1 0 0 0 0 0 0 0\n");
	read_into(&rig, v);
	assert_true(isnan(v[NET_RX]) && isnan(v[NET_TX])); /* unplugged: a gap, and the rest goes on */
	assert_true(v[LOAD1] == 0.28);
	driver_rig_free(&rig);

	driver_rig_init(&rig, "host", "{interface: wlan}");
	host_set_root(rig.state, root);
	assert_int_equal(driver_rig_probe(&rig, START_US), -ENODEV);
	assert_non_null(strstr(rig.err.text, "'wlan'"));
	driver_rig_free(&rig);
}

static void the_sum_never_falls_when_interfaces_come_go_and_restart(void **state)
{
	static const struct {
		const char *text;
		double sum;
	} steps[] = {
		{ "a: 100 0 0 0 0 0 0 0 1 0 0 0 0 0 0 0\nb: 50 0 0 0 0 0 0 0 2 0 0 0 0 0 0 0\n", 150 },
		{ "a: 110 0 0 0 0 0 0 0 1 0 0 0 0 0 0 0\n", 160 }, /* b is gone: its 50 stay */
		{ "a: 110 0 0 0 0 0 0 0 1 0 0 0 0 0 0 0\nc: 5 0 0 0 0 0 0 0 1 0 0 0 0 0 0 0\n", 165 }, /* c is new */
		{ "a: 7 0 0 0 0 0 0 0 1 0 0 0 0 0 0 0\nc: 5 0 0 0 0 0 0 0 1 0 0 0 0 0 0 0\n", 172 },   /* a restarted */
		{ "b: 60 0 0 0 0 0 0 0 2 0 0 0 0 0 0 0\n", 182 }, /* b is back, 10 further */
	};
	struct host_net net = { .n = 0 };
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		assert_true(host_net_update(&net, steps[i].text, NULL));
		assert_true((double)net.received == steps[i].sum);
	}
}

static void more_interfaces_than_fit_are_left_out(void **state)
{
	struct host_net net = { .n = 0 };
	char line[80];
	(void)state;

	for (int i = 0; i < HOST_MAX_INTERFACES + 10; i++) {
		snprintf(line, sizeof(line), "veth%d: 1 0 0 0 0 0 0 0 1 0 0 0 0 0 0 0\n", i);
		host_net_update(&net, line, NULL);
	}
	assert_true(net.received == HOST_MAX_INTERFACES);
	assert_false(host_net_update(&net, "averyverylonginterfacename: 1 0 0 0 0 0 0 0 1 0\n", NULL));
	assert_false(host_net_update(&net, NET_HEADER, NULL));
	assert_false(host_net_update(&net, "eth0: 1 2 3\n", NULL));
	assert_false(host_net_update(&net, "eth9: 1 0 0 0 0 0 0 0 1 0 0 0 0 0 0 0", NULL)); /* cut short */
}

static void the_processor_is_found_among_the_thermal_zones(void **state)
{
	struct driver_rig rig;
	double v[N];
	(void)state;

	put("/sys/class/hwmon/hwmon0/name", "nvme\n");
	put("/sys/class/hwmon/hwmon1/name", "k10temp\n");
	put("/sys/class/hwmon/hwmon1/temp1_input", "51250\n");
	begin(&rig, "{}");
	read_into(&rig, v);
	assert_true(v[CPU_TEMPERATURE] == 51.25);
	driver_rig_free(&rig);

	put("/sys/class/thermal/thermal_zone0/type", "acpitz\n");
	put("/sys/class/thermal/thermal_zone0/temp", "27800\n");
	begin(&rig, "{}");
	read_into(&rig, v);
	assert_true(v[CPU_TEMPERATURE] == 51.25); /* a board's zone does not win against the processor's own */
	driver_rig_free(&rig);

	put("/sys/class/thermal/thermal_zone1/type", "cpu-thermal\n");
	put("/sys/class/thermal/thermal_zone1/temp", "42355\n");
	begin(&rig, "{}");
	read_into(&rig, v);
	assert_true(v[CPU_TEMPERATURE] == 42.355);
	put("/sys/class/thermal/thermal_zone1/temp", "-1500\n");
	read_into(&rig, v);
	assert_true(v[CPU_TEMPERATURE] == -1.5);
	driver_rig_free(&rig);
}

static void a_text_that_is_not_the_kernels_is_an_error_and_changes_nothing(void **state)
{
	static const struct {
		const char *path, *text;
	} rows[] = {
		{ "/proc/loadavg", "" },
		{ "/proc/loadavg", "nan 1 2\n" },
		{ "/proc/stat", "cpu0 1 2 3 4\n" },
		{ "/proc/stat", "cpu  1 2 3\n" },
		{ "/proc/meminfo", "MemTotal: 0 kB\n" },
		{ "/proc/meminfo", "\n" },
		{ "/proc/uptime", "x\n" },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct driver_rig rig;
		double v[N] = { -1e9 };
		int64_t now_us = START_US;

		put_image();
		begin(&rig, "{}");
		put(rows[i].path, rows[i].text);
		assert_int_equal(driver_rig_read(&rig, &now_us, v), -EBADMSG);
		assert_true(v[0] == -1e9);
		put_image();
		assert_int_equal(driver_rig_read(&rig, &now_us, v), 0);
		driver_rig_free(&rig);
	}
}

static void parsers_take_odd_but_lawful_texts(void **state)
{
	struct host_cpu a, b;
	double used, available;
	(void)state;

	assert_int_equal(host_parse_cpu("cpu  1 2 3 4\n", &a), 0); /* Linux 2.4 had four */
	assert_true(a.busy == 6 && a.total == 10);
	assert_int_equal(host_parse_cpu("cpu  1 2 3 3 0 0 0 0 0 0\n", &b), 0); /* idle stepped back */
	assert_true(isnan(host_cpu_percent(&a, &b)));
	assert_true(host_cpu_percent(&(struct host_cpu){ 5, 10 }, &(struct host_cpu){ 9, 12 }) == 100.0);
	assert_true(host_cpu_percent(&(struct host_cpu){ 5, 10 }, &(struct host_cpu){ 4, 12 }) == 0.0);

	assert_int_equal(host_parse_memory("MemTotal: 100 kB\nMemFree: 1 kB\n", &used, &available), 0);
	assert_true(isnan(used) && isnan(available));
	assert_int_equal(host_parse_memory("MemTotal: 100 kB\nMemAvailable: 200 kB\n", &used, &available), 0);
	assert_true(used == 0.0);
}

static void a_disk_is_full_when_users_find_it_full(void **state)
{
	/* 1000 blocks, 300 free, of which 100 are kept for root: 700 of 900 */
	struct statvfs fs = { .f_blocks = 1000, .f_bfree = 300, .f_bavail = 200 };
	(void)state;

	assert_true(is_near(host_disk_percent(&fs), 700.0 / 9.0));
	fs = (struct statvfs){ .f_blocks = 1000, .f_bfree = 100, .f_bavail = 0 };
	assert_true(host_disk_percent(&fs) == 100.0);
	fs = (struct statvfs){ .f_blocks = 0 }; /* proc has no blocks */
	assert_true(isnan(host_disk_percent(&fs)));
}

static double load_now(void)
{
	FILE *f = fopen("/proc/loadavg", "re");
	double load;

	assert_non_null(f);
	assert_int_equal(fscanf(f, "%lf", &load), 1);
	fclose(f);
	return load;
}

static void this_machine_reads_like_df_and_the_kernel(void **state)
{
	struct driver_rig rig;
	double v[N], before, load, up;
	char line[64];
	FILE *f;
	int64_t now_us = START_US;
	int percent;
	(void)state;

	driver_rig_init(&rig, "host", "{}");
	assert_int_equal(driver_rig_probe(&rig, START_US), 0);
	nanosleep(&(struct timespec){ .tv_nsec = 200000000 }, NULL);
	before = load_now();
	assert_int_equal(driver_rig_read(&rig, &now_us, v), 0);
	assert_true(v[CPU_BUSY] >= 0.0 && v[CPU_BUSY] <= 100.0);
	assert_true(v[MEMORY_USED] > 0.0 && v[MEMORY_USED] < 100.0 && v[MEMORY_AVAILABLE] > 1.0);

	f = popen("df --output=pcent / | tail -1; cat /proc/loadavg /proc/uptime", "re");
	assert_non_null(f);
	assert_int_equal(fscanf(f, " %d%% %lf %*s %*s %*s %*s %lf", &percent, &load, &up), 3);
	while (fgets(line, sizeof(line), f))
		continue;
	pclose(f);
	assert_true(fabs(v[DISK_USED] - percent) <= 1.01); /* df rounds up */
	/* A machine with much to do changes it in a moment. */
	assert_true(fabs(v[LOAD1] - load) <= 1.0 + fabs(load - before));
	assert_true(up >= v[UP] && up - v[UP] < 60.0);
	driver_rig_free(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(values_are_what_proc_5_says, make_root, remove_root),
		cmocka_unit_test_setup_teardown(the_first_reading_waits_for_ticks_and_none_make_a_gap, make_root,
						remove_root),
		cmocka_unit_test_setup_teardown(one_interface_can_be_asked_for, make_root, remove_root),
		cmocka_unit_test(the_sum_never_falls_when_interfaces_come_go_and_restart),
		cmocka_unit_test(more_interfaces_than_fit_are_left_out),
		cmocka_unit_test_setup_teardown(the_processor_is_found_among_the_thermal_zones, make_root, remove_root),
		cmocka_unit_test_setup_teardown(a_text_that_is_not_the_kernels_is_an_error_and_changes_nothing,
						make_root, remove_root),
		cmocka_unit_test(parsers_take_odd_but_lawful_texts),
		cmocka_unit_test(a_disk_is_full_when_users_find_it_full),
		cmocka_unit_test(this_machine_reads_like_df_and_the_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
