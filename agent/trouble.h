/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trouble.h - what can be wrong with a sensor, in the user's terms: kinds that are counted, and words for the errno of a driver.
 *
 * An absent chip is -EREMOTEIO, -ENXIO or -ENODEV, and on some adapters -ETIMEDOUT, so the words say what to look at and do not claim
 * to know more than the adapter told.
 */
#ifndef RUNNEL_AGENT_TROUBLE_H
#define RUNNEL_AGENT_TROUBLE_H

#include <stddef.h>

#include "agent/conf.h"

enum trouble {
	TROUBLE_ABSENT,	  /* nobody acknowledges, no such device, or another one */
	TROUBLE_CHECKSUM, /* it came, but damaged */
	TROUBLE_BUS,	  /* arbitration lost, a line held, an error of the adapter */
	TROUBLE_TIMEOUT,  /* no result in time */
	TROUBLE_FROZEN,	  /* the same values for longer than can be */
	TROUBLE_RANGE,	  /* a value that cannot be: counted by value, the others of the reading are good */
	TROUBLE_STEP,	  /* a change that cannot be, likewise */
	TROUBLE_DENIED,	  /* no permission */
	TROUBLE_IN_USE,	  /* another program or a driver of the kernel has it */
	TROUBLE_OTHER,
	N_TROUBLES,
};

enum { TROUBLE_PLACE_BYTES = 128 };

/** "absent", "checksum", ...: for programs. */
const char *trouble_name(enum trouble t);

/** @error: negative errno */
enum trouble trouble_of(int error);

/** Where it is: "i2c-1 0x76", "gpiochip0 line 17", "" when the options do not say. Returns @buf. */
const char *trouble_place(const struct conf_sensor *s, char *buf, size_t buf_bytes);

/** What negative errno @error of a step of sensor @s means. Returns @buf. */
const char *trouble_text(const struct conf_sensor *s, int error, char *buf, size_t buf_bytes);

#endif
