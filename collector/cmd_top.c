/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_top.c - the fleet view in a terminal. The collector that runs is asked for its own table (/top), so the numbers are those that it tells, not those
 * of a second one that has not heard the past. On a terminal it is drawn again and again; in a pipe it is one table.
 *
 * What comes is somebody else's text: only what the table needs may steer this terminal, whoever sent it.
 */
#include "collector/cmd_top.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/args.h"
#include "base/term.h"
#include "base/text.h"
#include "collector/http_get.h"

enum { MAX_BODY_BYTES = 8 * 1024 * 1024, LONGEST_ESCAPE = 8 };

struct top {
	const char *text; /* of the address, for messages */
	struct http_address address;
	int64_t every_us;
	bool is_once;
};

static const char usage[] =
	"Usage: runnel-collector top [OPTION...] [[ADDR:]PORT]\n"
	"\n"
	"Shows the table of a collector that runs with --http: KPIs, and devices, those with troubles "
	"first.\n"
	"\n"
	"  [ADDR:]PORT      where it is (default 127.0.0.1:8080)\n"
	"  --once           one table, as in a pipe\n"
	"  --every DURATION draw again so often (default 2s)\n"
	"\n"
	"Exit codes: 0 done, 64 usage, 69 no collector answers there, 74 I/O.\n";

static volatile sig_atomic_t is_over, is_resized;

static void on_signal(int number)
{
	if (number == SIGWINCH)
		is_resized = 1;
	else
		is_over = 1;
}

/* --- drawing --- */

/* Bytes of an escape that colours or erases what is behind the cursor; 0: another one. */
static size_t harmless_escape(const char *at, const char *end)
{
	size_t n = 2;

	if (end - at < 3 || at[1] != '[')
		return 0;
	while (at + n < end && n < LONGEST_ESCAPE && at[n] >= '0' && at[n] <= '9')
		n++;
	return at + n < end && (at[n] == 'm' || at[n] == 'K' || at[n] == 'J') ? n + 1 : 0;
}

static void add_harmless(struct dynbuf *out, const char *at, const char *end)
{
	while (at < end) {
		size_t n = *at == '\033' ? harmless_escape(at, end) : text_utf8_length(at, (size_t)(end - at));

		if (n == 0 || (n == 1 && (unsigned char)*at < ' ' && *at != '\n') || (n == 1 && *at == 127)) {
			dynbuf_adds(out, "?");
			n = n > 0 ? n : 1;
		} else {
			dynbuf_add(out, at, n);
		}
		at += n;
	}
}

/* @return HTTP status or negative errno */
static int fetch(const struct top *t, const struct term *term, struct dynbuf *body)
{
	char path[80];

	if (term->is_terminal)
		snprintf(path, sizeof(path), "/top?width=%u&height=%u&colour=%d", term->width, term->height,
			 term->has_colour);
	else
		snprintf(path, sizeof(path), "/top");
	return http_get(&t->address, path, body);
}

static int explain(const struct top *t, int r)
{
	if (r >= 0)
		fprintf(stderr, "runnel-collector top: %s answers with HTTP status %d: is it a collector?\n", t->text,
			r);
	else
		fprintf(stderr, "runnel-collector top: no answer from %s: %s; is a collector running with --http?\n",
			t->text, strerror(-r));
	return EX_UNAVAILABLE;
}

static int write_out(struct dynbuf *out)
{
	return fwrite(dynbuf_text(out), 1, out->len, stdout) == out->len && fflush(stdout) == 0 ? EX_OK : EX_IOERR;
}

static int draw(const struct top *t, bool is_live)
{
	struct dynbuf body, out;
	struct term term;
	int r;

	dynbuf_init(&body, MAX_BODY_BYTES);
	dynbuf_init(&out, 2 * MAX_BODY_BYTES);
	term_probe(&term, STDOUT_FILENO);
	if (!is_live)
		term.is_terminal = term.is_terminal && term.has_colour;
	if (!is_live && term.is_terminal)
		term.height = 2000; /* all of it, to scroll back in */
	r = fetch(t, &term, &body);
	if (r == 200) {
		if (is_live)
			dynbuf_adds(&out, is_resized ? "\033[2J\033[H" : "\033[H");
		is_resized = 0;
		add_harmless(&out, dynbuf_text(&body), dynbuf_text(&body) + body.len);
		r = write_out(&out);
	} else {
		r = explain(t, r);
	}
	dynbuf_free(&body);
	dynbuf_free(&out);
	return r;
}

/* On the terminal's other screen, so that the one before comes back. */
static int draw_until_over(const struct top *t)
{
	struct sigaction action = { .sa_handler = on_signal };
	int r = EX_OK;

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	sigaction(SIGWINCH, &action, NULL);
	fputs("\033[?1049h\033[?25l\033[2J", stdout);
	while (!is_over && r == EX_OK) {
		r = draw(t, true);
		if (r == EX_OK)
			poll(NULL, 0, (int)(t->every_us / 1000)); /* a signal ends it */
	}
	fputs("\033[?25h\033[?1049l", stdout);
	(void)!fflush(stdout);
	return r;
}

/* --- the command line --- */

enum option_id { ONCE = 256, EVERY, HELP };

static int parse(struct top *t, int argc, char **argv)
{
	static const struct option longs[] = { { "once", no_argument, NULL, ONCE },
					       { "every", required_argument, NULL, EVERY },
					       { "help", no_argument, NULL, HELP },
					       { NULL, 0, NULL, 0 } };
	int id;

	*t = (struct top){ .text = "127.0.0.1:8080", .every_us = 2000000 };
	optind = 1;
	while ((id = args_next(argc, argv, "runnel-collector", "", longs)) >= 0) {
		if (id == ONCE) {
			t->is_once = true;
		} else if (id == HELP) {
			fputs(usage, stdout);
			return fflush(stdout) == 0 ? EX_OK : EX_IOERR;
		} else if (id != EVERY) {
			return EX_USAGE;
		} else if (text_to_duration_us(optarg, &t->every_us) < 0 || t->every_us < 100000 ||
			   t->every_us > 3600000000) {
			args_explain("runnel-collector", "top", "--every '%s': expected 100ms to 1h", optarg);
			return EX_USAGE;
		}
	}
	if (optind < argc)
		t->text = argv[optind++];
	if (optind < argc || http_parse_address(t->text, &t->address) < 0) {
		args_explain("runnel-collector", "top", "'%s': expected one [ADDRESS:]PORT, such as 8080",
			     argv[argc - 1]);
		return EX_USAGE;
	}
	return -1;
}

int collector_cmd_top(int argc, char **argv)
{
	struct term term;
	struct top t;
	int r = parse(&t, argc, argv);

	if (r >= 0)
		return r;
	signal(SIGPIPE, SIG_IGN);
	term_probe(&term, STDOUT_FILENO);
	return t.is_once || !term.is_terminal ? draw(&t, false) : draw_until_over(&t);
}
