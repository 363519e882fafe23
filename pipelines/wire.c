/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The codec is nanopb's; this file moves values between struct partial and nanopb's structs; partial_check.c judges what came in.
 *
 * A message is coded metric by metric, so that one nanopb Metric (1.5 KB) exists at a time instead of 64. Writing: the
 * envelope's fields 1 to 9, the metrics (10), the envelope's fields from 11 on, each with nanopb's encoder for the message;
 * concatenated they are one message with ascending fields. Reading: once for the envelope, which skips field 10, and once
 * for field 10, which skips the rest; so unknown fields and repeated scalars follow the rules of protobuf without own code.
 */
#include "pipelines/wire.h"

#include <assert.h>
#include <errno.h>
#include <pb_decode.h>
#include <pb_encode.h>
#include <string.h>

#include "pipelines/partial_check.h"
#include "pipelines/runnel.pb.h"

enum { METRICS_TAG = 10 }; /* runnel.options hides the field from nanopb, and with it its tag */

int wire_is_window_length(uint32_t seconds)
{
	static const uint32_t lengths[] = { 1, 5, 10, 15, 30, 60, 300, 900, 3600 };

	for (size_t i = 0; i < ARRAY_LEN(lengths); i++)
		if (seconds == lengths[i])
			return 1;
	return 0;
}

static uint64_t window_ms(const struct partial *p)
{
	return (uint64_t)p->wl * 1000;
}

/* --- writing --- */

/* Counters of trouble have no upper bound of their own; at the wire's limit they stay there. */
static uint32_t saturate(uint64_t x)
{
	return x < UINT32_MAX ? (uint32_t)x : UINT32_MAX;
}

static uint32_t ms_into_window(const struct partial *p, int64_t at_ms)
{
	int64_t offset_ms = at_ms - (int64_t)(p->w0 * 1000);

	if (at_ms == 0)
		return 0; /* a counter: it has no first and last */
	assert(offset_ms >= 0 && (uint64_t)offset_ms < window_ms(p));
	return (uint32_t)offset_ms;
}

static uint32_t count_in_partial(uint64_t x)
{
	assert(x < AGG_N_LIMIT);
	return (uint32_t)x;
}

/* Sends the counts from the first to the last that is not 0. @return how many */
static pb_size_t range_to_pb(const struct sketch_range *r, int32_t *offset, uint32_t *counts)
{
	uint32_t lo = 0, hi = r->n;

	assert(r->n <= SKETCH_MAX_BUCKETS);
	while (hi > 0 && r->counts[hi - 1] == 0)
		hi--;
	while (lo < hi && r->counts[lo] == 0)
		lo++;
	for (uint32_t i = lo; i < hi; i++)
		counts[i - lo] = count_in_partial(r->counts[i]);
	*offset = lo < hi ? r->offset + (int32_t)lo : 0;
	return (pb_size_t)(hi - lo);
}

static void sketch_to_pb(const struct sketch *s, runnel_v1_Sketch *out)
{
	out->shift = s->shift;
	out->under = s->under;
	out->over = s->over;
	out->counts_count = range_to_pb(&s->pos, &out->offset, out->counts);
	out->zero = s->zero;
	out->neg_counts_count = range_to_pb(&s->neg, &out->neg_offset, out->neg_counts);
}

static void values_to_pb(const struct partial *p, const struct agg *a, runnel_v1_Metric *out)
{
	assert(a->s2.hi == 0);
	out->s1 = a->s1;
	out->s2 = a->s2.lo;
	out->min = a->min;
	out->max = a->max;
	out->first = a->first;
	out->last = a->last;
	out->t_first = ms_into_window(p, a->first_at_ms);
	out->t_last = ms_into_window(p, a->last_at_ms);
	out->has_sketch = a->has_sketch;
	if (a->has_sketch)
		sketch_to_pb(&a->sketch, &out->sketch);
}

static void metric_to_pb(const struct partial *p, const struct partial_metric *m, const struct metric_def *def,
			 runnel_v1_Metric *out)
{
	const struct agg *a = &m->agg;

	memset(out, 0, sizeof(*out));
	out->id = m->id;
	out->n = count_in_partial(a->n);
	if (a->n > 0)
		values_to_pb(p, a, out);
	out->bad = saturate(a->bad);
	out->lost = saturate(a->lost);
	out->flags = a->flags;
	out->tw = a->tw;
	out->tw_ms = saturate(a->tw_ms);
	out->increase = a->increase;
	out->resets = saturate(a->resets);
	out->has_expected = !def || a->expected != metric_nominal_expected(def);
	out->expected = saturate(a->expected);
	out->has_covered_ms = !def || a->covered_ms != window_ms(p);
	out->covered_ms = saturate(a->covered_ms);
}

