/* SPDX-License-Identifier: Apache-2.0 */
/* mqtt_hurry.h - wake paho's receiving thread when there is a connection to attend to. Part of mqtt_paho.h. */
#ifndef RUNNEL_BASE_MQTT_HURRY_H
#define RUNNEL_BASE_MQTT_HURRY_H

#include <signal.h>

/** What wakes it. Must not be blocked in paho's threads. Ignored by default, so a stray one does no harm. */
enum { MQTT_HURRY_SIGNAL = SIGURG };

/** Install an empty handler for the signal, for the whole process. */
void mqtt_hurry_prepare(void);

/** A new attempt: forget who slept. */
void mqtt_hurry_start(void);

/** A line of paho's trace, in the thread that it tells of. */
void mqtt_hurry_line(const char *line);

#endif
