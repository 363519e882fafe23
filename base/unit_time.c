/* SPDX-License-Identifier: Apache-2.0 */
#include "base/unit_time.h"

#include <stddef.h>
#include <string.h>

#include "base/check.h"

enum { SECOND = 1, MINUTE = 60, HOUR = 3600 };

static const struct row {
	const char *amount, *rate; /* rate * time = amount */
	int64_t time_s;
} rows[] = {
	{ "m", "m/s", SECOND },	     { "km", "km/h", HOUR },	    { "mm", "mm/s", SECOND },
	{ "mm", "mm/h", HOUR },	     { "m/s", "m/s2", SECOND },	    { "deg", "deg/s", SECOND },
	{ "L", "L/min", MINUTE },    { "L", "L/h", HOUR },	    { "m3", "m3/h", HOUR },
	{ "J", "W", SECOND },	     { "W.h", "W", HOUR },	    { "kW.h", "kW", HOUR },
	{ "A.h", "A", HOUR },	     { "By", "By/s", SECOND },	    { "KiBy", "KiBy/s", SECOND },
	{ "{count}", "Hz", SECOND }, { "{count}", "/min", MINUTE }, { "{count}", "/h", HOUR },
	{ "1", "Hz", SECOND },	     { "1", "/min", MINUTE },	    { "1", "/h", HOUR },
	{ "K", "K/s", SECOND },	     { "K", "K/min", MINUTE },	    { "K", "K/h", HOUR },
	{ "hPa", "hPa/h", HOUR },
};

const struct unit *unit_per_time(const struct unit *unit, int64_t per_us)
{
	unit = unit_of_difference(unit);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strcmp(rows[i].amount, unit->code) == 0 && rows[i].time_s * 1000000 == per_us)
			return unit_find(rows[i].rate);
	return unit_find("1");
}

const struct unit *unit_times_time(const struct unit *unit, int64_t per_us)
{
	if (strcmp(unit->code, "1") == 0 && per_us % 1000000 == 0) { /* of a state: how long it was 1 */
		if (per_us == INT64_C(1000000) * SECOND)
			return unit_find("s");
		if (per_us == INT64_C(1000000) * MINUTE)
			return unit_find("min");
		if (per_us == INT64_C(1000000) * HOUR)
			return unit_find("h");
	}
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strcmp(rows[i].rate, unit->code) == 0 && rows[i].time_s * 1000000 == per_us)
			return unit_find(rows[i].amount);
	return unit_find("1");
}
