/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The topic says who speaks, because the broker's access rules are about topics; what a message says about its sender is only compared
 * with it.
 */
#include "collector/intake.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum { NAME_BYTES = 65 };

/* Copies the level at *@topic, which must be the name of a site or device, and moves behind its slash. */
static bool take_name(const char **topic, char out[NAME_BYTES])
{
	size_t len = strcspn(*topic, "/");

	if (len >= NAME_BYTES || (*topic)[len] != '/')
		return false;
	snprintf(out, NAME_BYTES, "%.*s", (int)len, *topic);
	*topic += len + 1;
	return text_is_device_name(out);
}

static void take_contract(struct fleet *f, const struct fleet_message *m, const char *name)
{
	uint32_t hash;

	if (json_in_hash(name, &hash))
		fleet_contract(f, m, hash);
	else
		fleet_count_bad(f, m, "a contract whose topic does not end in 8 hexadecimal digits");
}

void intake_message(struct fleet *f, const char *prefix, const struct mqtt_message *m, int64_t now_us)
{
	const char *rest = m->topic;
	size_t prefix_len = strlen(prefix);
	char site[NAME_BYTES], device[NAME_BYTES];
	struct fleet_message message = { .site = site,
					 .device = device,
					 .payload = m->payload ? m->payload : "",
					 .bytes = m->payload_bytes,
					 .now_us = now_us,
					 .is_retained = m->retained };

	if (strncmp(rest, prefix, prefix_len) != 0 || rest[prefix_len] != '/')
		return;
	rest += prefix_len + 1;
	if (!take_name(&rest, site) || !take_name(&rest, device))
		return;

	if (strcmp(rest, "partial") == 0)
		fleet_partial(f, &message);
	else if (strcmp(rest, "birth") == 0)
		fleet_birth(f, &message);
	else if (strcmp(rest, "status") == 0)
		fleet_status(f, &message);
	else if (strncmp(rest, "contract/", 9) == 0)
		take_contract(f, &message, rest + 9);
}
