/* SPDX-License-Identifier: Apache-2.0 */
/* conf_private.h - the parts of reading a config, in the order in which they run. Each adds its errors to @d and goes on. */
#ifndef RUNNEL_AGENT_CONF_PRIVATE_H
#define RUNNEL_AGENT_CONF_PRIVATE_H

#include "agent/conf.h"
#include "agent/yaml_place.h"

enum {
	CONF_MAX_NAMES = 1000, /* in a section */
	CONF_MAX_CHAIN = 64,   /* streams that take from each other, one after the other */
};

void conf_read_sensors(struct conf *c, const struct node *sensors, struct diag *d);

/** The options at the top that say what to measure; if it is pushed, errors for what is the board's alone and what it lacks. */
void conf_read_pushed(struct conf *c, const struct node *root, bool is_pushed, struct diag *d);

/** node_define() of @n, in the arena of @c. */
const char *conf_define(struct conf *c, const struct node *n);

/** What the config of a sensor says of the values it can give. */
struct conf_limits_options {
	struct opt_map limits, max_step;
	int64_t frozen_after_us;
};

/** The channels of @s are known. */
void conf_read_limits(struct conf *c, struct conf_sensor *s, const struct conf_limits_options *o, struct diag *d);

/** The streams have been read. */
void conf_read_actions(struct conf *c, const struct node *root, struct diag *d);

/** No two at one address of a bus or on one GPIO line. */
void conf_check_places(struct conf *c, const struct node *root, struct diag *d);

/** Of the stream @n, whose last operator gives @info. False, with errors in @d, when they are wrong. */
bool conf_read_stream_options(struct conf *c, const struct node *n, const struct series_info *info,
			      struct graph_stream *s, struct diag *d);

void conf_read_streams(struct conf *c, const struct node *streams, struct diag *d);
void conf_read_kpis(struct conf *c, const struct node *kpis, const struct node *streams,
		    const struct yaml_source *source, struct diag *d);

/** 1s 5s 10s 15s 30s 1m 5m 15m 1h. Reports an error at @at and returns 0 for any other length. */
uint32_t conf_window_s(int64_t us, struct place at, struct diag *d);

/** Report that @name, a kind of thing called @what, is not among @known; with the nearest one. */
void conf_unknown(struct diag *d, struct place at, const char *what, const char *name, const char *const known[],
		  size_t n_known);

/** False, with an error, when the key of @n is no identifier. */
bool conf_name_ok(const struct node *n, const char *what, struct diag *d);

/** The map's length when @n is a map; errors for anything else but nothing. */
size_t conf_map_length(const struct node *n, const char *what, struct diag *d);

#endif