static bool write_metrics(pb_ostream_t *s, const struct partial *p, const struct metric_def *defs)
{
	runnel_v1_Metric metric;

	for (size_t i = 0; i < p->n_metrics; i++) {
		const struct partial_metric *m = &p->metrics[i];

		metric_to_pb(p, m, defs ? &defs[m->id] : NULL, &metric);
		if (!pb_encode_tag(s, PB_WT_STRING, METRICS_TAG) ||
		    !pb_encode_submessage(s, runnel_v1_Metric_fields, &metric))
			return false;
	}
	return true;
}

static pb_size_t name_to_pb(const char *name, pb_byte_t *out)
{
	size_t bytes = strlen(name);

	assert(bytes < PARTIAL_NAME_BYTES);
	memcpy(out, name, bytes);
	return (pb_size_t)bytes;
}

int wire_encode(const struct partial *p, const struct metric_def *defs, uint8_t *out, size_t cap)
{
	pb_ostream_t s = pb_ostream_from_buffer(out, cap < PARTIAL_MAX_BYTES ? cap : PARTIAL_MAX_BYTES);
	runnel_v1_Partial head = {
		.version = p->version,
		.boot = p->boot,
		.seq = p->seq,
		.w0 = p->w0,
		.wl = p->wl,
		.part = p->part,
		.contract = p->contract,
		.flags = p->flags,
	};
	runnel_v1_Partial tail = { .wm = p->wm, .span = p->span, .has_clock = p->clock.last > 0 };

	assert(p->n_metrics <= PARTIAL_MAX_METRICS);
	head.device.size = name_to_pb(p->device, head.device.bytes);
	tail.site.size = name_to_pb(p->site, tail.site.bytes);
	tail.clock = (runnel_v1_Clock){ p->clock.boot, p->clock.first, p->clock.last, p->clock.offset_us };

	if (!pb_encode(&s, runnel_v1_Partial_fields, &head) || !write_metrics(&s, p, defs) ||
	    !pb_encode(&s, runnel_v1_Partial_fields, &tail))
		return -EMSGSIZE;
	return (int)s.bytes_written;
}

/* --- reading --- */

static const char malformed[] = "malformed protobuf, cut short, or with a list or a name that is too long";

/* Without leading and trailing zeros. An offset that overflows here stays far outside the valid range. */
static void range_from_pb(const uint32_t *counts, uint32_t n, int32_t offset, struct sketch_range *out)
{
	uint32_t lo = 0;

	while (n > 0 && counts[n - 1] == 0)
		n--;
	while (lo < n && counts[lo] == 0)
		lo++;
	if (lo == n)
		return;

	out->offset = (int32_t)((uint32_t)offset + lo);
	out->n = n - lo;
	for (uint32_t i = lo; i < n; i++)
		out->counts[i - lo] = counts[i];
}

static void sketch_from_pb(const runnel_v1_Sketch *in, struct sketch *s)
{
	s->shift = in->shift;
	s->zero = in->zero;
	s->under = in->under;
	s->over = in->over;
	range_from_pb(in->counts, in->counts_count, in->offset, &s->pos);
	range_from_pb(in->neg_counts, in->neg_counts_count, in->neg_offset, &s->neg);
}

static void values_from_pb(const struct partial *p, const runnel_v1_Metric *in, struct agg *a)
{
	int64_t w0_ms = (int64_t)(p->w0 * 1000);

	a->min = in->min;
	a->max = in->max;
	a->first = in->first;
	a->last = in->last;
	a->first_at_ms = w0_ms + in->t_first;
	a->last_at_ms = w0_ms + in->t_last;
}

/* Every value fits; whether it makes sense is for partial_check.c to say. */
static void metric_from_pb(const struct partial *p, const runnel_v1_Metric *in, struct partial_metric *out)
{
	struct agg *a = &out->agg;

	memset(out, 0, sizeof(*out));
	out->id = in->id;
	a->n = in->n;
	a->s1 = in->s1;
	a->s2.lo = in->s2;
	if (in->n > 0)
		values_from_pb(p, in, a);
	a->expected = in->expected;
	a->bad = in->bad;
	a->lost = in->lost;
	a->tw = in->tw;
	a->tw_ms = in->tw_ms;
	a->covered_ms = in->covered_ms;
	a->increase = in->increase;
	a->resets = in->resets;
	a->flags = in->flags;
	a->has_sketch = in->has_sketch;
	if (in->has_sketch)
		sketch_from_pb(&in->sketch, &a->sketch);
}

