/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_push.c - `runnel push`: from the arguments to what is sent; push_client.c sends it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/cmd.h"
#include "agent/envelope.h"
#include "agent/exits.h"
#include "agent/push_ask.h"
#include "agent/push_boards.h"
#include "agent/push_client.h"
#include "agent/push_diff.h"
#include "agent/push_text.h"
#include "base/args.h"
#include "base/crc32.h"
#include "base/log.h"
#include "base/text.h"

static const int64_t HIGHEST_REVISION = INT64_C(1)
					<< 53; /* far beyond what people write, far below the end of the type */

static const char help[] =
	"Usage: runnel push [-c CONFIG | --broker URL --site SITE] --key K [OPTION...] TARGET FILE\n"
	"       runnel push [-c CONFIG | ...] --diff DEVICE FILE\n"
	"       runnel push [-c CONFIG | ...] --key K --rollback [--yes] DEVICE\n"
	"\n"
	"Sign a config, send it to boards, wait for what each of them says, and print it: active, rejected, "
	"rolled_back.\n"
	"\n"
	"  TARGET              a DEVICE, LABEL=VALUE for all boards with that label, or all\n"
	"  FILE                what to measure, with a revision above that of the boards; may be signed already\n"
	"      --key K         secret key of minisign (`minisign -G` makes a pair); asks for its password if it has "
	"one\n"
	"  -c, --config FILE   any config with the site and the section mqtt to connect with\n"
	"      --broker URL    mqtt://HOST[:PORT] or mqtts://...   --site SITE   without a config\n"
	"      --canary N      first to N boards; to the others if all of them run it and bring no less than before\n"
	"      --timeout S     wait so long for answers (default 90)\n"
	"      --diff          show what would change on a board; sends nothing\n"
	"      --rollback      send the config that was active before, with a new revision; it comes from the board,\n"
	"                      so it is shown, and signed when you agree\n"
	"      --yes           do not ask\n"
	"      --no-check      leave checking FILE to the boards: it names files that only they have\n"
	"      --json          each answer as a JSON object on a line\n"
	"\n"
	"Boards that are offline get nothing: push again when they are back; those that run it already say so at "
	"once.\n"
	"Signed elsewhere: `target:` in FILE, `minisign -Sm FILE`, then push what (cat FILE; sed 's/^/# /' "
	"FILE.minisig) "
	"gives.\n"
	"Exit status: 0 all run it, 1 some do not, 64 usage, 69 broker or boards not reached, 74 a file cannot be\n"
	"read, 78 config.\n";

struct arguments {
	const char *config, *broker, *site, *key, *to, *file;
	const char *canary_text, *timeout_text;
	double timeout_s;
	int64_t canary;
	bool is_diff, is_rollback, is_unchecked, is_json, is_yes, is_help;
};

static int parse_numbers(struct arguments *a)
{
	if (a->canary_text && (text_to_int64(a->canary_text, &a->canary) < 0 || a->canary < 1 || a->canary > 100))
		return cmd_usage_error("push", "--canary takes 1 to 100, found '%s'", a->canary_text);
	if (a->timeout_text &&
	    (text_to_double(a->timeout_text, &a->timeout_s) < 0 || !(a->timeout_s > 0 && a->timeout_s < 1e6)))
		return cmd_usage_error("push", "'%s' is no number of seconds", a->timeout_text);
	return EXIT_DONE;
}

static int parse(int argc, char **argv, struct arguments *a)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "broker", required_argument, NULL, 'b' },
		{ "site", required_argument, NULL, 's' },
		{ "key", required_argument, NULL, 'k' },
		{ "canary", required_argument, NULL, 'n' },
		{ "timeout", required_argument, NULL, 't' },
		{ "diff", no_argument, NULL, 'd' },
		{ "rollback", no_argument, NULL, 'r' },
		{ "no-check", no_argument, NULL, 'u' },
		{ "json", no_argument, NULL, 'j' },
		{ "yes", no_argument, NULL, 'y' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	const char **const texts[] = { ['c'] = &a->config, ['b'] = &a->broker,	    ['s'] = &a->site,
				       ['k'] = &a->key,	   ['n'] = &a->canary_text, ['t'] = &a->timeout_text };
	bool *const flags[] = { ['d'] = &a->is_diff, ['r'] = &a->is_rollback, ['u'] = &a->is_unchecked,
				['j'] = &a->is_json, ['y'] = &a->is_yes,      ['h'] = &a->is_help };
	int c;

	while ((c = args_next(argc, argv, "runnel", "c:h", options)) != -1) {
		if (c == ARGS_WRONG)
			return EXIT_USAGE;
		if ((size_t)c < ARRAY_LEN(texts) && texts[c])
			*texts[c] = optarg;
		else
			*flags[c] = true;
	}
	a->to = optind < argc ? argv[optind++] : NULL;
	a->file = optind < argc && !a->is_rollback ? argv[optind++] : NULL;
	return optind < argc ? cmd_usage_error("push", "unexpected '%s'", argv[optind]) : parse_numbers(a);
}

