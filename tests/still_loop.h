/* SPDX-License-Identifier: Apache-2.0 */
/* still_loop.h - base/loop.h with a clock that stands still while anything runs; see still_loop.c. */
#ifndef RUNNEL_TESTS_STILL_LOOP_H
#define RUNNEL_TESTS_STILL_LOOP_H

#include <stdint.h>

/** Somebody holds everybody up for so long. */
void still_loop_pass(int64_t us);

#endif
