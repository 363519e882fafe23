/* SPDX-License-Identifier: Apache-2.0 */
/*
 * driver_rig.h - one driver on a bench: options as YAML, as a user writes them; time is what the test says; files
 * are made for the test; and the n-th system call can be made to fail.
 */
#ifndef RUNNEL_TESTS_DRIVER_RIG_H
#define RUNNEL_TESTS_DRIVER_RIG_H

#include "base/arena.h"
#include "drivers/sensor.h"

struct driver_rig {
	struct arena arena;
	const struct sensor_driver *driver;
	void *state;
	const struct channel *channels;
	int n_channels; /* or what describe() answered when it failed */
	struct sensor_error err;
};

/** The state with its options, described. Fails the test when opt_apply() finds an error; describe() may refuse. */
void driver_rig_init(struct driver_rig *rig, const char *name, const char *yaml);
void driver_rig_free(struct driver_rig *rig);

int driver_rig_probe(struct driver_rig *rig, int64_t now_us);

/** Number of errors opt_apply() finds; with the first in @text. */
int driver_rig_option_errors(const char *name, const char *yaml, char text[200]);

/** Trigger, wait as long as it says, collect. @now_us: goes on by the wait. @return of the step that said other than 0 */
int driver_rig_read(struct driver_rig *rig, int64_t *now_us, double out[]);

/**
 * As the agent does: while it is -EAGAIN, ask again, for up to a second; and when a chip that is still being set up has no values at
 * all, take the next reading, up to the third.
 */
int driver_rig_read_patiently(struct driver_rig *rig, int64_t *now_us, double out[]);

/** A file with @text in a directory of its own; its path stays valid until the next call of the same @slot (0 to 3). */
const char *driver_rig_file(int slot, const char *text);

/** Make the @n-th call of fileio.h from now on fail with @error once, 0 being the next. */
void fail_call(int n, int error);

/** No more failures. @return how many calls there were since fail_call() */
int fail_no_call(void);

#endif
