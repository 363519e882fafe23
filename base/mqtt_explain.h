/* SPDX-License-Identifier: Apache-2.0 */
/* mqtt_explain.h - why a connection attempt failed, from the lines of paho's trace. Any thread. */
#ifndef RUNNEL_BASE_MQTT_EXPLAIN_H
#define RUNNEL_BASE_MQTT_EXPLAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/mqtt_text.h"

/** A new attempt: forget what was known. */
void mqtt_explain_start(void);

void mqtt_explain_line(const char *line);

/** @return whether anything is known; @out is untouched when not */
bool mqtt_explain_get(char *out, size_t out_bytes);

#endif
