/* SPDX-License-Identifier: Apache-2.0 */
/* date_rig.h - board "a", which does not know the time at first, and board "b", which does, before a fleet with a store. */
#ifndef RUNNEL_TESTS_DATE_RIG_H
#define RUNNEL_TESTS_DATE_RIG_H

#include "tests/archive_rig.h"

enum { DATE_RIG_MINUTES = 90, DATE_RIG_UNKNOWN = 40 }; /* of these the first were measured before the time was known */

#define DATE_RIG_OFF_S 1763690400 /* a whole number of minutes: true time less what was thought */
#define DATE_RIG_OFF_US (DATE_RIG_OFF_S * INT64_C(1000000))
#define DATE_RIG_LIFE 9u

/** Minute @i of board a as it is; @has_told: its message with the clock has a number, too. */
struct rig_part date_rig_true_minute(uint32_t i, bool has_told);

/** As a board sends it that thinks it is 1970. */
struct rig_part date_rig_unknown_minute(uint32_t i);

/** The message that says what the clock was that the unknown minutes were measured with. */
struct partial date_rig_told(int64_t off_us);
enum fleet_verdict date_rig_tell(struct archive_rig *r, const struct partial *p);

void date_rig_introduce(struct archive_rig *r);
void date_rig_send_b(struct archive_rig *r, uint32_t i);

void date_rig_begin(struct archive_rig *r);
void date_rig_end(struct archive_rig *r);

/** @n seconds of the collector's life. */
void date_rig_tick(struct archive_rig *r, int n);

#endif
