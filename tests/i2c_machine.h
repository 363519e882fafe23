/* SPDX-License-Identifier: Apache-2.0 */
/* i2c_machine.h - a directory with the /dev and /sys of a machine that has two I2C buses, and a clock and a mux the kernel drives. */
#ifndef RUNNEL_TESTS_I2C_MACHINE_H
#define RUNNEL_TESTS_I2C_MACHINE_H

/** As setup and teardown of a group of tests. */
int i2c_machine_make(void **state);
int i2c_machine_remove(void **state);

/** The directory: what stands before /dev and /sys. "/empty" in it is a machine without buses. */
char *i2c_machine_root(void);

#endif
