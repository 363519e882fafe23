/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/scan.h"

#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

void scan_run(struct scan *out, const struct scan_world *world)
{
	memset(out, 0, sizeof(*out));
	out->world = world;
	scan_i2c(out);
	if (world->bus)
		return;
	scan_gpio(out);
	scan_sysfs(out);
}

void scan_free(struct scan *s)
{
	arena_free(&s->arena);
}

bool scan_is_incomplete(const struct scan *s)
{
	for (size_t i = 0; i < s->n_buses; i++)
		if (s->buses[i].error)
			return true;
	for (size_t i = 0; i < s->n_gpios; i++)
		if (s->gpios[i].error)
			return true;
	return s->world->bus && s->n_buses == 0;
}

const char *scan_clean(char *text)
{
	for (char *p = text; *p; p++)
		if (*p < ' ' || *p > '~')
			*p = '?';
	return text;
}

void scan_explain_permission(const char *path, const char *subsystem, char why[SCAN_WHY_BYTES])
{
	const struct group *group = NULL;
	struct stat node;

	if (stat(path, &node) == 0 && node.st_gid != 0 && (node.st_mode & 0060) == 0060)
		group = getgrgid(node.st_gid);
	if (group)
		snprintf(why, SCAN_WHY_BYTES,
			 "no permission for %.60s: the user must be in its group %.32s (sudo usermod -aG %.32s USER, "
			 "then log in "
			 "anew)",
			 path, group->gr_name, group->gr_name);
	else
		snprintf(why, SCAN_WHY_BYTES,
			 "no permission for %.60s, which is root's: a udev rule is missing, SUBSYSTEM==\"%s\", "
			 "GROUP=\"%.3s%s\", MODE=\"0660\" in /etc/udev/rules.d/60-%.3s.rules",
			 path, subsystem, subsystem, strcmp(subsystem, "gpio") == 0 ? "o" : "", subsystem);
}
