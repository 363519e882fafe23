/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensirion.h - what Sensirion's sensors with 16-bit commands have in common: a command may carry words, each with its CRC, and
 * temperature and humidity come as fractions of a fixed range. Answers are read by i2c_read_words_crc().
 */
#ifndef RUNNEL_DRIVERS_SENSIRION_H
#define RUNNEL_DRIVERS_SENSIRION_H

#include <stddef.h>
#include <stdint.h>

#include "drivers/i2c.h"

enum { SENSIRION_MAX_ARGS = 2 };

/** Write @command and @n_args words. Does not wait for what it does. */
NODISCARD int sensirion_send(struct i2c *i2c, uint16_t command, const uint16_t *args, size_t n_args);

/** -45 to 130 degC over all words. */
double sensirion_celsius(uint16_t word);

/** 0 to 100 % over all words. */
double sensirion_percent(uint16_t word);

/** The words of these functions, for compensation inputs: the nearest, clipped. */
uint16_t sensirion_celsius_word(double celsius);
uint16_t sensirion_percent_word(double percent);

#endif
