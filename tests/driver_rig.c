/* SPDX-License-Identifier: Apache-2.0 */
/* The bench of driver_rig.h. */
#include "tests/driver_rig.h"

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
#include <unistd.h>

#include "agent/yaml.h"
#include "base/fileio.h"

enum { MAX_READINGS = 3, MAX_AGAIN = 500, ASK_AGAIN_US = 2000 };

static int apply(struct driver_rig *rig, const char *name, const char *yaml, struct diag *d)
{
	const struct node *root = NULL;

	*rig = (struct driver_rig){ .driver = sensor_driver_find(name) };
	assert_non_null(rig->driver);
	rig->state = arena_alloc(&rig->arena, rig->driver->state_size);
	assert_int_equal(yaml_parse(yaml, strlen(yaml), &rig->arena, d, &root), 0);
	return opt_apply(&rig->driver->options, root, rig->state, &rig->arena, d, (struct place){ 1, 1 }, name, NULL);
}

int driver_rig_option_errors(const char *name, const char *yaml, char text[200])
{
	struct diag d = { .file = "test" };
	struct driver_rig rig;
	int n = apply(&rig, name, yaml, &d);

	snprintf(text, 200, "%s", d.first ? d.first->text : "");
	diag_free(&d);
	arena_free(&rig.arena);
	return n;
}

void driver_rig_init(struct driver_rig *rig, const char *name, const char *yaml)
{
	struct diag d = { .file = "test" };

	if (apply(rig, name, yaml, &d) > 0)
		fail_msg("%s %s: %s", name, yaml, d.first->text);
	diag_free(&d);
	rig->channels = rig->driver->channels;
	rig->n_channels = (int)rig->driver->n_channels;
	if (rig->driver->describe)
		rig->n_channels = rig->driver->describe(rig->state, &rig->arena, &rig->channels, &rig->err);
}

void driver_rig_free(struct driver_rig *rig)
{
	if (rig->driver->close)
		rig->driver->close(rig->state);
	arena_free(&rig->arena);
}

int driver_rig_probe(struct driver_rig *rig, int64_t now_us)
{
	rig->err.text[0] = '\0';
	return rig->driver->probe(rig->state, now_us, &rig->err);
}

int driver_rig_read(struct driver_rig *rig, int64_t *now_us, double out[])
{
	int64_t wait_us = rig->driver->trigger(rig->state, *now_us);

	if (wait_us < 0)
		return (int)wait_us;
	*now_us += wait_us;
	return rig->driver->collect(rig->state, *now_us, out);
}

static bool has_values(const double values[], int n)
{
	for (int i = 0; i < n; i++)
		if (!isnan(values[i]))
			return true;
	return false;
}

int driver_rig_read_patiently(struct driver_rig *rig, int64_t *now_us, double out[])
{
	double values[SENSOR_MAX_CHANNELS];
	int r = 0;

	for (int reading = 0; reading < MAX_READINGS; reading++) {
		memcpy(values, out, (size_t)rig->n_channels * sizeof(out[0]));
		r = driver_rig_read(rig, now_us, values);
		for (int i = 0; r == -EAGAIN && i < MAX_AGAIN; i++) {
			*now_us += ASK_AGAIN_US;
			r = rig->driver->collect(rig->state, *now_us, values);
		}
		if (r != 0 || has_values(values, rig->n_channels))
			break;
	}
	memcpy(out, values, (size_t)rig->n_channels * sizeof(out[0])); /* also what a failure should not have written */
	return r;
}

const char *driver_rig_file(int slot, const char *text)
{
	static char paths[4][64];
	FILE *f;

	snprintf(paths[slot], sizeof(paths[slot]), "/tmp/runnel-driver-%d-%d.csv", (int)getpid(), slot);
	f = fopen(paths[slot], "we");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
	return paths[slot];
}

static __attribute__((destructor)) void remove_files(void)
{
	for (int slot = 0; slot < 4; slot++) {
		char path[64];

		snprintf(path, sizeof(path), "/tmp/runnel-driver-%d-%d.csv", (int)getpid(), slot);
		unlink(path);
	}
}

static struct {
	int n_calls, fail_at, error;
} calls;

static int count_call(void *arg)
{
	(void)arg;
	return calls.n_calls++ == calls.fail_at ? calls.error : 0;
}

void fail_call(int n, int error)
{
	calls.n_calls = 0;
	calls.fail_at = n;
	calls.error = error;
	fileio_set_hook(count_call, NULL);
}

int fail_no_call(void)
{
	fileio_set_hook(NULL, NULL);
	return calls.n_calls;
}
