/* SPDX-License-Identifier: Apache-2.0 */
/* bme680.h - trim values and formulas of the BME680 and BME688, apart from the driver because there are so many. */
#ifndef RUNNEL_DRIVERS_BME680_H
#define RUNNEL_DRIVERS_BME680_H

#include <stdint.h>

#include "drivers/i2c.h"

struct bme680_trim { /* s.3.11.1 to 3.11.4 */
	uint16_t t1;
	int16_t t2;
	int8_t t3;
	uint16_t p1;
	int16_t p2, p4, p5, p8, p9;
	int8_t p3, p6, p7;
	uint8_t p10, h6;
	uint16_t h1, h2;
	int8_t h3, h4, h5, h7, gh1, gh3;
	int16_t gh2;
	uint8_t heater_range;
	int8_t heater_value, range_error;
};

/** From the registers 0x00 to 0x04, 0x8A to 0xA0 and 0xE1 to 0xEE. */
void bme680_unpack_trim(struct bme680_trim *t, const uint8_t heater[5], const uint8_t first[23],
			const uint8_t second[14]);

/** Temperature in 1/5120 degC. */
double bme680_t_fine(const struct bme680_trim *t, uint32_t adc);

/** NaN when the trim makes no sense. */
double bme680_pressure_hpa(const struct bme680_trim *t, uint32_t adc, double t_fine);

/** 0 to 100. */
double bme680_humidity_percent(const struct bme680_trim *t, uint16_t adc, double celsius);

/** @adc 0 to 1023, @range 0 to 15. NaN when the trim makes no sense. */
double bme680_gas_kohm(const struct bme680_trim *t, unsigned adc, unsigned range);
double bme688_gas_kohm(unsigned adc, unsigned range);

/** What to write for a plate of @celsius in air of @air_celsius. */
uint8_t bme680_heater_code(const struct bme680_trim *t, double celsius, double air_celsius);

#endif
