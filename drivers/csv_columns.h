/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csv_columns.h - from the header of a recording to the channels of a sensor.
 *
 * A column is called by its header made an identifier: of the replay form SENSOR.CHANNEL the part after the dot; every run of
 * characters other than letters, digits and "_" becomes one "_"; those at both ends go; a digit in front gets a "_" before it;
 * a header of which nothing is left becomes column_N. So "t1 (°C)" is t1_C. In options either name works.
 */
#ifndef RUNNEL_DRIVERS_CSV_COLUMNS_H
#define RUNNEL_DRIVERS_CSV_COLUMNS_H

#include <stddef.h>
#include <stdint.h>

#include "base/csv.h"
#include "drivers/sensor.h"

enum { CSV_NAME_BYTES = 65 };

/** What the user says about columns. */
struct csv_wishes {
	const char *time;
	struct opt_list columns, counters, states;
	struct opt_map units;
};

struct csv_columns {
	size_t n_cells; /* of a row */
	size_t time_cell;
	size_t n;			   /* channels */
	size_t cells[SENSOR_MAX_CHANNELS]; /* of each channel */
	struct channel channels[SENSOR_MAX_CHANNELS];
	char names[SENSOR_MAX_CHANNELS][CSV_NAME_BYTES];
};

/** The rule above. @column: 1-based, for what has no name. */
void csv_column_name(struct csv_cell header, size_t column, char name[CSV_NAME_BYTES]);

/** From the header in @row. @return 0, or -EINVAL with @err filled */
NODISCARD int csv_columns_read(struct csv_columns *out, const struct csv *row, const struct csv_wishes *wishes,
			       struct sensor_error *err);

#endif
