/* SPDX-License-Identifier: Apache-2.0 */
#include "drivers/i2c_identity.h"

#include "drivers/i2c.h"

bool i2c_identity_covers(const struct i2c_identity *id, uint8_t address)
{
	for (size_t i = 0; i < I2C_RANGES_MAX && id->at[i].first; i++)
		if (address >= id->at[i].first && address <= id->at[i].last)
			return true;
	return false;
}

bool i2c_identity_is_harmed(const struct i2c_identity *id, uint8_t first_byte)
{
	for (size_t i = 0; i < id->n_harm; i++)
		if (first_byte >= id->harm[i].first && first_byte <= id->harm[i].last)
			return true;
	return false;
}

const struct i2c_question *i2c_identity_ask(const struct i2c_identity *id, size_t i)
{
	return i < I2C_ASK_MAX && id->ask[i].n_read ? &id->ask[i] : NULL;
}

bool i2c_question_fits(const struct i2c_question *q, uint8_t address, const uint8_t *answer)
{
	uint32_t value = 0;

	if (q->fits)
		return q->fits(address, answer);
	for (size_t i = 0; i < q->n_read; i++)
		value = value << 8 | answer[i];
	return (value & q->mask) == q->value;
}

static bool has_crcs(const uint8_t *answer, size_t n_words)
{
	for (size_t i = 0; i < n_words; i++)
		if (i2c_crc8_31(0xFF, &answer[3 * i], 2) != answer[3 * i + 2])
			return false;
	return true;
}

bool i2c_fits_word_crc(uint8_t address, const uint8_t *answer)
{
	(void)address;
	return has_crcs(answer, 1);
}

bool i2c_fits_2_words_crc(uint8_t address, const uint8_t *answer)
{
	(void)address;
	return has_crcs(answer, 2);
}

bool i2c_fits_3_words_crc(uint8_t address, const uint8_t *answer)
{
	(void)address;
	return has_crcs(answer, 3);
}
