/* SPDX-License-Identifier: Apache-2.0 */
/* The sensor of fake_sonar.h. */
#include "tests/fake_sonar.h"

enum { BURST_US = 450 };

/* It sends when the pulse ends. */
static void on_trigger(struct fake_drive *trigger)
{
	struct fake_sonar *f = trigger->ctx;

	if (trigger->is_on)
		return;
	f->n_pulses++;
	if (f->width_us != 0)
		fake_gpio_set(&f->echo, f->at_us + BURST_US, true);
	if (f->width_us > 0)
		fake_gpio_set(&f->echo, f->at_us + BURST_US + f->width_us, false);
	for (unsigned i = 1; i <= f->n_noise; i++)
		fake_gpio_pulses(&f->echo, f->at_us + 50000 + i * 100, 1, 100, 10);
	f->at_us += 1000000;
}

/* The echo, then the trigger stand first in the state. */
void fake_sonar_attach(struct fake_sonar *f, struct driver_rig *rig)
{
	fake_gpio_attach_state(&f->echo, rig->state);
	fake_drive_attach(&f->trigger, (struct gpio_drive *)((struct gpio *)rig->state + 1));
	f->trigger.changed = on_trigger;
	f->trigger.ctx = f;
}
