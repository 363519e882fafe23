/* SPDX-License-Identifier: Apache-2.0 */
/*
 * golden_partials.h - the messages of tests/golden as structs. NAME.txt is protobuf text, NAME.hex what protoc, which is not
 * our encoder, makes of it (tests/e2e/protoc_reads_partials.sh checks that), and golden_build() the same by hand.
 */
#ifndef RUNNEL_TESTS_GOLDEN_PARTIALS_H
#define RUNNEL_TESTS_GOLDEN_PARTIALS_H

#include <stddef.h>
#include <stdint.h>

#include "pipelines/contract.h"
#include "pipelines/partial.h"
#include "pipelines/wire.h"

enum { GOLDEN_MAX_METRICS = 3, GOLDEN_MAX_DEFS = 8 };

struct golden {
	const char *name;
	bool has_contract; /* else everything is sent */
	struct metric_def defs[GOLDEN_MAX_DEFS];
	struct partial partial;
	struct partial_metric metrics[GOLDEN_MAX_METRICS];
	struct wire_presence present; /* what is sent of expected and covered_ms */
};

size_t golden_count(void);

/** @g points into itself afterwards: do not copy it. */
void golden_build(size_t i, struct golden *g);

/** tests/golden/NAME.hex; ends the test when it cannot be read. @return bytes */
size_t golden_read(const char *name, uint8_t *out, size_t cap);

#endif
