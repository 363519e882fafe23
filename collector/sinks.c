/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cursors live in the store they count the changes of: a store that is restored from a backup, or begun anew, has the cursors that belong to it.
 *
 * A cursor that is ahead of the other end would lose rows, one that is behind repeats some: it is written after the other end has taken them.
 */
#include "collector/sinks.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/args.h"
#include "base/log.h"
#include "collector/reader.h"
#include "collector/sink_worker.h"
#include "collector/sorted.h"

enum { GRACE_US = 2000000 };

struct sinks {
	struct arena arena;
	struct reader *reader; /* of the collector's own store */
	size_t n;
	bool is_problem_logged;
	struct sink_worker workers[SINKS_MAX];
};

static const char *key_of(const struct sink_worker *w, int feed, char key[static SINK_NAME_BYTES + 8])
{
	snprintf(key, SINK_NAME_BYTES + 8, "%s %s", w->spec.config.common.name, feed == SINK_KPIS ? "kpis" : "parts");
	return key;
}

/* --- what was asked for --- */

static int parse(struct sinks *s, const char *const specs[], size_t n)
{
	assert(n <= SINKS_MAX);
	for (s->n = 0; s->n < n; s->n++) {
		struct sink_worker *w = &s->workers[s->n];

		if (sink_spec_parse(&w->spec, specs[s->n], &s->arena) < 0)
			return -EINVAL;
		for (size_t i = 0; i < s->n; i++) {
			if (strcmp(s->workers[i].spec.config.common.name, w->spec.config.common.name) != 0)
				continue;
			args_explain("runnel-collector", "run",
				     "--sink '%s': two of one name: give them name=", specs[s->n]);
			return -EINVAL;
		}
	}
	return 0;
}

int sinks_check(const char *const specs[], size_t n)
{
	struct sinks *s = sorted_alloc(sizeof(*s));
	int r = parse(s, specs, n);

	arena_free(&s->arena);
	free(s);
	return r;
}

void sinks_print_help(void)
{
	const struct sink_kind *k;
	char expects[128];

	puts("\nSinks: --sink \"KIND NAME=VALUE ...\"");
	for (size_t i = 0; (k = sink_kind_at(i)); i++) {
		printf("\n  %s: %s%s%s\n", k->name, k->help, k->lacks ? "; not here: built without " : "",
		       k->lacks ? k->lacks : "");
		for (size_t o = 0; o < k->options.n; o++) {
			const struct opt *row = &k->options.rows[o];

			printf("    %-14s %s%s%s%s%s%s\n", row->name, row->help, row->type == OPT_TEXT ? "" : ": ",
			       row->type == OPT_TEXT ? "" : opt_expects(row, expects, sizeof(expects)),
			       row->required ? "; required" : "", row->def ? "; default " : "",
			       row->def ? row->def : "");
		}
	}
}

/* --- at work --- */

int sinks_start(struct sinks **out, const char *const specs[], size_t n, const char *path, struct store *own)
{
	struct sinks *s;
	char key[SINK_NAME_BYTES + 8];
	int r;

	*out = NULL;
	if (n == 0)
		return 0;
	s = sorted_alloc(sizeof(*s));
	r = parse(s, specs, n);
	if (r == 0)
		r = reader_attach(&s->reader, own);
	for (size_t i = 0; i < s->n && r == 0; i++) {
		struct sink_worker *w = &s->workers[i];

		w->path = path;
		for (int f = 0; f < SINK_N_FEEDS; f++)
			w->saved[f] = w->shared.cursor[f] = reader_cursor(s->reader, key_of(w, f, key));
		r = sink_worker_start(w);
	}
	if (r < 0) {
		log_error("sinks: %s", strerror(-r));
		sinks_stop(s);
		return r;
	}
	*out = s;
	return 0;
}

static void save(struct sinks *s, struct sink_worker *w)
{
	int64_t cursor[SINK_N_FEEDS];
	char key[SINK_NAME_BYTES + 8];
	int r = 0;

	pthread_mutex_lock(&w->shared.lock);
	memcpy(cursor, w->shared.cursor, sizeof(cursor));
	pthread_mutex_unlock(&w->shared.lock);
	for (int f = 0; f < SINK_N_FEEDS && r == 0; f++) {
		if (cursor[f] == w->saved[f])
			continue;
		r = reader_set_cursor(s->reader, key_of(w, f, key), cursor[f]);
		if (r == 0)
			w->saved[f] = cursor[f];
	}
	if (r < 0 && !s->is_problem_logged)
		log_error("sinks: how far they are can not be written: %s; rows may come twice", store_explain(r));
	s->is_problem_logged = r < 0;
}

void sinks_tick(struct sinks *s)
{
	for (size_t i = 0; s && i < s->n; i++) {
		save(s, &s->workers[i]);
		sink_worker_wake(&s->workers[i]);
	}
}

void sinks_stop(struct sinks *s)
{
	int64_t by_us = sink_worker_now_us() + GRACE_US;

	if (!s)
		return;
	for (size_t i = 0; i < s->n; i++)
		if (s->workers[i].is_started)
			sink_worker_finish(&s->workers[i], by_us);
	for (size_t i = 0; i < s->n; i++) {
		struct sink_worker *w = &s->workers[i];

		if (!w->is_started)
			continue;
		sink_worker_join(w, by_us);
		save(s, w);
	}
	reader_close(s->reader);
	arena_free(&s->arena);
	free(s);
}

bool sinks_report(struct sinks *s, size_t i, struct sink_report *out)
{
	struct sink_worker *w;

	if (!s || i >= s->n)
		return false;
	w = &s->workers[i];
	*out = (struct sink_report){ .name = w->spec.config.common.name, .kind = w->spec.kind->name };
	pthread_mutex_lock(&w->shared.lock);
	out->is_up = w->shared.is_up;
	out->sent = w->shared.sent;
	out->refused = w->shared.refused;
	snprintf(out->reason, sizeof(out->reason), "%s", w->shared.reason);
	for (int f = 0; f < SINK_N_FEEDS; f++)
		if (sink_worker_has(w, (enum sink_feed)f) && w->shared.newest[f] > w->shared.cursor[f])
			out->behind += w->shared.newest[f] - w->shared.cursor[f];
	pthread_mutex_unlock(&w->shared.lock);
	return true;
}
