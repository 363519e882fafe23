/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_status.c - `runnel status`: asks the agent that runs with this config, over its socket (report.h), and shows what it says. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "agent/cmd.h"
#include "agent/cmd_list.h"
#include "agent/exits.h"
#include "agent/report.h"
#include "base/args.h"
#include "base/log.h"
#include "base/term.h"

static const char help[] = "Usage: runnel status [-c FILE] [--json]\n"
			   "\n"
			   "Ask the agent that runs with this config: sensors, streams, spool, clock, broker.\n"
			   "\n"
			   "  -c, --config FILE   config (default /etc/runnel/runnel.yaml)\n"
			   "      --json          the status as it is published, one JSON object\n"
			   "\n"
			   "The agent answers its own user and root, at a socket beside its spool.\n"
			   "\n"
			   "Exit status: 0 it answered, 64 usage, 69 no agent runs or it does not answer,\n"
			   "74 output failed, 78 config.\n";

enum { PATIENCE_S = 5 };

struct arguments {
	const char *path;
	bool is_json, is_help;
};

static int parse(int argc, char **argv, struct arguments *a)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = args_next(argc, argv, "runnel", "c:h", options)) != -1) {
		if (c == 'c')
			a->path = optarg;
		else if (c == 'j')
			a->is_json = true;
		else if (c == 'h')
			a->is_help = true;
		else
			return EXIT_USAGE;
	}
	if (optind < argc)
		return cmd_usage_error("status", "unexpected argument '%s'", argv[optind]);
	return EXIT_DONE;
}

/* --- asking --- */

static int explain(const char *path, int error)
{
	if (error == -ENOENT || error == -ECONNREFUSED)
		log_error("no agent runs with this config (nobody listens at %s)", path);
	else if (error == -EACCES)
		log_error("%s: only the agent's own user and root may ask; try sudo", path);
	else
		log_error("%s: %s", path, error == -EAGAIN ? "the agent does not answer" : strerror(-error));
	return EXIT_UNAVAILABLE;
}

static int connect_to(const char *path)
{
	const struct timeval patience = { .tv_sec = PATIENCE_S };
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), r = 0;

	if (fd < 0)
		return -errno;
	snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0 ||
	    connect(fd, (const struct sockaddr *)&at, sizeof(at)) < 0)
		r = -errno;
	if (r == 0)
		return fd;
	close(fd);
	return r;
}

static int ask(const char *path, struct dynbuf *answer)
{
	char piece[4096];
	ssize_t n;
	int fd = connect_to(path), r = 0;

	if (fd < 0)
		return fd;
	while ((n = read(fd, piece, sizeof(piece))) > 0)
		dynbuf_add(answer, piece, (size_t)n);
	if (n < 0)
		r = -errno;
	close(fd);
	return r < 0 ? r : answer->overflow ? -EMSGSIZE : answer->len > 0 ? 0 : -EAGAIN;
}

/* --- showing --- */

struct line {
	const char *kind;
	const char *fields[REPORT_MAX_FIELDS]; /* "" beyond the last */
};

/* The next line of *@rest, which is taken apart. */
static bool next_line(char **rest, struct line *l)
{
	char *text = strsep(rest, "\n");
	size_t n = 0;

	if (!text || !*text)
		return false;
	l->kind = strsep(&text, "\t");
	for (; n < REPORT_MAX_FIELDS; n++)
		l->fields[n] = text ? strsep(&text, "\t") : "";
	return true;
}

static enum term_style style_of(const char *state)
{
	static const struct {
		const char *state;
		enum term_style style;
	} styles[] = { { "ok", TERM_GREEN },	     { "connected", TERM_GREEN }, { "synchronised", TERM_GREEN },
		       { "fault", TERM_RED },	     { "offline", TERM_RED },	  { "doubtful", TERM_YELLOW },
		       { "waiting", TERM_YELLOW },   { "holdover", TERM_YELLOW }, { "unsynchronised", TERM_RED },
		       { "connecting", TERM_YELLOW } };

	for (size_t i = 0; i < ARRAY_LEN(styles); i++)
		if (strcmp(styles[i].state, state) == 0)
			return styles[i].style;
	return TERM_PLAIN;
}

static void show_head(struct term_table *t, const struct line *l)
{
	const char *const *f = l->fields;

	if (strcmp(l->kind, "board") == 0)
		term_table_linef(t, TERM_BOLD, "%s at %s, runnel %s, start %s, revision %s, process %s", f[0], f[1],
				 f[2], f[3], f[4], f[5]);
	else if (strcmp(l->kind, "clock") == 0)
		term_table_linef(t, style_of(f[0]), "clock   %s%s%s", f[0],
				 strcmp(f[1], "0") ? ", set while it ran: " : "", strcmp(f[1], "0") ? f[1] : "");
	else if (strcmp(l->kind, "broker") == 0)
		term_table_linef(t, style_of(f[0]), "broker  %s, %s since %s%s%s", f[1], f[0], f[2], *f[3] ? ": " : "",
				 f[3]);
	else if (strcmp(l->kind, "spool") == 0)
		term_table_linef(t, *f[5] ? TERM_RED : TERM_PLAIN,
				 "spool   %s messages wait, %s of %s bytes, %s lost%s%s", f[0], f[1], f[2], f[3],
				 *f[5] ? ": " : "", f[5]);
}

