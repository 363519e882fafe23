/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim - a sensor that is not there: known shapes to try streams and KPIs on, and faults to see healing.
 *
 * sine, steps, ramp and square are functions of the time alone, so simulated devices that share a clock agree. random_walk and
 * noise advance with each reading. The same seed and the same times give the same values; only sine needs libm.
 * Noise is the sum of twelve uniform numbers less six: standard deviation 1, within +-6, and the same on every target.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "base/prng.h"
#include "base/unit.h"
#include "drivers/sensor.h"

#define TWO_PI 6.283185307179586

enum shape { SINE, RANDOM_WALK, STEPS, NOISE, RAMP, SQUARE, COUNTER };

static const char *const shapes[] = { "sine", "random_walk", "steps", "noise", "ramp", "square", "counter", NULL };

struct sim {
	int shape;
	int64_t period_us;
	double amplitude, offset, noise, resolution;
	int64_t seed;
	const struct unit *unit;
	int64_t fault_every_us, fault_for_us;

	struct channel channel;
	bool is_begun, has_value;
	int64_t begun_us; /* first probe: faults and the counter start from here */
	uint64_t random;
	double walk, value;
};

static const struct opt options[] = {
	{ "shape", OPT_ENUM, offsetof(struct sim, shape), .def = "sine", .choices = shapes,
	  .help = "how the value moves; square is a state (0 or 1), counter grows by amplitude each period" },
	{ "period", OPT_DURATION, offsetof(struct sim, period_us), .min = 1e3, .max = 3.15576e13, .def = "1m",
	  .help = "length of one wave, ramp or step; not used by noise and random_walk" },
	{ "amplitude", OPT_DOUBLE, offsetof(struct sim, amplitude), .min = 0, .max = 1e12, .def = "1",
	  .help = "greatest distance from offset before noise is added; not used by square" },
	{ "offset", OPT_DOUBLE, offsetof(struct sim, offset), .min = -1e12, .max = 1e12, .def = "0",
	  .help = "value in the middle; not used by square and counter" },
	{ "noise", OPT_DOUBLE, offsetof(struct sim, noise), .min = 0, .max = 1e12, .def = "0",
	  .help = "standard deviation of what is added to each value; not used by square and counter" },
	{ "resolution", OPT_DOUBLE, offsetof(struct sim, resolution), .min = 0, .max = 1e12, .def = "0",
	  .help = "values are rounded to multiples of this; 0: not rounded" },
	{ "seed", OPT_INT, offsetof(struct sim, seed), .min = 0, .max = 4294967295.0, .def = "1",
	  .help = "another seed gives other random values, the same seed the same" },
	{ "unit", OPT_UNIT, offsetof(struct sim, unit), .def = "1", .help = "unit of the value" },
	{ "fault_every", OPT_DURATION, offsetof(struct sim, fault_every_us), .min = 0, .max = 3.15576e13, .def = "0",
	  .help = "time from one simulated fault to the next; 0: no faults" },
	{ "fault_for", OPT_DURATION, offsetof(struct sim, fault_for_us), .min = 0, .max = 3.15576e13, .def = "10s",
	  .help = "how long each simulated fault lasts, at the end of fault_every" },
};

static const struct channel channels[] = {
	{ .name = "value", .unit = "1", .help = "the simulated value, in the unit of the option" },
};

static int sim_describe(void *state, struct arena *a, const struct channel **out, struct sensor_error *err)
{
	static const enum channel_kind kinds[] = { [SQUARE] = CHANNEL_STATE, [COUNTER] = CHANNEL_COUNTER };
	struct sim *s = state;

	(void)a;
	if (s->fault_every_us && s->fault_for_us >= s->fault_every_us) {
		snprintf(err->text, sizeof(err->text), "fault_for must be shorter than fault_every");
		return -EINVAL;
	}
	if (s->shape == SQUARE && s->unit != unit_find("1")) {
		snprintf(err->text, sizeof(err->text), "a square is a state, 0 or 1: its unit must be \"1\"");
		return -EINVAL;
	}
	s->channel = channels[0];
	s->channel.unit = s->unit->code;
	s->channel.kind = (size_t)s->shape < ARRAY_LEN(kinds) ? kinds[s->shape] : CHANNEL_GAUGE;
	*out = &s->channel;
	return 1;
}

