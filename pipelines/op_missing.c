/* SPDX-License-Identifier: Apache-2.0 */
/*
 * missing - the missing-data alarm: 1 when no reading has come for longer than `for`, 0 with each that comes.
 *
 * It answers to silence, so it is the one operator whose gaps are no gaps: a gap is the absence of a reading. The alarm
 * is dated with the moment it is due, `for` after the last reading, and is given when the watermark says that none will come
 * from before that, or when a later sample proves it. Until the first reading the silence counts from the first watermark
 * or gap, so that a sensor which never spoke is found too.
 *
 * A reading that is older than the newest by more than `for` means that the clock was set back: silence counts from it.
 */
#include <errno.h>
#include <stdio.h>

#include "base/check.h"
#include "base/unit.h"
#include "pipelines/op.h"
#include "pipelines/series.h"

struct missing {
	int64_t for_us;

	int64_t since_us; /* of the silence */
	bool has_since, is_raised;
	uint32_t lost; /* not handed on yet */
};

#define FOR_MAX_US (366.0 * 86400e6)

static const struct opt options[] = {
	{ "for", OPT_DURATION, offsetof(struct missing, for_us), .min = 1, .max = FOR_MAX_US, .example = "5m",
	  .help = "how long without a reading; default: 3 periods of the input" },
};

static int missing_setup(void *state, struct op_setup *s)
{
	struct missing *m = state;

	if (m->for_us == 0)
		m->for_us = 3 * s->inputs[0].period_us;
	if (m->for_us <= 0) {
		snprintf(s->error, sizeof(s->error), "for is needed, because the input has no period");
		return -EINVAL;
	}
	s->output->unit = unit_find("1");
	s->output->kind = SERIES_STATE;
	s->output->period_us = 0; /* while data are missing there is nothing due */
	return 0;
}

static void tell(struct missing *m, int64_t at_us, bool is_raised, const struct emitter *out)
{
	struct sample s = { .at_us = at_us, .value = is_raised, .lost = m->lost };

	m->lost = 0;
	m->is_raised = is_raised;
	emit(out, &s);
}

static int64_t alarm_us(const struct missing *m)
{
	return m->since_us <= INT64_MAX - m->for_us ? m->since_us + m->for_us : INT64_MAX;
}

/* @return it did: a reading older than the newest is no news */
static bool begin_silence(struct missing *m, int64_t at_us)
{
	bool is_set_back = at_us < m->since_us && series_distance_us(at_us, m->since_us) > (uint64_t)m->for_us;

	if (m->has_since && at_us <= m->since_us && !is_set_back)
		return false;
	m->since_us = at_us;
	m->has_since = true;
	return true;
}

static void raise_when_due(struct missing *m, int64_t now_us, const struct emitter *out)
{
	if (m->has_since && !m->is_raised && now_us > alarm_us(m))
		tell(m, alarm_us(m), true, out);
}

static void missing_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct missing *m = state;

	(void)input;
	raise_when_due(m, in->at_us, out);
	m->lost = in->lost > UINT32_MAX - m->lost ? UINT32_MAX : m->lost + in->lost;
	if (!series_is_gap(in->value) && begin_silence(m, in->at_us))
		m->is_raised = false;
	else if (!m->has_since)
		begin_silence(m, in->at_us);
	tell(m, in->at_us, m->is_raised, out);
}

static int64_t missing_due_us(const void *state)
{
	const struct missing *m = state;

	return m->has_since && !m->is_raised && alarm_us(m) < INT64_MAX ? alarm_us(m) + 1 : INT64_MAX;
}

static void missing_advance(void *state, int64_t watermark_us, const struct emitter *out)
{
	struct missing *m = state;

	if (watermark_us == INT64_MAX)
		return; /* the end is not silence */
	if (!m->has_since)
		begin_silence(m, watermark_us);
	raise_when_due(m, watermark_us, out);
}

const struct op_class op_missing = {
	.name = "missing",
	.family = OP_ANOMALY,
	.help = "1 when no reading has come for a time, also when the sensor never spoke; 0 with each reading",
	.formula = "y(t) = 1 from t_last + `for` on, 0 at t_last",
	.memory = "none",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct missing),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = missing_setup,
	.push = missing_push,
	.advance = missing_advance,
	.due_us = missing_due_us,
};
