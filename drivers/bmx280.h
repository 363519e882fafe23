/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bmx280.h - what BMP280 and BME280 have in common: registers, factory trim and the formulas of temperature and pressure.
 * Datasheets: Bosch BST-BMP280-DS001-26 (rev 1.26) and BST-BME280-DS002 (rev 1.6); sections cited are of the latter.
 */
#ifndef RUNNEL_DRIVERS_BMX280_H
#define RUNNEL_DRIVERS_BMX280_H

#include <stdint.h>

#include "drivers/i2c.h"

enum {
	BMX280_REG_TRIM = 0x88,
	BMX280_REG_ID = 0xD0,
	BMX280_REG_CTRL_HUM = 0xF2, /* BME280 only */
	BMX280_REG_STATUS = 0xF3,
	BMX280_REG_CTRL_MEAS = 0xF4,
	BMX280_REG_CONFIG = 0xF5,
	BMX280_REG_DATA = 0xF7,
	BMX280_TRIM_BYTES = 24,

	BMX280_STATUS_MEASURING = 1 << 3,
	BMX280_STATUS_COPYING_TRIM = 1 << 0,
	BMX280_MODE_MASK = 3,
	BMX280_MODE_FORCED = 1,
	BMX280_NO_CONVERSION = 0x80000, /* of pressure and temperature: skipped, or never done since power-on */
};

struct bmx280_trim { /* s.4.2.2 */
	uint16_t t1;
	int16_t t2, t3;
	uint16_t p1;
	int16_t p2, p3, p4, p5, p6, p7, p8, p9;
};

/** Choices of an option: off x1 x2 x4 x8 x16, index is the code of the register; and off 2 4 8 16 for the filter. */
extern const char *const bmx280_oversampling[], *const bmx280_filter[];

/** "temperature_oversampling" has no choice "off": everything else is computed with it. Its index is one less than the code. */
extern const char *const bmx280_oversampling_on[];

/** Samples of a code: 0 1 2 4 8 16. */
int bmx280_samples(int code);

/** 20 bits, left-justified in three bytes. */
uint32_t bmx280_adc(const uint8_t raw[3]);

void bmx280_unpack_trim(struct bmx280_trim *trim, const uint8_t raw[BMX280_TRIM_BYTES]);

/** Temperature in 1/5120 degC, which the other formulas take. */
double bmx280_t_fine(const struct bmx280_trim *trim, uint32_t adc);

/** NaN when the trim makes no sense. */
double bmx280_pressure_hpa(const struct bmx280_trim *trim, uint32_t adc, double t_fine);

/** Open the bus, check the id, refuse a chip that is still copying its trim values, read and unpack them. */
NODISCARD int bmx280_begin(struct i2c *i2c, uint8_t chip_id, struct bmx280_trim *trim, struct sensor_error *err);

#endif
