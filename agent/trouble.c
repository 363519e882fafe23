/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/trouble.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

const char *trouble_name(enum trouble t)
{
	static const char *const names[N_TROUBLES] = {
		[TROUBLE_ABSENT] = "absent",
		[TROUBLE_CHECKSUM] = "checksum",
		[TROUBLE_BUS] = "bus",
		[TROUBLE_TIMEOUT] = "timeout",
		[TROUBLE_FROZEN] = "frozen",
		[TROUBLE_RANGE] = "out_of_range",
		[TROUBLE_STEP] = "impossible_step",
		[TROUBLE_DENIED] = "no_permission",
		[TROUBLE_IN_USE] = "in_use",
		[TROUBLE_OTHER] = "other",
	};

	return names[t];
}

/* @bus: for chips on I2C; @other: for anything else. %s: where. NULL: as strerror() has it */
static const struct meaning {
	int error;
	enum trouble trouble;
	const char *bus, *other;
} meanings[] = {
	{ EREMOTEIO, TROUBLE_ABSENT, "no answer (no acknowledge) at %s: absent, unpowered or another address",
	  "no answer from %s: absent or unpowered" },
	{ ENXIO, TROUBLE_ABSENT, "no answer (no acknowledge) at %s: absent, unpowered or another address",
	  "no answer from %s: absent or unpowered" },
	{ ENODEV, TROUBLE_ABSENT, "no answer, or not this chip, at %s", "no such device: %s" },
	{ ENOENT, TROUBLE_ABSENT, NULL, NULL },
	{ EBADMSG, TROUBLE_CHECKSUM, "checksum wrong at %s", "checksum wrong, or not what it sends: %s" },
	{ EIO, TROUBLE_BUS, "bus error at %s: arbitration lost, clock stretched too long, or SDA or SCL held low",
	  "reading %s failed: unpowered, or the wire is shorted or broken" },
	{ EAGAIN, TROUBLE_BUS, "bus error at %s: arbitration lost", NULL },
	{ ETIMEDOUT, TROUBLE_TIMEOUT, "timed out at %s: SDA or SCL held low, or nobody answers",
	  "%s: no answer in time" },
	{ EACCES, TROUBLE_DENIED, NULL, NULL },
	{ EPERM, TROUBLE_DENIED, NULL, NULL },
	{ EBUSY, TROUBLE_IN_USE, "%s is in use by a driver of the kernel", "%s is in use by another program" },
};

static const struct meaning *find(int error)
{
	for (size_t i = 0; i < ARRAY_LEN(meanings); i++)
		if (meanings[i].error == -error)
			return &meanings[i];
	return NULL;
}

enum trouble trouble_of(int error)
{
	const struct meaning *m = find(error);

	return m ? m->trouble : TROUBLE_OTHER;
}

static const char *text_option(const struct conf_sensor *s, const char *name)
{
	const char *const *text = conf_option(&s->driver->options, s->state, name, OPT_TEXT);

	return text ? *text : NULL;
}

const char *trouble_place(const struct conf_sensor *s, char *buf, size_t buf_bytes)
{
	const char *bus = text_option(s, "bus"), *chip = text_option(s, "chip"), *line = text_option(s, "line");
	const char *device = text_option(s, "device"), *path = text_option(s, "path");
	const char *echo = text_option(s, "echo");
	const int64_t *address = conf_option(&s->driver->options, s->state, "address", OPT_INT);

	if (bus && address)
		snprintf(buf, buf_bytes, "%.60s 0x%02x", bus, (unsigned)*address);
	else if (chip && (line || echo))
		snprintf(buf, buf_bytes, "%.40s line %.40s", chip, line ? line : echo);
	else
		snprintf(buf, buf_bytes, "%.100s", device ? device : path ? path : "");
	return buf;
}

const char *trouble_text(const struct conf_sensor *s, int error, char *buf, size_t buf_bytes)
{
	const struct meaning *m = find(error);
	bool is_on_bus = text_option(s, "bus") && conf_option(&s->driver->options, s->state, "address", OPT_INT);
	const char *words = !m ? NULL : is_on_bus ? m->bus : m->other, *gap = words ? strstr(words, "%s") : NULL;
	char place[TROUBLE_PLACE_BYTES];

	trouble_place(s, place, sizeof(place));
	if (gap)
		snprintf(buf, buf_bytes, "%.*s%s%s", (int)(gap - words), words, place[0] ? place : "the device",
			 gap + 2);
	else
		snprintf(buf, buf_bytes, "%s%s%s", place, place[0] ? ": " : "", strerror(-error));
	return buf;
}