/** Where in a length of time, from 0 to less than @length_us; also for times before 1970. */
static int64_t position_us(int64_t us, int64_t length_us)
{
	int64_t position = us % length_us;

	return position < 0 ? position + length_us : position;
}

static bool is_faulty(const struct sim *s, int64_t now_us)
{
	return s->fault_every_us &&
	       position_us(now_us - s->begun_us, s->fault_every_us) >= s->fault_every_us - s->fault_for_us;
}

static int sim_probe(void *state, int64_t now_us, struct sensor_error *err)
{
	struct sim *s = state;

	if (!s->is_begun) {
		s->is_begun = true;
		s->begun_us = now_us;
		s->random = (uint64_t)s->seed;
		s->walk = 0.0;
	}
	if (is_faulty(s, now_us)) {
		snprintf(err->text, sizeof(err->text), "simulated fault");
		return -EIO;
	}
	return 0;
}

/** Uniform in [-1, 1). */
static double uniform(uint64_t *random)
{
	return 2.0 * prng_unit(random) - 1.0;
}

static double normal(uint64_t *random)
{
	double sum = -6.0;

	for (int i = 0; i < 12; i++)
		sum += prng_unit(random);
	return sum;
}

/** A level of its own for every period, by seed and number. */
static double level(const struct sim *s, int64_t now_us)
{
	int64_t n = (now_us - position_us(now_us, s->period_us)) / s->period_us;
	uint64_t random = (uint64_t)s->seed ^ (uint64_t)n * 0xD1342543DE82EF95u;

	return uniform(&random);
}

/** One step of a twentieth of the amplitude at most, thrown back at +-1. */
static double walk(struct sim *s)
{
	s->walk += 0.05 * uniform(&s->random);
	if (s->walk > 1.0)
		s->walk = 2.0 - s->walk;
	if (s->walk < -1.0)
		s->walk = -2.0 - s->walk;
	return s->walk;
}

/** -1 to 1, before amplitude and offset; the rest of the shapes are not scaled. */
static double swing(struct sim *s, int64_t now_us)
{
	double phase = (double)position_us(now_us, s->period_us) / (double)s->period_us;

	switch (s->shape) {
	case RANDOM_WALK:
		return walk(s);
	case STEPS:
		return level(s, now_us);
	case NOISE:
		return uniform(&s->random);
	case RAMP:
		return 2.0 * phase - 1.0;
	default:
		return sin(phase * TWO_PI);
	}
}

static double value_at(struct sim *s, int64_t now_us)
{
	int64_t since_us = now_us > s->begun_us ? now_us - s->begun_us : 0;
	double x;

	if (s->shape == SQUARE)
		return position_us(now_us, s->period_us) * 2 >= s->period_us ? 1.0 : 0.0;
	if (s->shape == COUNTER) {
		x = s->amplitude * ((double)since_us / (double)s->period_us);
		return s->resolution > 0.0 ? floor(x / s->resolution) * s->resolution : x;
	}
	x = s->offset + s->amplitude * swing(s, now_us);
	if (s->noise > 0.0)
		x += s->noise * normal(&s->random);
	return s->resolution > 0.0 ? round(x / s->resolution) * s->resolution : x;
}

static int64_t sim_trigger(void *state, int64_t now_us)
{
	struct sim *s = state;

	if (is_faulty(s, now_us))
		return -EIO;
	s->value = value_at(s, now_us);
	s->has_value = true;
	return 0;
}

static int sim_collect(void *state, int64_t now_us, double out[])
{
	struct sim *s = state;

	(void)now_us;
	if (!s->has_value)
		return -EAGAIN;
	out[0] = s->value;
	s->has_value = false;
	return 0;
}

const struct sensor_driver sim_driver = {
	.name = "sim",
	.help = "simulated values: waves, steps, random walks, states, counters and faults",
	.options = { options, ARRAY_LEN(options) },
	.channels = channels,
	.n_channels = ARRAY_LEN(channels),
	.state_size = sizeof(struct sim),
	.describe = sim_describe,
	.probe = sim_probe,
	.trigger = sim_trigger,
	.collect = sim_collect,
};
