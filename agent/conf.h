/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf.h - the config file as plain structs, checked in one run: names, options, units, references between streams, KPI
 * expressions. What comes out is ready to be run: drivers and operators have their options, streams stand in order.
 */
#ifndef RUNNEL_AGENT_CONF_H
#define RUNNEL_AGENT_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/opt.h"
#include "drivers/output.h"
#include "drivers/sensor.h"
#include "pipelines/graph.h"

struct conf_mqtt {
	struct opt_list brokers; /* at least one */
	const char *prefix, *username, *password_file, *ca_file, *cert_file, *key_file;
	const char *home_assistant; /* prefix of its discovery topics; NULL: none */
	int64_t keepalive_us;
};

struct conf_spool {
	const char *path;
	int64_t max_size;
};

enum conf_trust { CONF_TRUST_AUTO, CONF_TRUST_KERNEL, CONF_TRUST_ALWAYS };

struct conf_clock {
	int trust; /* enum conf_trust */
	int64_t wait_us;
};

/** Who may change what from afar. */
struct conf_remote {
	struct opt_list keys; /* files with public keys of minisign; none: pushed configs are refused */
	int64_t confirm_within_us;
	bool local_files; /* pushed configs may name files of this board */
};

/** In tables of what goes on from one config to another: it does not. */
#define CONF_NEW SIZE_MAX

/** What values of a channel can be. */
struct conf_limits {
	double min, max; /* both 0: anything */
	double max_step; /* from one reading to the next; 0: any */
};

struct conf_sensor {
	const char *name;
	struct place at;
	const struct sensor_driver *driver;
	void *state; /* options applied */
	int64_t every_us;
	const struct channel *channels;
	size_t n_channels;
	const struct conf_limits *limits; /* one per channel; NULL: none */
	int64_t frozen_after_us;	  /* 0: never */
	size_t first_source;		  /* channel i is source first_source + i of the graph */
	const char *definition;		  /* node_define() of it */
	struct arena own;		  /* the state, its texts and channels: goes with it into another conf */
};

/** Beside each stream of the plan, and each KPI. */
struct conf_part {
	const char *definition;
	struct arena own; /* states of the operators */
};

/** When an output is on, and when in spite of that it is not. */
struct conf_action {
	const char *name;
	struct place at;
	const struct output_driver *driver;
	void *state;   /* options applied */
	bool is_kpi;   /* else a stream */
	size_t source; /* index in the plan: a state, or a KPI that is a condition */
	bool is_safe_on, holds_missing;
	int64_t min_on_us, min_off_us, max_on_us; /* 0: none */
	int64_t missing_after_us;
	const char *definition;
	struct arena own; /* the state */
};

enum conf_origin {
	CONF_OF_FILE,	/* may have a local part too, which is not looked at */
	CONF_OF_PUSHED, /* has no local part, names its target, and reaches no files unless it is allowed to */
};

struct conf_text {
	const char *text;
	size_t bytes;
};

struct conf {
	struct arena arena;
	const char *device, *site;
	struct opt_map labels;
	struct conf_mqtt mqtt;
	struct conf_spool spool;
	struct conf_clock clock;
	struct conf_remote remote;
	struct opt_list commands; /* that are obeyed */
	const char *target;	  /* of a pushed one */
	bool is_confined;	  /* may not name files of this board */
	int64_t revision;
	int64_t window_us, lateness_us;
	struct conf_sensor *sensors;
	size_t n_sensors;
	const char **source_names; /* "air.temperature", by source */
	struct series_info *sources;
	struct graph_plan plan;
	struct conf_part *stream_parts, *kpi_parts; /* by index in the plan */
	struct conf_action *actions;
	size_t n_actions;
	uint32_t hash; /* CRC-32 of the text */
};

/**
 * Read and check @text. Errors go to @d, all of them in one run.
 * @return  0, or -EINVAL; conf_free() either way
 */
int conf_parse(struct conf *c, const char *text, size_t bytes, struct diag *d);

/** The local part of one text, which is good, and what to measure of another; errors are those of the latter. */
int conf_parse_parts(struct conf *c, const struct conf_text *local, const struct conf_text *measure,
		     enum conf_origin origin, struct diag *d);

/** The part of a good config that measures, for others to see; the caller frees it. NULL: it is not written as one key after the other. */
char *conf_measure_text(const char *text, size_t bytes);

/** Read a file into memory that the caller frees. @return bytes, or negative errno with the error in @d; -EINVAL: too large */
NODISCARD long conf_read_file(const char *path, char **out, struct diag *d);

/** The same from a file; errors of reading it are in @d too. @return 0, -EINVAL, or another negative errno of open and read */
int conf_load(struct conf *c, const char *path, struct diag *d);
void conf_free(struct conf *c);

/** The option @name of @table in @state, if there is one of that type, else NULL. */
const void *conf_option(const struct opt_table *table, const void *state, const char *name, enum opt_type type);

/** Length @i of those a window may have, seconds; 0 past the end. */
uint32_t conf_window_at(size_t i);

/** The option tables of the sections, for the schema and the reference. */
extern const struct opt_table conf_top_options, conf_mqtt_options, conf_spool_options, conf_clock_options,
	conf_remote_options, conf_sensor_options, conf_stream_options, conf_kpi_options, conf_action_options;

#endif