static bool has_id(const struct partial *p, uint32_t id)
{
	for (size_t i = 0; i < p->n_metrics; i++)
		if (p->metrics[i].id == id)
			return true;
	return false;
}

/* A sketch of no samples is the same as none. */
static void drop_empty_sketch(struct agg *a)
{
	if (!a->has_sketch || a->n > 0)
		return;
	a->has_sketch = false;
	memset(&a->sketch, 0, sizeof(a->sketch));
}

/* Adds the metric at the head of @s to @p. */
static const char *read_metric(pb_istream_t *s, struct partial *p, struct wire_presence *present)
{
	runnel_v1_Metric metric = { 0 };
	pb_istream_t sub;
	const char *why;

	if (p->n_metrics == PARTIAL_MAX_METRICS)
		return "more than 64 metrics";
	if (!pb_make_string_substream(s, &sub))
		return malformed;
	if (!pb_decode(&sub, runnel_v1_Metric_fields, &metric))
		return malformed;
	if (!pb_close_string_substream(s, &sub))
		return malformed;
	if (has_id(p, metric.id))
		return "a metric occurs twice";

	metric_from_pb(p, &metric, &p->metrics[p->n_metrics]);
	why = partial_check_metric(p, &p->metrics[p->n_metrics]);
	if (why)
		return why;
	drop_empty_sketch(&p->metrics[p->n_metrics].agg);
	present->expected |= (uint64_t)metric.has_expected << p->n_metrics;
	present->covered_ms |= (uint64_t)metric.has_covered_ms << p->n_metrics;
	p->n_metrics++;
	return NULL;
}

static const char *read_metrics(pb_istream_t *s, struct partial *p, struct wire_presence *present)
{
	pb_wire_type_t type;
	uint32_t tag;
	const char *why = NULL;
	bool end = false;

	while (!why && pb_decode_tag(s, &type, &tag, &end)) {
		if (tag != METRICS_TAG)
			why = pb_skip_field(s, type) ? NULL : malformed;
		else if (type != PB_WT_STRING)
			why = "metrics are not messages";
		else
			why = read_metric(s, p, present);
	}
	return why || end ? why : malformed;
}

/* @return whether it is as long as a C string: without a NUL inside */
static bool name_from_pb(const pb_byte_t *bytes, size_t n, char out[PARTIAL_NAME_BYTES])
{
	memcpy(out, bytes, n);
	out[n] = '\0';
	return strlen(out) == n;
}

static const char *read_envelope(pb_istream_t *s, struct partial *p)
{
	runnel_v1_Partial in = { 0 };

	if (!pb_decode(s, runnel_v1_Partial_fields, &in))
		return malformed;
	if (!name_from_pb(in.device.bytes, in.device.size, p->device) ||
	    !name_from_pb(in.site.bytes, in.site.size, p->site))
		return "a NUL in a name";

	p->version = in.version;
	p->boot = in.boot;
	p->seq = in.seq;
	p->w0 = in.w0;
	p->wl = in.wl;
	p->part = in.part;
	p->contract = in.contract;
	p->flags = in.flags;
	p->wm = in.wm;
	p->span = in.span;
	if (in.has_clock)
		p->clock = (struct partial_clock){ in.clock.boot, in.clock.first, in.clock.last, in.clock.offset_us };
	if (in.has_clock && in.clock.last == 0)
		return "a clock of no messages";
	return partial_check_envelope(p);
}

int wire_decode(struct partial *p, struct wire_presence *present, const uint8_t *in, size_t bytes, const char **why)
{
	pb_istream_t envelope = pb_istream_from_buffer(in, bytes), metrics = envelope;
	struct partial out = { .metrics = p->metrics };
	struct wire_presence sent = { 0 };
	const char *reason;

	reason = bytes > PARTIAL_MAX_BYTES ? "more than 8192 bytes" : read_envelope(&envelope, &out);
	if (!reason)
		reason = read_metrics(&metrics, &out, &sent);
	if (!reason && out.clock.last > 0 && out.n_metrics > 0)
		reason = "a clock beside metrics";
	if (reason) {
		*why = reason;
		return -EBADMSG;
	}
	*p = out;
	*present = sent;
	return 0;
}
