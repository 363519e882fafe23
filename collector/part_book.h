/* SPDX-License-Identifier: Apache-2.0 */
/*
 * part_book.h - what explains the parts of a store to who hands them on: whose they are, and what their numbers mean. Devices and contracts are
 * read when the first part asks for them and kept.
 */
#ifndef RUNNEL_COLLECTOR_PART_BOOK_H
#define RUNNEL_COLLECTOR_PART_BOOK_H

#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "collector/store.h"
#include "pipelines/contract.h"
#include "pipelines/partial.h"

struct part_book;

/** A part that is understood. Valid until the next part is read. */
struct part_view {
	int64_t id; /* its row in the store */
	const char *site, *device;
	const char *labels; /* NAME=VALUE, one a line */
	const struct partial *partial;
	const struct contract *contract;
	const char *contract_text; /* as the device sent it */
	size_t contract_bytes;
	const void *payload; /* likewise */
	size_t bytes;
};

/** @s: borrowed, freed after the book. */
struct part_book *part_book_new(struct store *s);
void part_book_free(struct part_book *b); /* NULL is fine */

/** By its device's row. @return 0, -ENOENT: its device or contract is not in the store (yet), -EBADMSG: it can not be read */
NODISCARD int part_book_read(struct part_book *b, const struct store_part *p, struct part_view *out);

/** By the names of site and device. */
NODISCARD int part_book_read_named(struct part_book *b, const char *site, const char *device,
				   const struct store_part *p, struct part_view *out);

/** The definition in an own text, the same wherever unit, kind, K, q and sketch agree: "temp@1 Cel gauge K=20 q=0.01 lin/10". @return @out */
enum { PART_BOOK_DEFINITION_BYTES = 320 };
const char *part_book_definition(const struct metric_def *def, char out[static PART_BOOK_DEFINITION_BYTES]);

/** "gauge", "state", "counter"; "lin", "exp2", "none". */
const char *part_book_kind(const struct metric_def *def);
const char *part_book_sketch(const struct metric_def *def);

#endif
