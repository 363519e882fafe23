/* SPDX-License-Identifier: Apache-2.0 */
/*
 * w1 - thermometers on a 1-wire bus (DS18B20, DS18S20, DS1822, DS1825, DS28EA00) by the kernel's w1_therm.
 *
 * The file w1_slave is read, not `temperature`, because it shows the memory of the chip and the verdict on its CRC:
 *   "a0 01 4b 46 7f ff 10 10 6e : crc=6e YES\na0 01 4b 46 7f ff 10 10 6e t=26000\n"
 * Refused are a wrong CRC; nine zero bytes, which have a right one and come from a bus that is shorted to ground; and a chip
 * that lost its power before or in the conversion. It shows 85 or 127.94 degrees with 0x0C in byte 6, as the kernel's
 * Documentation/w1/slaves/w1_therm says; 85 degrees that were measured have another byte there. (On a DS18S20 it may be the
 * same: exactly 85.0 of that chip is always refused.)
 *
 * Reading BLOCKS for the conversion, up to 750 ms at 12 bits, 94 ms at 9: the kernel sleeps in the read. The whole agent waits with
 * it: other sensors are read that much later, with the time at which they were; edges of lines have the kernel's own time stamps,
 * but more than 16 of them in the wait are lost, and counted as lost. So read 1-wire seldom (`every` of 10 s or more), or make it
 * fast: `echo 9 >/sys/bus/w1/devices/ID/resolution` (0.5 degrees), or less waiting by the files `conv_time` and `features`
 * there. therm_bulk_read is no way out: writing to it sleeps as long (trigger_bulk_read() of w1_therm.c), and it is root's.
 *
 * Proven by: tests/test_driver_w1.c on texts of the kernel's form; a bus of tests/hil/module in Linux 6.1, with
 * its own driver; no hardware yet.
 */
#include "drivers/w1.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/decimal.h"
#include "base/fileio.h"
#include "base/text.h"
#include "drivers/sensor.h"
#include "drivers/sysfs.h"

enum { TEXT_BYTES = 256, SCRATCHPAD_BYTES = 9, RESERVED = 6, AS_AT_POWER_ON = 0x0C };

#define DEVICES "/sys/bus/w1/devices"

struct w1 {
	struct sysfs_sensor files; /* the device and the root */
	int fd;			   /* plus 1, so that zero is closed */
};

static const struct opt options[] = {
	{ "device", OPT_TEXT, offsetof(struct w1, files.device), .required = true, .example = "28-000005e2fdc3",
	  .help = "number of the thermometer, a directory of /sys/bus/w1/devices; a reading holds the agent up for 750 "
		  "ms" },
};

static const struct channel channels[] = {
	{ "temperature", "Cel", .min = -55, .max = 125, .help = "temperature" },
};

static void w1_close(void *state)
{
	struct w1 *w = state;

	if (w->fd)
		fileio_close(w->fd - 1);
	w->fd = 0;
}

/* Numbers of thermometers cannot be guessed: tell which are there. */
static int explain_absent(const struct w1 *w, struct sensor_error *err)
{
	char path[SYSFS_PATH_BYTES], seen[SENSOR_ERROR_BYTES] = "";
	const struct dirent *e;
	DIR *dir;

	snprintf(path, sizeof(path), "%s" DEVICES, w->files.root ? w->files.root : "");
	dir = opendir(path);
	while (dir && (e = readdir(dir)))
		if (e->d_name[0] != '.' && strncmp(e->d_name, "w1_bus", 6) != 0) {
			size_t used = strlen(seen);

			snprintf(seen + used, sizeof(seen) - used, "%s%.20s", used ? ", " : "", e->d_name);
		}
	if (dir)
		closedir(dir);
	if (seen[0])
		snprintf(err->text, sizeof(err->text), "no thermometer '%.32s' on 1-wire; there are %.80s",
			 w->files.device, seen);
	else
		snprintf(err->text, sizeof(err->text),
			 "nothing on 1-wire: is the bus switched on (Raspberry Pi: "
			 "dtoverlay=w1-gpio), the module w1-therm loaded?");
	return -ENODEV;
}

static int w1_probe(void *state, int64_t now_us, struct sensor_error *err)
{
	struct w1 *w = state;
	char dir[SYSFS_PATH_BYTES];
	int fd;

	(void)now_us;
	w1_close(w);
	if (strchr(w->files.device, '/') || w->files.device[0] == '.' ||
	    snprintf(dir, sizeof(dir), DEVICES "/%s", w->files.device) >= (int)sizeof(dir))
		return explain_absent(w, err);
	fd = sysfs_open(w->files.root, dir, "w1_slave");
	if (fd == -ENOENT || fd == -ENOTDIR)
		return explain_absent(w, err);
	if (fd < 0)
		return fd;
	w->fd = fd + 1;
	return 0;
}

static int64_t w1_trigger(void *state, int64_t now_us)
{
	const struct w1 *w = state;

	(void)now_us;
	return w->fd ? 0 : -EIO;
}

/* @return 0 or -EBADMSG */
static int parse_scratchpad(const char *text, uint8_t bytes[SCRATCHPAD_BYTES])
{
	for (size_t i = 0; i < SCRATCHPAD_BYTES; i++) {
		const char *digits = text + 3 * i;

		if (strspn(digits, "0123456789abcdef") != 2 || digits[2] != ' ')
			return -EBADMSG;
		bytes[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	return 0;
}

static bool is_all_zero(const uint8_t bytes[SCRATCHPAD_BYTES])
{
	for (size_t i = 0; i < SCRATCHPAD_BYTES; i++)
		if (bytes[i])
			return false;
	return true;
}

int w1_parse_slave(const char *text, double *out)
{
	const char *end = strchr(text, '\n'), *number = strstr(text, "t=");
	uint8_t bytes[SCRATCHPAD_BYTES];
	double milli;

	if (!end || end - text < 4 || memcmp(end - 4, " YES", 4) != 0 || !number || number < end ||
	    parse_scratchpad(text, bytes) < 0 || decimal_parse(number + 2, strcspn(number + 2, " \n"), &milli) < 0)
		return -EBADMSG;
	if (is_all_zero(bytes))
		return -EIO;
	if (bytes[RESERVED] == AS_AT_POWER_ON && (milli == 85000.0 || milli > 125000.0))
		return -EIO;
	*out = milli / 1000.0;
	return 0;
}

static int w1_collect(void *state, int64_t now_us, double out[])
{
	const struct w1 *w = state;
	char text[TEXT_BYTES];
	ssize_t n = fileio_reread(w->fd - 1, text, sizeof(text) - 1);

	(void)now_us;
	if (n <= 0) /* the kernel's word for no answer is an empty text */
		return n == -EAGAIN || n == 0 ? -EIO : (int)n;
	text[n] = '\0';
	return w1_parse_slave(text, out);
}

const struct sensor_driver w1_driver = {
	.name = "w1",
	.help = "DS18B20 and other thermometers on a 1-wire bus",
	.options = { options, ARRAY_LEN(options) },
	.channels = channels,
	.n_channels = ARRAY_LEN(channels),
	.state_size = sizeof(struct w1),
	.probe = w1_probe,
	.trigger = w1_trigger,
	.collect = w1_collect,
	.close = w1_close,
};
