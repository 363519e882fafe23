/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host - the machine runnel runs on, from /proc, /sys and statvfs(3).
 *
 * Descriptors stay open and are read again from the start, which saves the walk along the path for each reading. The
 * processor's temperature is the one thing that is searched for, once per probe: a thermal zone named after the
 * processor, or the hwmon of its own sensor, or else the first thermal zone. Machines without one give NaN.
 */
#include "drivers/host.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

#include "base/fileio.h"
#include "drivers/sensor.h"

enum source { LOADAVG, STAT, MEMINFO, NET_DEV, UPTIME, TEMPERATURE, N_SOURCES };
enum channel_index {
	LOAD1,
	CPU_BUSY,
	MEMORY_USED,
	MEMORY_AVAILABLE,
	DISK_USED,
	NET_RX,
	NET_TX,
	CPU_TEMPERATURE,
	UP,
	N_CHANNELS
};
enum {
	TEXT_BYTES = 16384, /* about 120 interfaces */
	PATH_BYTES = 192,
	MAX_ZONES = 32,
	FIRST_WAIT_US = 200000, /* ticks are 10 ms: what is busy needs some to show */
};

struct host {
	const char *path, *interface;

	const char *root;
	int fds[N_SOURCES]; /* plus 1, so that zero is closed */
	bool is_first;	    /* no reading since the probe */
	struct host_cpu cpu;
	struct host_net net;
	char text[TEXT_BYTES];
};

static const char *const paths[N_SOURCES] = {
	[LOADAVG] = "/proc/loadavg", [STAT] = "/proc/stat",	[MEMINFO] = "/proc/meminfo",
	[NET_DEV] = "/proc/net/dev", [UPTIME] = "/proc/uptime",
};

static const struct opt options[] = {
	{ "path", OPT_TEXT, offsetof(struct host, path), .def = "/", .help = "a directory on the disk of disk_used" },
	{ "interface", OPT_TEXT, offsetof(struct host, interface),
	  .help = "network interface of net_rx and net_tx; default: all but lo, added up" },
};

static const struct channel channels[N_CHANNELS] = {
	[LOAD1] = { "load1", "1", .help = "tasks running or waiting for disk, averaged over a minute" },
	[CPU_BUSY] = { "cpu_busy", "%", .max = 100, .help = "busy share of all processors since the reading before" },
	[MEMORY_USED] = { "memory_used", "%", .max = 100, .help = "memory that is not available to programs" },
	[MEMORY_AVAILABLE] = { "memory_available", "MiBy",
			       .help = "memory a program could still get without swapping" },
	[DISK_USED] = { "disk_used", "%", .max = 100, .help = "used share of the file system that holds path" },
	[NET_RX] = { "net_rx", "By", CHANNEL_COUNTER, .help = "bytes received" },
	[NET_TX] = { "net_tx", "By", CHANNEL_COUNTER, .help = "bytes sent" },
	[CPU_TEMPERATURE] = { "cpu_temperature", "Cel", .min = -40, .max = 150,
			      .help = "processor or board, where the machine measures it" },
	[UP] = { "uptime", "s", .help = "time since the machine started" },
};

void host_set_root(void *state, const char *root)
{
	((struct host *)state)->root = root;
}

static int open_below(const struct host *h, const char *path)
{
	char full[PATH_BYTES];
	int n = snprintf(full, sizeof(full), "%s%s", h->root ? h->root : "", path);

	return n < (int)sizeof(full) ? fileio_open(full) : -ENAMETOOLONG;
}

/** The whole text of a source, NUL-terminated in h->text. */
static int read_text(struct host *h, enum source source)
{
	ssize_t n = fileio_reread(h->fds[source] - 1, h->text, sizeof(h->text) - 1);

	if (n < 0)
		return (int)n;
	h->text[n] = '\0';
	return 0;
}

static void host_close(void *state)
{
	struct host *h = state;

	for (size_t i = 0; i < N_SOURCES; i++)
		if (h->fds[i]) {
			fileio_close(h->fds[i] - 1);
			h->fds[i] = 0;
		}
}

/* --- temperature --- */

static bool is_absent(int error)
{
	return error == -ENOENT || error == -ENOTDIR || error == -EACCES || error == -ENODEV;
}

static bool is_processor(const char *name)
{
	static const char *const parts[] = { "cpu", "x86_pkg", "soc", "coretemp", "k10temp", "zenpower" };

	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (strstr(name, parts[i]))
			return true;
	return false;
}

/**
 * The number of the first of the directories @dir0, @dir1, ... whose file @file tells of a processor.
 * @return  0 or more; *@n_seen directories were there; -ENOENT: none of them; or negative errno
 */
static int find_processor(struct host *h, const char *dir, const char *file, int *n_seen)
{
	for (int i = 0; i < MAX_ZONES; i++) {
		char path[PATH_BYTES];
		ssize_t n;
		int fd;

		snprintf(path, sizeof(path), "%s%d/%s", dir, i, file);
		fd = open_below(h, path);
		if (is_absent(fd))
			return -ENOENT;
		if (fd < 0)
			return fd;
		n = fileio_read(fd, h->text, sizeof(h->text) - 1);
		fileio_close(fd);
		if (n < 0)
			return (int)n;
		h->text[n] = '\0';
		*n_seen = i + 1;
		if (is_processor(h->text))
			return i;
	}
	return -ENOENT;
}

