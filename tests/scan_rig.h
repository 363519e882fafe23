/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan_rig.h - a machine with I2C buses full of fake chips, below the directory of fake_sysfs.h. Every call of an address is counted by
 * what it was.
 */
#ifndef RUNNEL_TESTS_SCAN_RIG_H
#define RUNNEL_TESTS_SCAN_RIG_H

#include "agent/scan.h"
#include "tests/fake_i2c.h"

enum { SCAN_RIG_BUSES = 8 };

struct scan_rig_bus {
	int number, parent;	     /* of a channel: its chips and those of @parent answer */
	struct fake_i2c *chips[128]; /* by address */
	int error;		     /* of every transfer; 0: none */
	bool is_stuck;		     /* everything is acknowledged */
	bool has_no_quick;
	int open_error;
	int n_quick[128], n_read[128], n_other[128], n_calls; /* after it was opened */
	bool silent_reads[128]; /* a chip that does not acknowledge a read with nothing asked */
	int vanish_after;	/* calls until nothing answers any more; 0: never */
};

struct scan_rig {
	struct scan_world world;
	struct scan_rig_bus buses[SCAN_RIG_BUSES];
	size_t n_buses;
	struct fake_i2c chips[32];
	size_t n_chips;
	int64_t slept_us;
};

void scan_rig_init(struct scan_rig *rig);
void scan_rig_remove(struct scan_rig *rig);

/** Bus i2c-@number, with the name of its adapter. */
struct scan_rig_bus *scan_rig_add_bus(struct scan_rig *rig, int number, const char *adapter);

/** A fake chip of FAKE_CHIPS, just powered on. */
struct fake_i2c *scan_rig_add_chip(struct scan_rig *rig, struct scan_rig_bus *bus, uint8_t address, const char *driver);

/** What was found at an address of a bus, NULL: nothing. */
const struct scan_chip *scan_rig_find(const struct scan *s, const char *bus, uint8_t address);

#endif
