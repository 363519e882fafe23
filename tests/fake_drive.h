/* SPDX-License-Identifier: Apache-2.0 */
/* fake_drive.h - an output line of a GPIO chip that remembers what it was set to. */
#ifndef RUNNEL_TESTS_FAKE_DRIVE_H
#define RUNNEL_TESTS_FAKE_DRIVE_H

#include "drivers/gpio_drive.h"

/** All-zero is a line that nobody has. */
struct fake_drive {
	bool is_open, is_on;
	int open_error, set_error; /* until set back */
	unsigned n_opens, n_sets, n_closes;
	bool first_level; /* of the last open */

	void (*changed)(struct fake_drive *f); /* NULL: nothing hangs on it */
	void *ctx;
};

/** Before it is opened. gpio-output has it as the first member of its state. */
void fake_drive_attach(struct fake_drive *f, struct gpio_drive *drive);

#endif
