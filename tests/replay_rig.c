/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/replay_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char replay_rig_config[] = "window: 1m\n"
				 "sensors:\n"
				 "  a: {driver: sim, unit: Cel, every: 1s}\n"
				 "  b: {driver: sim, unit: Cel, every: 10s}\n"
				 "streams:\n"
				 "  a: {from: a.value}\n"
				 "  b: {from: b.value}\n";

static void on_partial(void *ctx, struct partial *p)
{
	struct replay_rig *r = ctx;
	struct window_seen *w = &r->windows[r->n_windows++];

	assert_true(r->n_windows < RIG_WINDOWS);
	*w = (struct window_seen){ .w0 = p->w0, .part = p->part };
	for (size_t i = 0; i < p->n_metrics && i < 2; i++) {
		const struct agg *a = &p->metrics[i].agg;

		w->n[i] = a->n;
		w->bad[i] = a->bad;
		w->s1[i] = (int64_t)a->s1;
	}
}

struct replay_rig *replay_rig_new(const char *config)
{
	struct replay_rig *r = calloc(1, sizeof(*r));
	const struct graph_sink sink = { .ctx = r, .partial = on_partial };
	struct diag d = { .file = "test" };

	assert_int_equal(conf_parse(&r->conf, config, strlen(config), &d), 0);
	diag_free(&d);
	r->graph = graph_new(&r->conf.plan, &sink, &r->conf.arena);
	return r;
}

void replay_rig_free(struct replay_rig *r)
{
	conf_free(&r->conf);
	free(r);
}

static int file_with(const char *text, size_t bytes)
{
	FILE *f = tmpfile();
	int fd;

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, bytes, f), bytes);
	assert_int_equal(fflush(f), 0);
	fd = dup(fileno(f));
	fclose(f);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

int replay_rig_play(struct replay_rig *r, const char *text)
{
	int fd = file_with(text, strlen(text)), n;
	int result = replay_open(&r->replay, fd, &r->conf, r->graph, r->error);

	if (result == 0) {
		while ((n = replay_step(&r->replay, 3)) == 1)
			;
		assert_int_equal(n, 0);
		graph_finish(r->graph);
	}
	close(fd);
	return result;
}

struct replay_rig *replay_rig_played(const char *rows)
{
	struct replay_rig *r = replay_rig_new(replay_rig_config);
	size_t bytes = strlen(rows) + 64;
	char *text = malloc(bytes);

	snprintf(text, bytes, "time,a.value,b.value\n%s", rows);
	assert_int_equal(replay_rig_play(r, text), 0);
	free(text);
	return r;
}

uint64_t replay_rig_n(const struct replay_rig *r, size_t i)
{
	uint64_t n = 0;

	for (size_t w = 0; w < r->n_windows; w++)
		n += r->windows[w].n[i];
	return n;
}

uint64_t replay_rig_bad(const struct replay_rig *r, size_t i)
{
	uint64_t n = 0;

	for (size_t w = 0; w < r->n_windows; w++)
		n += r->windows[w].bad[i];
	return n;
}
