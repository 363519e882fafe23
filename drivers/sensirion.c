/* SPDX-License-Identifier: Apache-2.0 */
/* The formulas are those of SHT3x-DIS (v5, s.4.13), SCD4x (v1.7, s.3.6) and SGP40 (v1.1, table 10), which agree. */
#include "drivers/sensirion.h"

#include <assert.h>
#include <math.h>

int sensirion_send(struct i2c *i2c, uint16_t command, const uint16_t *args, size_t n_args)
{
	uint8_t out[2 + 3 * SENSIRION_MAX_ARGS] = { (uint8_t)(command >> 8), (uint8_t)command };

	assert(n_args <= SENSIRION_MAX_ARGS);
	for (size_t i = 0; i < n_args; i++) {
		uint8_t *word = &out[2 + 3 * i];

		word[0] = (uint8_t)(args[i] >> 8);
		word[1] = (uint8_t)args[i];
		word[2] = i2c_crc8_31(0xFF, word, 2);
	}
	return i2c_write(i2c, out, 2 + 3 * n_args);
}

double sensirion_celsius(uint16_t word)
{
	return -45.0 + 175.0 * word / 65535.0;
}

double sensirion_percent(uint16_t word)
{
	return 100.0 * word / 65535.0;
}

static uint16_t word_of(double fraction)
{
	if (!(fraction > 0.0))
		return 0;
	return fraction < 1.0 ? (uint16_t)lround(fraction * 65535.0) : 0xFFFF;
}

uint16_t sensirion_celsius_word(double celsius)
{
	return word_of((celsius + 45.0) / 175.0);
}

uint16_t sensirion_percent_word(double percent)
{
	return word_of(percent / 100.0);
}
