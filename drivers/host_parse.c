/* SPDX-License-Identifier: Apache-2.0 */
/* host_parse.c - formats as in proc(5). Texts are NUL-terminated and may be cut short at the end of a buffer. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "base/decimal.h"
#include "drivers/host.h"

static const char *skip_blanks(const char *p)
{
	return p + strspn(p, " \t");
}

/** The number at @p, which ends at a blank or line end. */
static int read_number(const char *p, double *out)
{
	return decimal_parse(p, strcspn(p, " \t\n"), out) < 0 ? -EBADMSG : 0;
}

/** The next whole number, and go past it. */
static bool take_count(const char **p, uint64_t *out)
{
	const char *digits = skip_blanks(*p);
	char *end;

	if (*digits < '0' || *digits > '9')
		return false;
	*out = strtoull(digits, &end, 10);
	*p = end;
	return true;
}

int host_parse_load(const char *text, double *load1)
{
	return read_number(text, load1);
}

int host_parse_uptime(const char *text, double *seconds)
{
	return read_number(text, seconds);
}

int host_parse_milli(const char *text, double *out)
{
	double x;

	if (read_number(text, &x) < 0)
		return -EBADMSG;
	*out = x / 1000.0;
	return 0;
}

int host_parse_cpu(const char *text, struct host_cpu *out)
{
	enum { IDLE = 3, IOWAIT = 4, STEAL = 7 };
	struct host_cpu cpu = { 0, 0 };
	uint64_t ticks;
	int i;

	if (strncmp(text, "cpu ", 4) != 0)
		return -EBADMSG;
	text += 4;
	for (i = 0; i <= STEAL && take_count(&text, &ticks); i++) {
		cpu.total += ticks;
		if (i != IDLE && i != IOWAIT)
			cpu.busy += ticks;
	}
	if (i <= IDLE)
		return -EBADMSG;
	*out = cpu;
	return 0;
}

double host_cpu_percent(const struct host_cpu *before, const struct host_cpu *now)
{
	double busy, total;

	if (now->total <= before->total)
		return NAN;
	/* The kernel's idle and iowait may step back a little, so busy may move more than all. */
	busy = now->busy > before->busy ? (double)(now->busy - before->busy) : 0.0;
	total = (double)(now->total - before->total);
	return busy < total ? 100.0 * busy / total : 100.0;
}

/** The value of a line "NAME:   12345 kB". */
static bool find_kib(const char *text, const char *name, uint64_t *kib)
{
	size_t len = strlen(name);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, name, len) == 0 && line[len] == ':') {
			line += len + 1;
			return take_count(&line, kib);
		}
	}
	return false;
}

int host_parse_memory(const char *text, double *used_percent, double *available_mib)
{
	uint64_t total, available;

	if (!find_kib(text, "MemTotal", &total) || total == 0)
		return -EBADMSG;
	if (!find_kib(text, "MemAvailable", &available)) {
		*used_percent = NAN;
		*available_mib = NAN;
		return 0;
	}
	if (available > total)
		available = total;
	*used_percent = 100.0 * (double)(total - available) / (double)total;
	*available_mib = (double)available / 1024.0;
	return 0;
}

static struct host_interface *find_interface(struct host_net *net, const char *name, size_t len)
{
	struct host_interface *found;

	for (size_t i = 0; i < net->n; i++)
		if (strlen(net->interfaces[i].name) == len && memcmp(net->interfaces[i].name, name, len) == 0)
			return &net->interfaces[i];
	if (net->n == HOST_MAX_INTERFACES || len >= HOST_INTERFACE_CHARS)
		return NULL;
	found = &net->interfaces[net->n++];
	memcpy(found->name, name, len);
	return found;
}

/** How far a counter went on, when it may have restarted from zero. */
static uint64_t growth(uint64_t before, uint64_t now)
{
	return now >= before ? now - before : now;
}

/** "name: RECEIVED and seven more SENT and seven more" */
static bool add_interface(struct host_net *net, const char *line, const char *only)
{
	enum { RECEIVED = 0, SENT = 8, N_COUNTS };
	const char *name = skip_blanks(line);
	size_t len = strcspn(name, ":\n");
	uint64_t counts[N_COUNTS];
	struct host_interface *i;

	if (name[len] != ':')
		return false;
	if (only ? strlen(only) != len || memcmp(only, name, len) != 0 : len == 2 && memcmp(name, "lo", 2) == 0)
		return false;
	line = name + len + 1;
	for (size_t k = 0; k < N_COUNTS; k++)
		if (!take_count(&line, &counts[k]))
			return false;
	i = find_interface(net, name, len);
	if (!i)
		return false;

	net->received += growth(i->received, counts[RECEIVED]);
	net->sent += growth(i->sent, counts[SENT]);
	i->received = counts[RECEIVED];
	i->sent = counts[SENT];
	return true;
}

bool host_net_update(struct host_net *net, const char *text, const char *only)
{
	bool any = false;

	for (const char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) /* a cut line is left out */
		any |= add_interface(net, line, only);
	return any;
}

double host_disk_percent(const struct statvfs *fs)
{
	double used = (double)fs->f_blocks - (double)fs->f_bfree;
	double usable = used + (double)fs->f_bavail;

	return usable > 0.0 ? 100.0 * used / usable : NAN;
}
