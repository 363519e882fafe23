/* SPDX-License-Identifier: Apache-2.0 */
/*
 * i2c_bus.h - which bus people mean, what buses there are and which chips the kernel keeps for itself, from /sys and /dev.
 * @root: what stands before /dev and /sys; "" outside of tests.
 */
#ifndef RUNNEL_DRIVERS_I2C_BUS_H
#define RUNNEL_DRIVERS_I2C_BUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "drivers/sensor.h"

enum { I2C_MAX_BUSES = 64, I2C_NAME_BYTES = 64, I2C_PATH_BYTES = 512 };

struct i2c_bus {
	int number;		   /* of /dev/i2c-N */
	char name[I2C_NAME_BYTES]; /* of the adapter, "" unknown */
};

/** A channel of a TCA9548A and the like; address 0: none. */
struct i2c_mux {
	uint8_t address, channel;
};

/** Those there are, ascending, at most I2C_MAX_BUSES. @return how many */
size_t i2c_bus_list(const char *root, struct i2c_bus out[I2C_MAX_BUSES]);

/**
 * "i2c-1", "1", "/dev/i2c-1" or another path that leads there, or the name of an adapter; with "/0x70.3" behind it, a channel of a mux.
 * @return  number of the bus, -EINVAL: the mux is written wrongly, or -ENOENT: no such bus; with @err filled
 */
NODISCARD int i2c_bus_find(const char *root, const char *text, struct i2c_mux *mux, struct sensor_error *err);

/** The driver of the kernel that owns an address. @return is there one? */
bool i2c_bus_owner(const char *root, int number, unsigned address, char name[I2C_NAME_BYTES]);

#endif
