/* SPDX-License-Identifier: Apache-2.0 */
/* output_registry.c - the table of output.h as pointers. */
#include <string.h>

#include "drivers/output.h"

#define DECLARE(name) extern const struct output_driver name##_driver;
OUTPUT_DRIVERS(DECLARE)

#define ROW(name) &name##_driver,
static const struct output_driver *const drivers[] = { OUTPUT_DRIVERS(ROW) };

const struct output_driver *output_driver_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(drivers); i++)
		if (strcmp(drivers[i]->name, name) == 0)
			return drivers[i];
	return NULL;
}

const struct output_driver *output_driver_at(size_t i)
{
	return i < ARRAY_LEN(drivers) ? drivers[i] : NULL;
}
