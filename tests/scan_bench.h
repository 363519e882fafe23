/* SPDX-License-Identifier: Apache-2.0 */
/* scan_bench.h - one fake chip, asked who it is. */
#ifndef RUNNEL_TESTS_SCAN_BENCH_H
#define RUNNEL_TESTS_SCAN_BENCH_H

#include "agent/scan.h"
#include "tests/fake_i2c.h"

struct scan_bench {
	struct driver_rig rig;
	struct fake_i2c chip;
};

/** The fake chip of @driver, just powered on, at @address; 0: at any. driver_rig_free() of its rig. */
void scan_bench_put(struct scan_bench *b, const char *driver, uint8_t address);

/** @is_reader: as scan_identify()'s */
struct scan_chip scan_bench_identify_as(struct scan_bench *b, uint8_t address, bool is_reader);
struct scan_chip scan_bench_identify(struct scan_bench *b, uint8_t address);

/** Is it one of the drivers found? */
bool scan_bench_has(const struct scan_chip *found, const struct sensor_driver *d);

extern const struct scan_world scan_bench_world;

#endif
