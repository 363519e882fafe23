/* SPDX-License-Identifier: Apache-2.0 */
/* whole.h - did everything that the devices made reach the collector? For tests, and for whoever tries a link out. */
#ifndef RUNNEL_COLLECTOR_WHOLE_H
#define RUNNEL_COLLECTOR_WHOLE_H

#include <stdbool.h>
#include <stdint.h>

#include "collector/fleet.h"

/**
 * Whether @n_devices devices came, and of each boot of each of them all partials from the first to the last it told of in its
 * status. What is missing is logged.
 */
bool fleet_is_whole(const struct fleet *f, uint64_t n_devices);

#endif
