/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The chips of FAKE_CHIPS as files for a guest: chip_images DIR. For each, DIR/NAME.regs is its registers as i2c-sim keeps them (512
 * bytes) and DIR/NAME.sh what a shell sources: address, wide, mask, answers (i2c-sim's lines), values (for i2c-stub, as
 * "REGISTER VALUE b|w" with words as SMBus has them) and options (of our driver, beyond bus and address).
 * So the same chip, with the same published values, is what the unit tests and a kernel see. A chip that does things by itself
 * is an image at rest: what it would do is not in it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fake_i2c.h"

enum { IMAGE_BYTES = 512, PATH_BYTES = 300 };

static FILE *create(const char *dir, const char *name, const char *end)
{
	char path[PATH_BYTES];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s.%s", dir, name, end);
	f = fopen(path, "we");
	if (!f) {
		perror(path);
		exit(74);
	}
	return f;
}

static void write_registers(const struct fake_i2c *chip, const char *dir, const char *name)
{
	uint8_t image[IMAGE_BYTES] = { 0 };
	FILE *f = create(dir, name, "regs");

	if (chip->kind == FAKE_BYTES)
		memcpy(image, chip->reg, sizeof(chip->reg));
	for (size_t i = 0; chip->kind != FAKE_BYTES && i < ARRAY_LEN(chip->reg16); i++) {
		bool is_be = chip->kind == FAKE_WORDS_BE;

		image[2 * i] = (uint8_t)(chip->reg16[i] >> (is_be ? 8 : 0));
		image[2 * i + 1] = (uint8_t)(chip->reg16[i] >> (is_be ? 0 : 8));
	}
	fwrite(image, 1, sizeof(image), f);
	fclose(f);
}

static void write_stub(const struct fake_i2c *chip, FILE *f)
{
	fprintf(f, "values='");
	for (unsigned i = 0; i < 256; i++) {
		uint16_t word = chip->reg16[i];

		if (chip->kind == FAKE_BYTES && chip->reg[i])
			fprintf(f, "0x%02x 0x%02x b\n", i, chip->reg[i]);
		if (chip->kind == FAKE_WORDS_BE)
			word = (uint16_t)(word << 8 | word >> 8);
		if ((chip->kind == FAKE_WORDS_BE || chip->kind == FAKE_WORDS_LE) && word)
			fprintf(f, "0x%02x 0x%04x w\n", i, word);
	}
	fprintf(f, "'\n");
}

static void write_hex(FILE *f, const char *text)
{
	for (; text && *text; text++)
		if (*text != ' ')
			fputc(*text, f);
}

static void write_answers(const struct fake_i2c *chip, FILE *f)
{
	fprintf(f, "answers='");
	for (size_t i = 0; i < chip->n_exchanges; i++) {
		const struct fake_exchange *x = &chip->exchanges[i];

		if (!x->in || !x->in[0])
			continue;
		write_hex(f, x->out);
		fputc('=', f);
		write_hex(f, x->in);
		fputc('\n', f);
	}
	fprintf(f, "'\n");
}

static void write_chip(const char *dir, const char *name)
{
	const struct fake_chip *chip = fake_chip_find(name);
	struct fake_i2c fake = { .address = 0 };
	struct driver_rig rig;
	FILE *f;

	fake_chip_init(&rig, &fake, name, "");
	write_registers(&fake, dir, name);
	f = create(dir, name, "sh");
	fprintf(f, "address=%02x\nwide=%d\nmask=%d\noptions='%s'\nalive=%d\n",
		fake.address ? fake.address : (unsigned)fake_i2c_of(&rig)->address,
		fake.kind == FAKE_WORDS_BE || fake.kind == FAKE_WORDS_LE, fake.reg_mask ? fake.reg_mask : 0xFF,
		chip->yaml ? chip->yaml : "", fake.respond || fake.written || fake.was_read);
	write_stub(&fake, f);
	write_answers(&fake, f);
	fclose(f);
	driver_rig_free(&rig);
}

#define ROW(name) #name,
static const char *const names[] = { FAKE_CHIPS(ROW) };

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: chip_images DIR\n");
		return 64;
	}
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char *name = strdup(names[i]), *underscore = strchr(name, '_');

		if (underscore)
			*underscore = '-';
		write_chip(argv[1], name);
		free(name);
	}
	return 0;
}
