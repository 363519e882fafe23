/* SPDX-License-Identifier: Apache-2.0 */
/* fake_sonar.h - an HC-SR04: after a pulse on its trigger line the echo line is high for as long as the sound takes. */
#ifndef RUNNEL_TESTS_FAKE_SONAR_H
#define RUNNEL_TESTS_FAKE_SONAR_H

#include "tests/fake_drive.h"
#include "tests/fake_gpio.h"

struct fake_sonar {
	struct fake_gpio echo;
	struct fake_drive trigger;
	int64_t at_us;	  /* CLOCK_MONOTONIC; a second later after each pulse */
	int64_t width_us; /* of the echo; 0: it stays silent; -1: it does not end */
	unsigned n_noise; /* further short pulses */
	unsigned n_pulses;
};

/** In the place of the lines of @rig, whose driver is hc-sr04. Before the probe. */
void fake_sonar_attach(struct fake_sonar *f, struct driver_rig *rig);

#endif
