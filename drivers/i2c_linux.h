/* SPDX-License-Identifier: Apache-2.0 */
/* i2c_linux.h - the kernel's I2C buses as operations of i2c.h. `backend` is where /dev and /sys are, as text; NULL: at the root. */
#ifndef RUNNEL_DRIVERS_I2C_LINUX_H
#define RUNNEL_DRIVERS_I2C_LINUX_H

#include "drivers/i2c.h"

extern const struct i2c_ops i2c_linux_ops;

#endif
