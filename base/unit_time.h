/* SPDX-License-Identifier: Apache-2.0 */
/* unit_time.h - the unit of a quantity per time and times time, where the table of units has one; else that of a plain number. */
#ifndef RUNNEL_BASE_UNIT_TIME_H
#define RUNNEL_BASE_UNIT_TIME_H

#include <stdint.h>

#include "base/unit.h"

/** L in 60 s: "L/min"; Cel in an hour: "K/h". "1" when there is no such unit. */
const struct unit *unit_per_time(const struct unit *unit, int64_t per_us);

/** W for 3600 s: "W.h". "1" when there is no such unit. */
const struct unit *unit_times_time(const struct unit *unit, int64_t per_us);

#endif