static int show_head_lines(char *text)
{
	static const struct term_column none[] = { { .title = "" } };
	struct term_table *t;
	struct line l;
	int r = term_table_create(&t, STDOUT_FILENO, none, ARRAY_LEN(none));

	if (r < 0)
		return r;
	while (next_line(&text, &l))
		show_head(t, &l);
	return list_end_table(t, 0);
}

static int show_sensors(char *text)
{
	static const struct term_column columns[] = {
		{ .title = "SENSOR" },
		{ .title = "DRIVER" },
		{ .title = "STATE" },
		{ .title = "READINGS", .is_right = true },
		{ .title = "FAULTS", .is_right = true },
		{ .title = "SINCE" },
		{ .title = "REASON", .is_flexible = true },
	};
	struct term_table *t;
	struct line l;
	size_t n = 0;
	int r = term_table_create(&t, STDOUT_FILENO, columns, ARRAY_LEN(columns));

	while (r == 0 && next_line(&text, &l)) {
		if (strcmp(l.kind, "sensor") != 0)
			continue;
		r = list_begin_row(t, n++);
		term_table_cell(t, TERM_BOLD, l.fields[0]);
		term_table_cell(t, TERM_PLAIN, l.fields[1]);
		term_table_cell(t, style_of(l.fields[2]), l.fields[2]);
		term_table_cell(t, TERM_PLAIN, l.fields[4]);
		term_table_cell(t, TERM_PLAIN, l.fields[5]);
		term_table_cell(t, TERM_DIM, l.fields[3]);
		term_table_cell(t, TERM_PLAIN, l.fields[6]);
	}
	return r == -ENOMEM ? r : list_end_table(t, r);
}

static int show_streams(char *text)
{
	static const struct term_column columns[] = {
		{ .title = "STREAM" },
		{ .title = "VALUE", .is_right = true },
		{ .title = "UNIT" },
		{ .title = "AT", .is_flexible = true },
	};
	struct term_table *t;
	struct line l;
	size_t n = 0;
	int r = term_table_create(&t, STDOUT_FILENO, columns, ARRAY_LEN(columns));

	while (r == 0 && next_line(&text, &l)) {
		if (strcmp(l.kind, "stream") != 0)
			continue;
		r = list_begin_row(t, n++);
		term_table_cell(t, TERM_BOLD, l.fields[0]);
		term_table_cell(t, TERM_PLAIN, *l.fields[1] ? l.fields[1] : "-");
		term_table_cell(t, TERM_PLAIN, l.fields[2]);
		term_table_cell(t, TERM_DIM, l.fields[3]);
	}
	return r == -ENOMEM ? r : list_end_table(t, r);
}

/* Each part reads its own copy, for lines are taken apart. */
static int show_part(const struct dynbuf *answer, int (*show)(char *text))
{
	char *copy = strdup(dynbuf_text(answer));
	int r;

	if (!copy)
		return -ENOMEM;
	r = show(copy);
	free(copy);
	return r;
}

static int show_all(const struct dynbuf *answer)
{
	static int (*const parts[])(char *text) = { show_head_lines, show_sensors, show_streams };

	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		int r = show_part(answer, parts[i]);

		if (r < 0)
			return list_io_error(r);
	}
	return EXIT_DONE;
}

static int show_json(const struct dynbuf *answer)
{
	char *text = strdup(dynbuf_text(answer)), *rest = text;
	struct dynbuf out;
	struct line l;
	int r;

	if (!text)
		return list_io_error(-ENOMEM);
	dynbuf_init(&out, REPORT_MAX_BYTES);
	while (next_line(&rest, &l))
		if (strcmp(l.kind, "json") == 0)
			dynbuf_addf(&out, "%s\n", l.fields[0]);
	free(text);
	r = list_print(&out);
	return r;
}

static int ask_and_show(const char *spool_path, bool is_json)
{
	char path[REPORT_PATH_BYTES];
	struct dynbuf answer;
	int r = report_path(path, spool_path);

	if (r < 0)
		return explain(spool_path, r);
	dynbuf_init(&answer, REPORT_MAX_BYTES);
	r = ask(path, &answer);
	if (r < 0)
		r = explain(path, r);
	else
		r = is_json ? show_json(&answer) : show_all(&answer);
	dynbuf_free(&answer);
	return r;
}

int cmd_status(int argc, char **argv)
{
	struct arguments a = { .path = "/etc/runnel/runnel.yaml" };
	struct conf conf;
	int r = parse(argc, argv, &a);

	if (r != EXIT_DONE)
		return r;
	if (a.is_help) {
		fputs(help, stdout);
		return EXIT_DONE;
	}
	r = cmd_load_conf(&conf, a.path);
	if (r == EXIT_DONE)
		r = ask_and_show(conf.spool.path, a.is_json);
	conf_free(&conf);
	return r;
}
