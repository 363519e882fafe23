/* SPDX-License-Identifier: Apache-2.0 */
/* host.h - the texts of /proc, read apart from the files so that recorded ones can be tested. */
#ifndef RUNNEL_DRIVERS_HOST_H
#define RUNNEL_DRIVERS_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"

enum { HOST_MAX_INTERFACES = 64, HOST_INTERFACE_CHARS = 16 };

struct host_cpu {
	uint64_t busy, total; /* in ticks since boot, all processors */
};

/**
 * Bytes of several interfaces as two counters that never fall: an interface that goes away keeps its share, and one
 * that restarts from zero goes on from what it had. A plain sum would fall, and a counter that falls counts anew.
 */
struct host_net {
	struct host_interface {
		char name[HOST_INTERFACE_CHARS];
		uint64_t received, sent; /* as last read */
	} interfaces[HOST_MAX_INTERFACES];
	size_t n; /* those beyond the table are not counted */
	uint64_t received, sent;
};

/* All return 0, or -EBADMSG for a text that is not what the kernel writes. */

/** /proc/loadavg */
NODISCARD int host_parse_load(const char *text, double *load1);

/** First line of /proc/stat. Waiting for input and output is not busy; what guests use is in user time. */
NODISCARD int host_parse_cpu(const char *text, struct host_cpu *out);

/** Share of busy time between two readings; NaN when no tick went by. */
double host_cpu_percent(const struct host_cpu *before, const struct host_cpu *now);

/** /proc/meminfo. Used is what is not available, as in free(1). NaN on kernels before 3.14, which do not say. */
NODISCARD int host_parse_memory(const char *text, double *used_percent, double *available_mib);

/** /proc/uptime */
NODISCARD int host_parse_uptime(const char *text, double *seconds);

/** A number of thousandths, as thermal zones and hwmon have. */
NODISCARD int host_parse_milli(const char *text, double *out);

/** Add what /proc/net/dev shows. @only: this interface, or NULL for all but lo. @return was there one? */
bool host_net_update(struct host_net *net, const char *text, const char *only);

struct statvfs;

/** As df(1): of what users can have, so that 100 is full for them. */
double host_disk_percent(const struct statvfs *fs);

/** For tests: read /proc and /sys below @root, which is borrowed. Before the first probe. */
void host_set_root(void *state, const char *root);

#endif
