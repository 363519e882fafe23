/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/proto_message.h"

#include <errno.h>
#include <string.h>

#include "pipelines/wire.h"

void proto_put(struct proto_message *m, uint64_t v)
{
	for (; v > 127; v >>= 7)
		m->data[m->n++] = (uint8_t)(v | 128);
	m->data[m->n++] = (uint8_t)v;
}

void proto_put_uint(struct proto_message *m, unsigned field, uint64_t v)
{
	proto_put(m, field << 3 | PROTO_VARINT);
	proto_put(m, v);
}

void proto_put_bytes(struct proto_message *m, unsigned field, const void *bytes, size_t n)
{
	proto_put(m, field << 3 | PROTO_BYTES);
	proto_put(m, n);
	memcpy(&m->data[m->n], bytes, n);
	m->n += n;
}

void proto_put_metric(struct proto_message *m)
{
	static const struct {
		unsigned field;
		uint64_t v;
	} fields[] = {
		{ 1, 6 }, { 2, 2 },   { 3, 1 },	   { 4, 25 },  { 5, 7 },     { 6, 6 },	    { 7, 6 },
		{ 8, 7 }, { 9, 100 }, { 10, 200 }, { 11, 30 }, { 15, 4000 }, { 16, 30000 }, { 22, 30000 },
	};
	static const uint8_t sketch[] = { 4 << 3, 1, 5 << 3 | PROTO_BYTES, 2, 1, 1 }; /* offset -1, counts 1 1 */

	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		proto_put_uint(m, fields[i].field, fields[i].v);
	proto_put_bytes(m, 14, sketch, sizeof(sketch));
}

void proto_put_envelope(struct proto_message *m)
{
	proto_put_uint(m, 1, 1);
	proto_put_bytes(m, 2, "dev", 3);
	proto_put_uint(m, 3, 1);
	proto_put_uint(m, 4, 1);
	proto_put_uint(m, 5, 1763700000);
	proto_put_uint(m, 6, 60);
	proto_put_bytes(m, 12, "site", 4);
}

const char *proto_refusal(const struct proto_message *m, struct proto_decoded *out)
{
	struct wire_presence present;
	const char *why = "no reason given";

	out->p.metrics = out->metrics;
	switch (wire_decode(&out->p, &present, m->data, m->n, &why)) {
	case 0:
		return "none";
	case -EBADMSG:
		return why;
	default:
		return "not -EBADMSG";
	}
}

const char *proto_refusal_of_metrics(const struct proto_message *metric, unsigned times, struct proto_decoded *out)
{
	static struct proto_message m;

	m.n = 0;
	proto_put_envelope(&m);
	for (unsigned i = 0; i < times; i++)
		proto_put_bytes(&m, 10, metric->data, metric->n);
	return proto_refusal(&m, out);
}
