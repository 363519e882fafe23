/* SPDX-License-Identifier: Apache-2.0 */
/* The chips of fake_i2c.h. */
#include "tests/fake_i2c.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DECLARE(name) extern const struct fake_chip name##_chip;
FAKE_CHIPS(DECLARE)

#define ROW(name) &name##_chip,
static const struct fake_chip *const chips[] = { FAKE_CHIPS(ROW) };

const struct fake_chip *fake_chip_find(const char *driver)
{
	for (size_t i = 0; i < ARRAY_LEN(chips); i++)
		if (strcmp(chips[i]->driver, driver) == 0)
			return chips[i];
	return NULL;
}

/** @return number of bytes, at most @max */
static size_t from_hex(const char *hex, uint8_t *out, size_t max)
{
	size_t n = 0;

	for (const char *p = hex; p && *p; p += *p == ' ') {
		char *end;

		assert_true(n < max);
		out[n++] = (uint8_t)strtoul(p, &end, 16);
		if (end != p + 2)
			fail_msg("not bytes in hexadecimal: %s", hex);
		p = end;
	}
	return n;
}

void fake_i2c_set(struct fake_i2c *f, uint8_t reg, const char *hex)
{
	from_hex(hex, &f->reg[reg], sizeof(f->reg) - reg);
}

void fake_i2c_set16(struct fake_i2c *f, uint8_t reg, uint16_t value)
{
	f->reg16[reg] = value;
}

/* --- what the chip does --- */

static void take_registers(struct fake_i2c *f, const uint8_t *data, size_t n)
{
	if (f->kind == FAKE_BYTES && f->takes_pairs) {
		f->reg[f->at] = data[0];
		for (size_t i = 1; i + 1 < n; i += 2)
			f->reg[data[i]] = data[i + 1];
	} else if (f->kind == FAKE_BYTES) {
		for (size_t i = 0; i < n; i++)
			f->reg[(f->at + i) % sizeof(f->reg)] = data[i];
	} else if (n >= 2) {
		f->reg16[f->at] =
			(uint16_t)(f->kind == FAKE_WORDS_BE ? data[0] << 8 | data[1] : data[1] << 8 | data[0]);
	}
	if (f->written)
		f->written(f, f->at);
}

static void give_registers(struct fake_i2c *f, uint8_t *in, size_t n_in)
{
	for (size_t i = 0; i < n_in; i++) {
		unsigned shift = (f->kind == FAKE_WORDS_BE) == (i == 0) ? 8 : 0;

		if (f->kind == FAKE_BYTES)
			in[i] = f->reg[f->at++];
		else
			in[i] = i < 2 ? (uint8_t)(f->reg16[f->at] >> shift) : 0xFF;
	}
}

static int registers(struct fake_i2c *f, const uint8_t *out, size_t n_out, uint8_t *in, size_t n_in)
{
	uint8_t reg;

	if (n_out > 0) {
		f->at = (uint8_t)(out[0] & (f->reg_mask ? f->reg_mask : 0xFF));
		if (n_out > 1)
			take_registers(f, out + 1, n_out - 1);
	}
	reg = f->at;
	give_registers(f, in, n_in);
	if (n_in > 0 && f->was_read)
		f->was_read(f, reg, n_in);
	return 0;
}

static const struct fake_exchange *find_command(const struct fake_i2c *f, const uint8_t *out, size_t n_out)
{
	for (size_t i = 0; i < f->n_exchanges; i++) {
		uint8_t expected[I2C_MAX_BYTES];
		size_t n = from_hex(f->exchanges[i].out, expected, sizeof(expected));

		if (n == n_out && memcmp(expected, out, n) == 0)
			return &f->exchanges[i];
	}
	return NULL;
}

