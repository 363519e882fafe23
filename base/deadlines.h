/* SPDX-License-Identifier: Apache-2.0 */
/* deadlines.h - a binary heap of deadlines that live inside their owners, so that setting one takes no memory. */
#ifndef RUNNEL_BASE_DEADLINES_H
#define RUNNEL_BASE_DEADLINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"

struct deadline {
	int64_t at_us;
	uint64_t serial; /* of the call that set it: the order among equal ones */
	size_t index;	 /* in the heap, while it is set */
	bool is_set;
};

/** All-zero is the empty heap. */
struct deadlines {
	struct deadline **heap;
	size_t n_set, n_members, cap;
	uint64_t serial;
};

/** Make room for one more deadline, so that deadlines_set() can not fail. @return 0 or -ENOMEM */
NODISCARD int deadlines_add_member(struct deadlines *h);
void deadlines_remove_member(struct deadlines *h);
void deadlines_free(struct deadlines *h);

/** The earliest, or NULL. */
struct deadline *deadlines_first(const struct deadlines *h);

void deadlines_set(struct deadlines *h, struct deadline *d, int64_t at_us);

/** No-op when it is not set. */
void deadlines_cancel(struct deadlines *h, struct deadline *d);

#endif
