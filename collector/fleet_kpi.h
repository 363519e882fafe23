/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fleet_kpi.h - the KPIs of the contracts, over the merged aggregates of a site.
 *
 *   E  expected_devices: devices whose current contract has the KPI, born and not retired; and, so that E counts all whose data are in
 *      the value, whoever reported without being expected (retired since, or moved to a contract without the KPI).
 *   R  devices: devices of E with a part of a stream of the KPI in the window.
 *   C  complete_devices: devices of E from which nothing more can come for the window. Of retired ones nothing can.
 *
 * n and expected are sums over the streams of the KPI, like a sum over its inputs: for the usual KPI of one stream, n is what its
 * value was made of, and n < expected says that samples are missing, whatever the expression. expected is, for each
 * device of E and each stream, what its parts say was due, or what a whole window should bring if that is more: a device that
 * is silent, or lost a part, is still due. coverage is that of the worst stream: a KPI is as good as the worse of its inputs.
 *
 * Devices may define a KPI of one name in different ways. Each definition is a group; the one with more devices (at a tie: the
 * smaller text) is computed, over the data of all devices that have its streams, and the disagreement is logged and shown.
 */
#ifndef RUNNEL_COLLECTOR_FLEET_KPI_H
#define RUNNEL_COLLECTOR_FLEET_KPI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/dynbuf.h"
#include "collector/fleet.h"

enum { FLEET_KPI_MAX_NAMES = 1024, FLEET_KPI_MAX_ROWS = 64 * 1024 }; /* of a site */

/**
 * PROVISIONAL: C < E. COMPLETE: C = E, nothing more can come from those that are expected. CLOSED: C < E, and the deadline has passed since
 * the window ended, and since it was first told, which for recorded data is later. Only
 * labels: what comes later counts whenever it comes, and makes a new version.
 */
enum fleet_kpi_state { FLEET_KPI_PROVISIONAL, FLEET_KPI_COMPLETE, FLEET_KPI_CLOSED };

enum { FLEET_KPI_N_WORST = 3, FLEET_KPI_WORST_BYTES = 320 };

/** The KPI of each device by itself. Told with a store only, of windows that are complete or closed. */
struct fleet_spread {
	size_t n; /* devices with a value; 0: not known */
	double low, median, high;
	size_t n_worst;
	struct {
		char device[65];
		double value;
	} worst[FLEET_KPI_N_WORST]; /* farthest from the median; at a tie the smaller name */
};

struct fleet_kpi {
	const char *site, *name;
	uint64_t w0;
	uint32_t wl;
	double value; /* NaN: missing */
	char unit[JSON_IN_UNIT_BYTES + 1];
	uint64_t n, expected;
	size_t devices, expected_devices, complete_devices; /* R, E, C */
	double coverage;				    /* NaN: nothing is due */
	enum fleet_kpi_state state;
	struct fleet_spread spread;
	uint64_t since;	      /* when it was told first, Unix s. Not told in JSON */
	uint32_t version;     /* from 1; grows when anything else here changes after it was told */
	size_t n_definitions; /* of this name in the site; more than 1: a disagreement. Not told in JSON */
};

/** @is_newest: no later window of this KPI has been told. @k is valid during the call. */
struct fleet_kpi_sink {
	void (*tell)(void *ctx, const struct fleet_kpi *k, bool is_newest);
	void *ctx;
};

/**
 * Tell what changed: complete windows always; provisional ones only @with_provisional, and only when the window is over by the watermark
 * of some device. Also forgets what is older than is to be kept.
 */
void fleet_kpi_update(struct fleet *f, bool with_provisional, const struct fleet_kpi_sink *sink);

/** The same for one site, without forgetting. */
void fleet_kpi_update_site(struct fleet *f, struct site *s, const struct fleet_kpi_sink *sink);

/** {"type":"fleet_kpi",...}, without a line end. */
void fleet_kpi_to_json(const struct fleet_kpi *k, struct dynbuf *out);

const char *fleet_kpi_state_name(enum fleet_kpi_state state);
enum fleet_kpi_state fleet_kpi_state_of(const char *name);

/** "a=1.5 b=-3" to @out. @return @out */
const char *fleet_kpi_worst_names(const struct fleet_kpi *k, char out[static FLEET_KPI_WORST_BYTES]);

/** The other way round: what cannot be read is left out. */
void fleet_kpi_parse_worst(struct fleet_kpi *k, const char *text);

/** What was told of a window before: its versions go on from there. */
void fleet_kpi_restore(struct fleet *f, struct site *s, const struct fleet_kpi *told);

/** What was told and is not in the store yet. @each returns 0 when it is now. @return 0 or what @each returned */
NODISCARD int fleet_kpi_each_unsaved(struct site *s, int (*each)(void *ctx, const struct fleet_kpi *k), void *ctx);

/** All of them are in the store. */
void fleet_kpi_saved(struct site *s);

/** The newest window told of KPI @i of the site, in order of names; NULL past the end. Valid until the next update. */
const struct fleet_kpi *fleet_kpi_newest(const struct site *s, size_t i);

/** What a KPI is made of; texts and pointers are valid until the next update. */
struct fleet_kpi_origin {
	const char *expression; /* "" when no device has it now */
	size_t n_devices;	/* that have it so */
	size_t n_streams;
	const char *streams[EXPR_MAX_STREAMS];
	const struct fleet_kpi *newest;	 /* NULL: nothing was told */
	const struct fleet_kpi *settled; /* its newest window that is COMPLETE or CLOSED; NULL: none in memory */
};

void fleet_kpi_origin(const struct site *s, const char *name, struct fleet_kpi_origin *out);

/** What was told, and is in memory, of windows that do not begin before @from; in order of time. */
void fleet_kpi_each_told(const struct site *s, const char *name, uint64_t from,
			 void (*each)(void *ctx, const struct fleet_kpi *k), void *ctx);

/* For fleet.c. */
void fleet_kpi_init(struct site *s);
void fleet_kpi_free(struct site *s);
void fleet_kpi_forget(struct site *s);

#endif
