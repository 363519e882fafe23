/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proto_message.h - protobuf messages written byte by byte, as no sane encoder would: fields twice, out of order, unknown,
 * with impossible values.
 */
#ifndef RUNNEL_TESTS_PROTO_MESSAGE_H
#define RUNNEL_TESTS_PROTO_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "pipelines/partial.h"

enum proto_type { PROTO_VARINT = 0, PROTO_FIXED64 = 1, PROTO_BYTES = 2, PROTO_FIXED32 = 5 };

struct proto_message {
	uint8_t data[3 * PARTIAL_MAX_BYTES];
	size_t n;
};

void proto_put(struct proto_message *m, uint64_t varint);
void proto_put_uint(struct proto_message *m, unsigned field, uint64_t v);
void proto_put_bytes(struct proto_message *m, unsigned field, const void *bytes, size_t n);

/** Two samples, 3 and -4, in buckets 0 and -1 of 4 quanta each; the second half of the minute was a gap. */
void proto_put_metric(struct proto_message *m);

/** Site "site", device "dev", a minute from 1763700000; what follows replaces its fields. */
void proto_put_envelope(struct proto_message *m);

/** What the last decoded message became. */
struct proto_decoded {
	struct partial p;
	struct partial_metric metrics[PARTIAL_MAX_METRICS];
};

/** @return "none", or why wire_decode() refused it */
const char *proto_refusal(const struct proto_message *m, struct proto_decoded *out);

/** Of an envelope with @metric @times times. */
const char *proto_refusal_of_metrics(const struct proto_message *metric, unsigned times, struct proto_decoded *out);

#endif