/** What is read comes once; reading more than there is gives what an idle bus gives, reading with nothing there is not acknowledged. */
static int commands(struct fake_i2c *f, const uint8_t *out, size_t n_out, uint8_t *in, size_t n_in)
{
	uint8_t answer[I2C_MAX_BYTES];
	size_t n;

	if (n_out > 0) {
		const struct fake_exchange *x = find_command(f, out, n_out);

		if (!x)
			return -EREMOTEIO;
		f->answer = x->in;
	}
	if (n_in == 0)
		return 0;
	n = from_hex(f->answer, answer, sizeof(answer));
	if (n == 0)
		return -EREMOTEIO;
	memset(in, 0xFF, n_in);
	memcpy(in, answer, n < n_in ? n : n_in);
	f->answer = NULL;
	return 0;
}

/* --- as operations --- */

static void log_write(struct fake_i2c *f, const uint8_t *out, size_t n_out)
{
	if (n_out == 0 || f->log_bytes + 3 * n_out + 3 > sizeof(f->log))
		return;
	f->log[f->log_bytes++] = '[';
	for (size_t i = 0; i < n_out; i++)
		f->log_bytes += (size_t)snprintf(&f->log[f->log_bytes], 4, "%02X%s", out[i], i + 1 < n_out ? " " : "]");
}

bool fake_i2c_wrote(const struct fake_i2c *f, const char *hex)
{
	char wanted[3 * I2C_MAX_BYTES + 3];

	snprintf(wanted, sizeof(wanted), "[%s]", hex);
	return strstr(f->log, wanted) != NULL;
}

void fake_i2c_clear_log(struct fake_i2c *f)
{
	f->log_bytes = 0;
	f->log[0] = '\0';
}

static int fake_open(struct i2c *i2c, struct sensor_error *err)
{
	struct fake_i2c *f = i2c->backend;
	int error = f->open_error;

	f->open_error = 0;
	if (error) {
		snprintf(err->text, sizeof(err->text), "the bus cannot be opened");
		return error;
	}
	f->n_opens++;
	return 0;
}

static void fake_close(struct i2c *i2c)
{
	((struct fake_i2c *)i2c->backend)->n_closes++;
}

static int fake_transfer(struct i2c *i2c, const uint8_t *out, size_t n_out, uint8_t *in, size_t n_in)
{
	struct fake_i2c *f = i2c->backend;

	f->n_xfers++;
	if (f->fail_at > 0 && --f->fail_at == 0)
		return f->error;
	if (f->is_absent || (f->address && f->address != i2c->address))
		return -ENXIO;
	log_write(f, out, n_out);
	if (f->respond)
		return f->respond(f, out, n_out, in, n_in);
	return f->kind == FAKE_COMMANDS ? commands(f, out, n_out, in, n_in) : registers(f, out, n_out, in, n_in);
}

static const struct i2c_ops fake_ops = { .open = fake_open, .transfer = fake_transfer, .close = fake_close };

struct i2c *fake_i2c_of(struct driver_rig *rig)
{
	const struct opt_table *options = &rig->driver->options;

	if (options->n < 2 || strcmp(options->rows[0].name, "bus") != 0 ||
	    strcmp(options->rows[1].name, "address") != 0)
		return NULL;
	return (struct i2c *)((char *)rig->state + options->rows[0].offset - offsetof(struct i2c, bus));
}

void fake_i2c_attach(struct fake_i2c *f, struct driver_rig *rig)
{
	struct i2c *i2c = fake_i2c_of(rig);

	assert_non_null(i2c);
	i2c->ops = &fake_ops;
	i2c->backend = f;
}

void fake_chip_init(struct driver_rig *rig, struct fake_i2c *f, const char *driver, const char *yaml)
{
	const struct fake_chip *chip = fake_chip_find(driver);
	char options[500];

	if (!chip)
		fail_msg("%s has no row in FAKE_CHIPS of tests/fake_i2c.h", driver);
	if (!yaml[0] && chip->yaml)
		yaml = chip->yaml;
	snprintf(options, sizeof(options), "{bus: fake%s%s}", yaml[0] ? ", " : "", yaml);
	memset(f, 0, sizeof(*f));
	chip->power_on(f);
	driver_rig_init(rig, driver, options);
	fake_i2c_attach(f, rig);
}