static int check_usage(const struct arguments *a)
{
	const char *single = a->is_diff ? "--diff" : a->is_rollback ? "--rollback" : NULL;

	if (!a->to)
		return cmd_usage_error("push", "no TARGET given");
	if (!a->file && !a->is_rollback)
		return cmd_usage_error("push", "no FILE given");
	if (!a->config && !a->broker)
		return cmd_usage_error("push", "which broker? -c CONFIG or --broker URL");
	if (single && !push_is_single(a->to))
		return cmd_usage_error("push", "%s takes one device", single);
	if (a->is_rollback && !a->key)
		return cmd_usage_error("push", "--rollback needs --key, for it sends a new revision");
	return EXIT_DONE;
}

/* What to connect with. */
static int load_broker(const struct arguments *a, struct conf *c)
{
	char text[700];
	struct diag d = { .file = "the options" };
	int r;

	if (a->config)
		return cmd_load_conf(c, a->config);
	snprintf(text, sizeof(text), "device: operator\nsite: \"%.64s\"\nmqtt: {broker: \"%.400s\"}\n",
		 a->site ? a->site : "default", a->broker);
	r = conf_parse(c, text, strlen(text), &d);
	diag_print(&d, stderr);
	diag_free(&d);
	return r < 0 ? EXIT_USAGE : EXIT_DONE;
}

static void name_target(const struct conf *c, const char *to, char out[static 320])
{
	if (strcmp(to, "all") == 0)
		snprintf(out, 320, "%s/_all", c->site);
	else
		snprintf(out, 320, strchr(to, '=') ? "%s/_group/%.200s" : "%s/%.200s", c->site, to);
}

static int seal_signed(const struct conf_text *t, const struct envelope *e, struct push_job *job, struct dynbuf *out)
{
	dynbuf_add(out, t->text, t->bytes);
	job->hash = crc32_of(0, e->text, e->text_bytes);
	return EXIT_DONE;
}

static int seal(const struct arguments *a, const struct conf_text *t, const char *target, int64_t revision,
		struct push_job *job, struct dynbuf *out)
{
	const char *file = a->file ? a->file : "config";
	struct dynbuf addressed;
	int result = EXIT_CONFIG;

	dynbuf_init(&addressed, ENVELOPE_MAX_BYTES);
	if (!a->key) {
		fprintf(stderr, "runnel push: --key is needed: %s is not signed\n", file);
		result = EXIT_USAGE;
	} else if (!push_text_address(t->text, t->bytes, target, revision, &addressed)) {
		fprintf(stderr,
			"runnel push: its target and revision cannot be written: give each a line of its own\n");
	} else if (a->is_unchecked || push_text_is_good(file, addressed.data, addressed.len)) {
		job->hash = crc32_of(0, addressed.data, addressed.len);
		result = push_text_sign(addressed.data, addressed.len, a->key, out) ? EXIT_DONE : EXIT_IO;
	}
	dynbuf_free(&addressed);
	return result;
}

/* What is sent: as it is when it is signed already, else with its target and signed. @return exit code */
static int prepare(const struct arguments *a, const struct conf_text *t, int64_t revision, struct push_job *job,
		   struct dynbuf *out)
{
	struct envelope e = { 0 };
	const char *why;
	bool is_signed = envelope_split(t->text, t->bytes, &e, &why) == 0;
	struct push_head head;
	char target[320];

	name_target(job->conf, a->to, target);
	if (!push_text_head(a->file ? a->file : "config", t->text, t->bytes, &head))
		return EXIT_CONFIG;
	job->window_us = head.window_us;
	if (head.target[0] && strcmp(head.target, target) != 0 && (is_signed || !a->is_rollback)) {
		fprintf(stderr, "runnel push: its target is %s, not %s\n", head.target, target);
		return EXIT_CONFIG;
	}
	return is_signed ? seal_signed(t, &e, job, out) : seal(a, t, target, revision, job, out);
}

