/* SPDX-License-Identifier: Apache-2.0 */
/*
 * output.h - what drives something: on or off, nothing else. The agent owns the rules (minimum times, safe state, missing inputs) in
 * agent/act.h, once for all drivers; a driver never sleeps, logs, retries or reads a clock.
 *
 * Nothing is ever driven by reading, checking, replaying or scanning: only an agent that runs opens outputs.
 */
#ifndef RUNNEL_DRIVERS_OUTPUT_H
#define RUNNEL_DRIVERS_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/check.h"
#include "base/opt.h"
#include "drivers/sensor.h"

struct output_driver {
	const char *name;	  /* "gpio-output" */
	const char *help;	  /* one line */
	struct opt_table options; /* set in the state by opt_apply(); offsets are of the state */
	size_t state_size;	  /* all-zero before the options are applied */

	/** Take the output, driven as @is_on from the first moment; called again after faults. @return 0 or negative errno with @err filled */
	int (*open)(void *state, bool is_on, struct sensor_error *err);

	/** @return 0 or negative errno: it is open no more, whatever it does now */
	int (*set)(void *state, bool is_on);

	/** Let it go. Safe after a failed open and when called twice. What it does then is up to the kernel and the hardware. */
	void (*close)(void *state);
};

/*
 * THE table of outputs, sorted by name. To add one: a file drivers/NAME.c that defines
 * `const struct output_driver NAME_driver`, one line here, one test.
 */
#define OUTPUT_DRIVERS(X) X(gpio_output)

/** By name, or NULL. */
const struct output_driver *output_driver_find(const char *name);

/** Row @i of the table, NULL past the end. */
const struct output_driver *output_driver_at(size_t i);

#endif
