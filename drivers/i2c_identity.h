/* SPDX-License-Identifier: Apache-2.0 */
/*
 * i2c_identity.h - how a chip on an I2C bus is told from others by whoever does not know what is there (`runnel scan`): where it may
 * be, what to ask it, and what must not be said at its address as long as it may be there. Data of each driver, beside its registers.
 *
 * Asking is a read: of a register, whose number is written first, or of the answer to a command. To some chips that number is a
 * command, a level of its pins (PCF8574) or a switch (a mux), so each says which first bytes it cannot bear, and none of these is sent
 * to an address until it is known that it is not there. A chip of 16-bit commands gets two bytes; to a chip of 8-bit registers that would
 * be a write, so they are only used where no such chip of the table can be.
 */
#ifndef RUNNEL_DRIVERS_I2C_IDENTITY_H
#define RUNNEL_DRIVERS_I2C_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { I2C_ANSWER_BYTES = 9, I2C_ASK_MAX = 3, I2C_RANGES_MAX = 2, I2C_HARM_MAX = 4 };

/** All-zero: there is no such question. */
struct i2c_question {
	uint8_t write[2];
	uint8_t n_write; /* 0: only read; 1: a register, or a short command; 2: a command */
	uint8_t n_read;	 /* 1 to I2C_ANSWER_BYTES */
	int32_t wait_us; /* between both, as two transfers; 0: one, with a repeated start */

	/** The answer, most significant byte first (at most four), under @mask must be @value; or it must fit. */
	uint32_t mask, value;
	bool (*fits)(uint8_t address, const uint8_t *answer);
};

/** A register of @n bytes. */
#define I2C_ASK(reg, n, mask_, value_)                                                            \
	{                                                                                         \
		.write = { reg }, .n_write = 1, .n_read = (n), .mask = (mask_), .value = (value_) \
	}

struct i2c_identity {
	/** Addresses it may have; a range that begins with 0 ends the list. */
	struct {
		uint8_t first, last;
	} at[I2C_RANGES_MAX];

	/** First bytes that disturb it when they were meant for another chip; what it is asked itself does not count. */
	struct {
		uint8_t first, last;
	} harm[I2C_HARM_MAX];
	uint8_t n_harm;

	/** All answers fit: then nothing else is there. If not certain: then it may be there. No questions: it may always be there. */
	bool is_certain;
	struct i2c_question ask[I2C_ASK_MAX];

	const char *every; /* for a config that is made for it: how often it has a value; NULL: as often as usual */
};

bool i2c_identity_covers(const struct i2c_identity *id, uint8_t address);
bool i2c_identity_is_harmed(const struct i2c_identity *id, uint8_t first_byte);

/** Question @i, NULL: no more. */
const struct i2c_question *i2c_identity_ask(const struct i2c_identity *id, size_t i);

bool i2c_question_fits(const struct i2c_question *q, uint8_t address, const uint8_t *answer);

/** Words with Sensirion's CRC after each: one, two or three of them, for `fits`. */
bool i2c_fits_word_crc(uint8_t address, const uint8_t *answer);
bool i2c_fits_2_words_crc(uint8_t address, const uint8_t *answer);
bool i2c_fits_3_words_crc(uint8_t address, const uint8_t *answer);

#endif
