/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan_identify.c - which chip is at an address, by the identities that the drivers declare (drivers/i2c_identity.h).
 *
 * A chip is asked what only it understands, but no byte is sent that another chip which may still be there cannot bear. So the
 * order is found by what is known: who bears everything is asked, falls out or is proven, and with each that falls out more may be
 * said. What cannot be asked stays a candidate. An HTU21D resets at the byte that reads the maker's number of an INA226, so it is asked
 * first; a PCF8574 bears nothing and cannot be told from others, so at its addresses nobody is asked.
 *
 * At 0x70 to 0x77 there may be a mux: a chip without registers, to which any byte is a set of channels. It gives the same byte as often as it
 * is read, and afterwards the byte that was meant for another. Then it gets back what it had. For a millisecond channels were open
 * on which nothing was said.
 */
#include <errno.h>
#include <string.h>

#include "agent/scan.h"
#include "drivers/i2c_identity.h"

enum { MAX_CANDIDATES = 24, FIRST_MUX = 0x70, LAST_MUX = 0x77, MUX_READS = 4, BUSY_TRIES = 3 };

enum verdict {
	UNASKED,
	MAY_BE,
	IS_SILENT, /* to its own command, for longer than it can be busy: it is hardly there */
	IS_NOT,
};

struct candidate {
	const struct sensor_driver *driver;
	enum verdict verdict;
};

struct asking {
	struct i2c *i2c;
	const struct scan_world *world;
	bool is_reader;
	bool is_steady; /* may be a mux that has: */
	uint8_t had;
	bool is_mux;
	struct candidate candidates[MAX_CANDIDATES];
	size_t n;
};

static void collect(struct asking *a, uint8_t address)
{
	const struct sensor_driver *d;

	for (size_t i = 0; (d = sensor_driver_at(i)) && a->n < MAX_CANDIDATES; i++)
		if (d->identity && i2c_identity_covers(d->identity, address))
			a->candidates[a->n++].driver = d;
}

bool scan_may_be_silent(uint8_t address)
{
	const struct sensor_driver *d;

	for (size_t i = 0; (d = sensor_driver_at(i)); i++)
		if (d->identity && d->identity->is_certain && d->identity->ask[0].n_write > 0 &&
		    i2c_identity_covers(d->identity, address))
			return true;
	return false;
}

static bool others_bear(const struct asking *a, const struct candidate *asked, uint8_t byte)
{
	for (const struct candidate *c = a->candidates; c < a->candidates + a->n; c++)
		if (c != asked && c->verdict < IS_SILENT && i2c_identity_is_harmed(c->driver->identity, byte))
			return false;
	return true;
}

static bool may_ask(const struct asking *a, const struct candidate *c)
{
	const struct i2c_question *q;
	size_t i = 0;

	for (; (q = i2c_identity_ask(c->driver->identity, i)); i++)
		if ((q->n_write > 0 && !others_bear(a, c, q->write[0])) || (q->n_write == 2 && a->is_reader))
			return false;
	return i > 0;
}

/* --- muxes --- */

/* Reading alone. Chips with registers mostly go on to the next one. */
static void look_for_mux(struct asking *a)
{
	uint8_t first = 0, byte;

	a->is_steady = a->i2c->address >= FIRST_MUX && a->i2c->address <= LAST_MUX && i2c_read(a->i2c, &first, 1) == 0;
	for (int i = 1; a->is_steady && i < MUX_READS; i++)
		a->is_steady = i2c_read(a->i2c, &byte, 1) == 0 && byte == first;
	a->had = first;
}

static void put_mux_back(struct asking *a, uint8_t written)
{
	uint8_t byte;

	if (!a->is_steady || i2c_read(a->i2c, &byte, 1) < 0 || byte != written || written == a->had)
		return;
	a->is_mux = i2c_write(a->i2c, &a->had, 1) == 0;
}

/* --- asking --- */

/* @verdict: what a failure of the transfer means */
static int transfer(struct asking *a, const struct i2c_question *q, uint8_t *answer, enum verdict *verdict)
{
	int r;

	*verdict = q->n_write == 1 && !q->wait_us ? IS_NOT : MAY_BE; /* no register is where one is not acknowledged */
	if (!q->wait_us)
		return i2c_transfer(a->i2c, q->write, q->n_write, answer, q->n_read);
	for (int i = 0; (r = i2c_write(a->i2c, q->write, q->n_write)) < 0; i++) {
		if (i == BUSY_TRIES - 1 || r == -ETIMEDOUT || r == -EOPNOTSUPP) {
			*verdict = IS_SILENT;
			return r;
		}
		a->world->sleep_us(q->wait_us);
	}
	a->world->sleep_us(q->wait_us);
	return i2c_read(a->i2c, answer, q->n_read);
}

/*
 * What was not asked for, only read, may be proof, but is none against it.
 * @return -ETIMEDOUT: the bus is held; else 0 and the verdict; @is_proven: all answers fit
 */
static int ask(struct asking *a, struct candidate *c, bool *is_proven)
{
	uint8_t address = (uint8_t)a->i2c->address, answer[I2C_ANSWER_BYTES] = { 0 };
	const struct i2c_question *q;

	*is_proven = false;
	for (size_t i = 0; (q = i2c_identity_ask(c->driver->identity, i)); i++) {
		int r = transfer(a, q, answer, &c->verdict);
		bool fits = r == 0 && i2c_question_fits(q, address, answer);

		if (r == 0)
			c->verdict = fits || q->n_write == 0 ? MAY_BE : IS_NOT;
		else if (r == -EOPNOTSUPP || r == -ETIMEDOUT)
			c->verdict = MAY_BE;
		if (r == -ETIMEDOUT)
			return r;
		if (c->verdict == IS_NOT && q->n_write == 1)
			put_mux_back(a, q->write[0]);
		if (!fits)
			return 0;
	}
	*is_proven = c->driver->identity->is_certain;
	return 0;
}

static struct candidate *next_to_ask(struct asking *a)
{
	for (size_t i = 0; i < a->n; i++)
		if (a->candidates[i].verdict == UNASKED && may_ask(a, &a->candidates[i]))
			return &a->candidates[i];
	return NULL;
}

int scan_identify(struct i2c *i2c, const struct scan_world *world, bool is_reader, struct scan_chip *chip)
{
	struct asking a = { .i2c = i2c, .world = world, .is_reader = is_reader };
	struct candidate *c;
	int r = 0;

	collect(&a, chip->address);
	look_for_mux(&a);
	while (r == 0 && !a.is_mux && (c = next_to_ask(&a))) {
		bool is_proven;

		r = ask(&a, c, &is_proven);
		if (is_proven) {
			*chip = (struct scan_chip){ .address = chip->address, .kind = SCAN_KNOWN };
			chip->drivers[chip->n_drivers++] = c->driver;
			return 0;
		}
	}
	chip->kind = a.is_mux ? SCAN_MUX : SCAN_AMBIGUOUS;
	for (size_t i = 0; !a.is_mux && i < a.n && chip->n_drivers < SCAN_MAX_DRIVERS; i++)
		if (a.candidates[i].verdict != IS_NOT)
			chip->drivers[chip->n_drivers++] = a.candidates[i].driver;
	return r;
}