static int send_text(const struct arguments *a, const struct conf *c, const struct conf_text *t, int64_t revision)
{
	struct push_job job = {
		.conf = c,
		.to = a->to,
		.n_canary = (size_t)a->canary,
		.timeout_us = (int64_t)(a->timeout_s * 1e6),
		.is_json = a->is_json,
	};
	struct dynbuf sealed;
	int result;

	dynbuf_init(&sealed, ENVELOPE_MAX_BYTES);
	result = prepare(a, t, revision, &job, &sealed);
	job.payload = sealed.data;
	job.payload_bytes = sealed.len;
	if (result == EXIT_DONE)
		result = push_client_send(&job);
	dynbuf_free(&sealed);
	return result;
}

static int diff(const struct arguments *a, const struct conf *c)
{
	struct diag d = { .file = a->file };
	struct push_answer now = { 0 };
	char *text = NULL;
	long n = conf_read_file(a->file, &text, &d);
	int r = n < 0 ? EXIT_IO : push_ask(c, a->to, PUSH_ASK_RUNNING, &now);

	diag_print(&d, stderr);
	diag_free(&d);
	if (r == EXIT_DONE)
		r = push_diff_show(&(struct conf_text){ now.text, strlen(now.text) }, a->to,
				   &(struct conf_text){ text, (size_t)n }, a->file);
	free(now.text);
	free(text);
	return r;
}

/* What came over the broker is signed by nobody: the operator's own key shall not vouch for what he has not seen. */
static bool is_agreed(const struct arguments *a, const char *text)
{
	char answer[8];

	fputs(text, stderr);
	if (a->is_yes)
		return true;
	if (!isatty(STDIN_FILENO)) {
		fprintf(stderr, "runnel push: this is what %s answered: look at it, and give --yes to sign it\n",
			a->to);
		return false;
	}
	fprintf(stderr, "Sign this and send it to %s? [y/N] ", a->to);
	return fgets(answer, sizeof(answer), stdin) && (answer[0] == 'y' || answer[0] == 'Y');
}

static int rollback(const struct arguments *a, const struct conf *c)
{
	struct push_answer now, before;
	int r = push_ask(c, a->to, PUSH_ASK_RUNNING, &now);

	free(now.text);
	if (r != EXIT_DONE)
		return r;
	if (now.highest < 0 || now.highest > HIGHEST_REVISION) {
		fprintf(stderr, "runnel push: %s tells revision %lld, which cannot be\n", a->to,
			(long long)now.highest);
		return EXIT_FAILED;
	}
	if (!now.has_before) {
		fprintf(stderr, "runnel push: %s runs its own file and keeps no pushed revision\n", a->to);
		return EXIT_FAILED;
	}
	r = push_ask(c, a->to, now.before, &before);
	if (r == EXIT_DONE && !is_agreed(a, before.text))
		r = EXIT_FAILED;
	if (r == EXIT_DONE) {
		fprintf(stderr, "%s %lld again, as revision %lld\n",
			now.before == PUSH_ASK_FILE ? "the board's file, revision" : "revision",
			(long long)before.revision, (long long)(now.highest + 1));
		r = send_text(a, c, &(struct conf_text){ before.text, strlen(before.text) }, now.highest + 1);
	}
	free(before.text);
	return r;
}

static int push_file(const struct arguments *a, const struct conf *c)
{
	struct diag d = { .file = a->file };
	char *text = NULL;
	long n = conf_read_file(a->file, &text, &d);
	int r = EXIT_IO;

	diag_print(&d, stderr);
	diag_free(&d);
	if (n >= 0)
		r = send_text(a, c, &(struct conf_text){ text, (size_t)n }, 0);
	free(text);
	return r;
}

int cmd_push(int argc, char **argv)
{
	struct arguments a = { .timeout_s = 90 };
	struct conf c = { 0 };
	int r = parse(argc, argv, &a);

	if (r == EXIT_DONE && a.is_help) {
		fputs(help, stdout);
		return EXIT_DONE;
	}
	if (r == EXIT_DONE)
		r = check_usage(&a);
	if (r != EXIT_DONE)
		return r;
	log_set_level(LOG_LEVEL_WARNING);
	r = load_broker(&a, &c);
	if (r == EXIT_DONE)
		r = a.is_diff ? diff(&a, &c) : a.is_rollback ? rollback(&a, &c) : push_file(&a, &c);
	conf_free(&c);
	return r;
}