static int open_temperature(struct host *h)
{
	char path[PATH_BYTES] = "";
	int n_zones = 0, n_hwmons = 0, fd, i;

	i = find_processor(h, "/sys/class/thermal/thermal_zone", "type", &n_zones);
	if (i >= 0) {
		snprintf(path, sizeof(path), "/sys/class/thermal/thermal_zone%d/temp", i);
	} else if (i == -ENOENT) {
		i = find_processor(h, "/sys/class/hwmon/hwmon", "name", &n_hwmons);
		if (i >= 0)
			snprintf(path, sizeof(path), "/sys/class/hwmon/hwmon%d/temp1_input", i);
		else if (i == -ENOENT && n_zones > 0)
			snprintf(path, sizeof(path), "/sys/class/thermal/thermal_zone0/temp");
	}
	if (!path[0])
		return i == -ENOENT ? 0 : i;
	fd = open_below(h, path);
	if (is_absent(fd))
		return 0;
	if (fd < 0)
		return fd;
	h->fds[TEMPERATURE] = fd + 1;
	return 0;
}

static int read_temperature(struct host *h, double *celsius)
{
	int r;

	*celsius = NAN;
	if (!h->fds[TEMPERATURE])
		return 0;
	r = read_text(h, TEMPERATURE);
	if (is_absent(r) || r == -EAGAIN || r == -EINVAL || r == -ENODATA || r == -ENXIO)
		return 0; /* what drivers say while the sensor is asleep */
	return r < 0 ? r : host_parse_milli(h->text, celsius);
}

/* --- steps --- */

static int open_sources(struct host *h, struct sensor_error *err)
{
	for (size_t i = 0; i < TEMPERATURE; i++) {
		int fd = open_below(h, paths[i]);

		if (fd < 0) {
			snprintf(err->text, sizeof(err->text), "cannot open %s: %s", paths[i], strerror(-fd));
			return fd;
		}
		h->fds[i] = fd + 1;
	}
	return open_temperature(h);
}

static int host_probe(void *state, int64_t now_us, struct sensor_error *err)
{
	struct host *h = state;
	struct host_net seen = { .n = 0 };
	int r;

	(void)now_us;
	host_close(h);
	r = open_sources(h, err);
	if (r < 0)
		return r;
	r = read_text(h, STAT);
	if (r < 0 || (r = host_parse_cpu(h->text, &h->cpu)) < 0)
		return r;
	r = read_text(h, NET_DEV);
	if (r < 0)
		return r;
	if (h->interface && !host_net_update(&seen, h->text, h->interface)) {
		snprintf(err->text, sizeof(err->text), "no network interface '%s' here", h->interface);
		return -ENODEV;
	}
	h->is_first = true;
	return 0;
}

static int64_t host_trigger(void *state, int64_t now_us)
{
	const struct host *h = state;

	(void)now_us;
	return h->is_first ? FIRST_WAIT_US : 0;
}

static int read_numbers(struct host *h, double v[], struct host_cpu *cpu)
{
	struct statvfs fs;
	int r;

	if ((r = read_text(h, LOADAVG)) < 0 || (r = host_parse_load(h->text, &v[LOAD1])) < 0)
		return r;
	if ((r = read_text(h, STAT)) < 0 || (r = host_parse_cpu(h->text, cpu)) < 0)
		return r;
	v[CPU_BUSY] = host_cpu_percent(&h->cpu, cpu);
	if ((r = read_text(h, MEMINFO)) < 0 ||
	    (r = host_parse_memory(h->text, &v[MEMORY_USED], &v[MEMORY_AVAILABLE])) < 0)
		return r;
	if ((r = read_text(h, UPTIME)) < 0 || (r = host_parse_uptime(h->text, &v[UP])) < 0)
		return r;
	if ((r = fileio_statvfs(h->path, &fs)) < 0)
		return r;
	v[DISK_USED] = host_disk_percent(&fs);
	return read_temperature(h, &v[CPU_TEMPERATURE]);
}

static int host_collect(void *state, int64_t now_us, double out[])
{
	struct host *h = state;
	struct host_cpu cpu;
	double v[N_CHANNELS];
	bool has_net;
	int r;

	(void)now_us;
	r = read_numbers(h, v, &cpu);
	if (r < 0)
		return r;
	r = read_text(h, NET_DEV);
	if (r < 0)
		return r;

	has_net = host_net_update(&h->net, h->text, h->interface);
	v[NET_RX] = has_net ? (double)h->net.received : NAN;
	v[NET_TX] = has_net ? (double)h->net.sent : NAN;
	if (!isnan(v[CPU_BUSY]))
		h->cpu = cpu;
	h->is_first = false;
	memcpy(out, v, sizeof(v));
	return 0;
}

const struct sensor_driver host_driver = {
	.name = "host",
	.help = "this machine: load, processor, memory, disk, network, temperature",
	.options = { options, ARRAY_LEN(options) },
	.channels = channels,
	.n_channels = ARRAY_LEN(channels),
	.state_size = sizeof(struct host),
	.probe = host_probe,
	.trigger = host_trigger,
	.collect = host_collect,
	.close = host_close,
};
