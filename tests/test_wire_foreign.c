/* SPDX-License-Identifier: Apache-2.0 */
/* What other encoders may send, later versions included, and what none may. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/check.h"
#include "tests/proto_message.h"

static struct proto_decoded out;

static void zeros_around_received_counts_are_dropped(void **state)
{
	static const uint8_t plain[] = {
		4 << 3, 0x83, 0x01, 5 << 3 | PROTO_BYTES, 6, 0, 0, 2, 0, 1, 0
	}; /* offset -66 */
	static struct proto_message m;

	(void)state;
	m.n = 0;
	proto_put_uint(&m, 2, 3);
	proto_put_bytes(&m, 14, plain, sizeof(plain));
	assert_string_equal(proto_refusal_of_metrics(&m, 1, &out), "none");
	assert_int_equal(out.metrics[0].agg.sketch.pos.offset, -64);
	assert_int_equal(out.metrics[0].agg.sketch.pos.n, 3);
	assert_int_equal(out.metrics[0].agg.sketch.pos.counts[0], 2);
	assert_int_equal(out.metrics[0].agg.sketch.pos.counts[2], 1);
}

static void more_than_160_buckets_are_refused(void **state)
{
	static struct proto_message m, sketch;
	uint8_t counts[161] = { 0 };

	(void)state;
	counts[0] = counts[159] = 1;
	for (size_t n = 160; n <= 161; n++) {
		m.n = sketch.n = 0;
		proto_put_bytes(&sketch, 5, counts, n);
		proto_put_uint(&m, 2, 2);
		proto_put_bytes(&m, 14, sketch.data, sketch.n);
		assert_int_equal(strcmp(proto_refusal_of_metrics(&m, 1, &out), "none") == 0, n == 160);
	}
}

static void a_metric_may_occur_once_and_64_may_occur(void **state)
{
	static struct proto_message m, metric;

	(void)state;
	metric.n = 0;
	proto_put_metric(&metric);
	assert_string_equal(proto_refusal_of_metrics(&metric, 2, &out), "a metric occurs twice");

	m.n = 0;
	proto_put_envelope(&m);
	for (uint32_t id = 0; id < 65; id++) {
		uint8_t one[] = { 1 << 3, (uint8_t)id };

		if (id == 64)
			assert_string_equal(proto_refusal(&m, &out), "none");
		proto_put_bytes(&m, 10, one, sizeof(one));
	}
	assert_string_equal(proto_refusal(&m, &out), "more than 64 metrics");
}

/* Field 99 in all four wire types, in each of the three messages. */
static void unknown_fields_are_skipped(void **state)
{
	static struct proto_message unknown, metric, sketch, m;

	(void)state;
	unknown.n = metric.n = sketch.n = m.n = 0;
	proto_put_uint(&unknown, 99, UINT64_MAX);
	proto_put(&unknown, 99 << 3 | PROTO_FIXED64);
	memset(&unknown.data[unknown.n], 0xFF, 8);
	unknown.n += 8;
	proto_put_bytes(&unknown, 99, "hello", 5);
	proto_put(&unknown, 99 << 3 | PROTO_FIXED32);
	memset(&unknown.data[unknown.n], 0xFF, 4);
	unknown.n += 4;

	proto_put_metric(&metric);
	memcpy(&metric.data[metric.n], unknown.data, unknown.n);
	metric.n += unknown.n;
	proto_put_bytes(&metric, 14, unknown.data, unknown.n);
	memcpy(m.data, unknown.data, unknown.n);
	m.n = unknown.n;
	proto_put_envelope(&m);
	proto_put_bytes(&m, 10, metric.data, metric.n);
	assert_string_equal(proto_refusal(&m, &out), "none");
	assert_int_equal(out.p.n_metrics, 1);
	assert_int_equal(out.metrics[0].agg.sketch.pos.n, 2);
}

static void bytes_that_are_no_message_are_refused(void **state)
{
	static struct proto_message m;

	(void)state;
	memset(m.data, 0, PARTIAL_MAX_BYTES + 1);
	m.n = 0;
	assert_string_not_equal(proto_refusal(&m, &out), "none");
	m.n = PARTIAL_MAX_BYTES;
	assert_string_not_equal(proto_refusal(&m, &out), "none");
	m.n = PARTIAL_MAX_BYTES + 1;
	assert_string_equal(proto_refusal(&m, &out), "more than 8192 bytes");

	m.n = 0;
	proto_put_envelope(&m);
	proto_put_uint(&m, 10, 5);
	assert_string_equal(proto_refusal(&m, &out), "metrics are not messages");
	m.n = 0;
	proto_put_envelope(&m);
	proto_put(&m, 98 << 3 | 3); /* a group, which proto3 does not have */
	assert_string_not_equal(proto_refusal(&m, &out), "none");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zeros_around_received_counts_are_dropped),
		cmocka_unit_test(more_than_160_buckets_are_refused),
		cmocka_unit_test(a_metric_may_occur_once_and_64_may_occur),
		cmocka_unit_test(unknown_fields_are_skipped),
		cmocka_unit_test(bytes_that_are_no_message_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
