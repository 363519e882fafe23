/* SPDX-License-Identifier: Apache-2.0 */
/* mqtt_options.h - the options of a connection: checked, copied, and the files they name. Part of mqtt.c. */
#ifndef RUNNEL_BASE_MQTT_OPTIONS_H
#define RUNNEL_BASE_MQTT_OPTIONS_H

#include "base/arena.h"
#include "base/mqtt.h"
#include "base/mqtt_text.h"

/** @return 0 or -EINVAL */
NODISCARD int mqtt_options_check(const struct mqtt_options *o, struct mqtt_broker *broker);

/** Copy @from, texts to @arena, defaults filled in. */
void mqtt_options_keep(struct mqtt_options *to, const struct mqtt_options *from, struct arena *arena);

/**
 * Read the password, and see whether the files for TLS are there. Done for each attempt, so that what was missing or is
 * exchanged is found without a restart. @password is untouched when there is none.
 * @reason: for people. @return 0 or negative errno
 */
NODISCARD int mqtt_options_read_files(const struct mqtt_options *o, bool is_tls,
				      char password[static MQTT_PASSWORD_BYTES], char reason[static MQTT_REASON_BYTES]);

bool mqtt_message_is_valid(const struct mqtt_message *msg);

#endif
