/* SPDX-License-Identifier: Apache-2.0 */
/* bounded.h - call what may take too long, and wait only so long for it. */
#ifndef RUNNEL_BASE_BOUNDED_H
#define RUNNEL_BASE_BOUNDED_H

#include <stdbool.h>

/**
 * Call @fn in a thread of its own, and wait for its end.
 * @return whether it ended within @timeout_s; if not, it goes on, and @ctx must stay (also when no thread could be had)
 */
bool bounded_call(void (*fn)(void *ctx), void *ctx, unsigned timeout_s);

#endif
