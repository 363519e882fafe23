/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/push_diff.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/conf_moves.h"
#include "agent/exits.h"

/* Names of one section of both configs, and which go on. */
struct section {
	const char *what;
	const char *(*name)(const struct conf *c, size_t i);
	size_t n_was, n_is;
	const size_t *moves;
};

static const char *sensor_name(const struct conf *c, size_t i)
{
	return c->sensors[i].name;
}

static const char *stream_name(const struct conf *c, size_t i)
{
	return c->plan.streams[i].name;
}

static const char *kpi_name(const struct conf *c, size_t i)
{
	return c->plan.kpis[i].def.name;
}

static const char *action_name(const struct conf *c, size_t i)
{
	return c->actions[i].name;
}

static bool has(const struct section *s, const struct conf *c, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(s->name(c, i), name) == 0)
			return true;
	return false;
}

static void show_section(const struct section *s, const struct conf *was, const struct conf *is)
{
	size_t n_kept = 0;

	for (size_t i = 0; i < s->n_is; i++) {
		const char *name = s->name(is, i);

		n_kept += s->moves[i] != CONF_NEW;
		if (s->moves[i] == CONF_NEW)
			printf("%-7s %-24s %s\n", s->what, name, has(s, was, s->n_was, name) ? "begins anew" : "new");
	}
	for (size_t i = 0; i < s->n_was; i++)
		if (!has(s, is, s->n_is, s->name(was, i)))
			printf("%-7s %-24s gone\n", s->what, s->name(was, i));
	if (s->n_is > 0)
		printf("%-7s %zu of %zu go on unchanged\n", s->what, n_kept, s->n_is);
}

static void show_moves(const struct conf *was, struct conf *is)
{
	struct conf_moves m;

	conf_compare(was, is, &m);
	const struct section sections[] = {
		{ "sensor", sensor_name, was->n_sensors, is->n_sensors, m.sensors },
		{ "stream", stream_name, was->plan.n_streams, is->plan.n_streams, m.streams },
		{ "kpi", kpi_name, was->plan.n_kpis, is->plan.n_kpis, m.kpis },
		{ "action", action_name, was->n_actions, is->n_actions, m.actions },
	};
	for (size_t i = 0; i < ARRAY_LEN(sections); i++)
		show_section(&sections[i], was, is);
}

static bool parse(struct conf *c, const struct conf_text *t, const char *file)
{
	static const char local[] = "device: any\nremote_config: {local_files: yes}\n";
	const struct conf_text board = { local, sizeof(local) - 1 };
	struct diag d = { .file = file };
	bool is_good = conf_parse_parts(c, &board, t, CONF_OF_FILE, &d) == 0;

	diag_print(&d, stderr);
	diag_free(&d);
	return is_good;
}

/* The lines, by diff(1), which reads what runs from a pipe. */
static void show_lines(const struct conf_text *was, const char *device, const char *file)
{
	int ends[2], status = 0;
	size_t done = 0;
	ssize_t n = 1;
	pid_t child;

	fflush(stdout);
	if (pipe(ends) < 0)
		return;
	child = fork();
	if (child == 0) {
		dup2(ends[0], STDIN_FILENO);
		close(ends[0]);
		close(ends[1]);
		execlp("diff", "diff", "-u", "--label", device, "--label", file, "--", "-", file, (char *)NULL);
		_exit(127);
	}
	close(ends[0]);
	for (; child > 0 && done < was->bytes && n > 0; done += n > 0 ? (size_t)n : 0)
		n = write(ends[1], was->text + done, was->bytes - done);
	close(ends[1]);
	if (child > 0)
		waitpid(child, &status, 0);
	if (child < 0 || (WIFEXITED(status) && WEXITSTATUS(status) == 127))
		fprintf(stderr, "runnel push: no diff(1) here to show the lines\n");
}

int push_diff_show(const struct conf_text *was, const char *device, const struct conf_text *is, const char *file)
{
	struct conf old = { 0 }, next = { 0 };
	bool is_good = parse(&old, was, device) && parse(&next, is, file);

	if (is_good) {
		show_moves(&old, &next);
		show_lines(was, device, file);
	}
	conf_free(&next);
	conf_free(&old);
	return is_good ? EXIT_DONE : EXIT_CONFIG;
}
