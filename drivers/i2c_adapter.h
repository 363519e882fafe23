/* SPDX-License-Identifier: Apache-2.0 */
/*
 * i2c_adapter.h - what an I2C bus is for, from /sys: whether it is wise to talk to unknown addresses on it, and which bus it is a
 * channel of. @root: what stands before /sys; "" outside of tests.
 */
#ifndef RUNNEL_DRIVERS_I2C_ADAPTER_H
#define RUNNEL_DRIVERS_I2C_ADAPTER_H

#include "drivers/i2c_bus.h"

enum i2c_adapter_kind {
	I2C_ADAPTER_PLAIN,
	I2C_ADAPTER_DISPLAY, /* DDC: a monitor, a graphics card and what steers its power */
	I2C_ADAPTER_SMBUS,   /* of a PC's board: memory, clocks, sensors of the firmware */
};

enum { I2C_NO_PARENT = -1 };

struct i2c_adapter {
	enum i2c_adapter_kind kind;
	int parent; /* number of the bus of which this is a channel, made by the kernel's mux driver; or I2C_NO_PARENT */
};

/** What cannot be found out is a plain bus. */
struct i2c_adapter i2c_adapter_of(const char *root, const struct i2c_bus *bus);

#endif
