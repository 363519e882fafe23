/* SPDX-License-Identifier: Apache-2.0 */
/*
 * registry.c - the table of sensor.h as pointers. A table and not constructors, because a static library
 * drops what nothing refers to.
 */
#include <string.h>

#include "drivers/sensor.h"

#define DECLARE(name) extern const struct sensor_driver name##_driver;
SENSOR_DRIVERS(DECLARE)

#define ROW(name) &name##_driver,
static const struct sensor_driver *const drivers[] = { SENSOR_DRIVERS(ROW) };

const struct sensor_driver *sensor_driver_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(drivers); i++)
		if (strcmp(drivers[i]->name, name) == 0)
			return drivers[i];
	return NULL;
}

const struct sensor_driver *sensor_driver_at(size_t i)
{
	return i < ARRAY_LEN(drivers) ? drivers[i] : NULL;
}
