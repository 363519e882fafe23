/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/push_ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/exits.h"
#include "agent/push_link.h"
#include "agent/yaml.h"
#include "agent/yaml_problem.h"
#include "base/text.h"

enum { PATIENCE_US = 10000000, REASON_BYTES = 256 };

struct asking {
	struct push_link link;
	const char *device;
	int64_t revision;
	struct push_answer *out;
};

static const char *text_of(const struct node *n, const char *key)
{
	const struct node *v = node_get(n, key);

	return v && v->text ? v->text : "";
}

static int64_t number_of(const struct node *n, const char *key)
{
	int64_t value;

	return text_to_int64(text_of(n, key), &value) == 0 ? value : 0;
}

/* The newest in its history that does not run; else the file, if that does not run. */
static void find_before(const struct node *root, struct push_answer *out)
{
	const struct node *history = node_get(root, "history");
	int64_t running = number_of(node_get(root, "running"), "revision"), revision;
	bool is_file = strcmp(text_of(node_get(root, "running"), "from"), "file") == 0;

	for (const struct node *n = history ? history->children : NULL; n && !out->has_before; n = n->next)
		if (n->text && text_to_int64(n->text, &revision) == 0 && (is_file || revision != running)) {
			out->has_before = true;
			out->before = revision;
		}
	if (out->has_before || is_file)
		return;
	out->has_before = true;
	out->before = PUSH_ASK_FILE;
}

/* It will be shown: nothing in it may move the cursor of whoever reads it. */
static bool is_config_text(const char *device, const char *text)
{
	struct diag d = { .file = device };
	bool is_good = yaml_check_bytes(&d, text, strlen(text)) == 0;

	diag_print(&d, stderr);
	diag_free(&d);
	return is_good;
}

static int take(struct asking *a, const struct node *root)
{
	int64_t running = number_of(node_get(root, "running"), "revision");
	const char *text = text_of(root, "text");
	char reason[REASON_BYTES];

	if (strcmp(text_of(root, "state"), "done") != 0) {
		snprintf(reason, sizeof(reason), "%.*s", REASON_BYTES - 1, text_of(root, "reason"));
		fprintf(stderr, "runnel push: %s: %s\n", a->device, text_make_printable(reason));
		return EXIT_FAILED;
	}
	if (!is_config_text(a->device, text))
		return EXIT_FAILED;
	a->out->revision = number_of(root, "revision");
	a->out->highest = number_of(root, "tried");
	if (a->out->highest < running)
		a->out->highest = running;
	find_before(root, a->out);
	a->out->text = strdup(text);
	return a->out->text ? EXIT_DONE : EXIT_FAILED;
}

static void on_message(void *ctx, const struct mqtt_message *msg)
{
	struct asking *a = ctx;
	struct diag d = { .file = "message" };
	struct arena arena = { 0 };
	const struct node *root = NULL;

	if (yaml_parse(msg->payload, msg->payload_bytes, &arena, &d, &root) == 0 && root->kind == NODE_MAP &&
	    strcmp(text_of(root, "id"), a->link.id) == 0 && !a->out->text)
		loop_stop(a->link.loop, take(a, root));
	diag_free(&d);
	arena_free(&arena);
}

static void on_connected(void *ctx, bool session_present)
{
	struct asking *a = ctx;
	char ask[160], which[32] = "";

	(void)session_present;
	if (a->revision == PUSH_ASK_FILE)
		snprintf(which, sizeof(which), ",\"revision\":\"file\"");
	else if (a->revision != PUSH_ASK_RUNNING)
		snprintf(which, sizeof(which), ",\"revision\":%lld", (long long)a->revision);
	snprintf(ask, sizeof(ask), "{\"cmd\":\"config\",\"id\":\"%s\"%s}", a->link.id, which);
	if (push_link_publish(&a->link, a->device, "cmd", ask, strlen(ask)) < 0)
		loop_stop(a->link.loop, EXIT_UNAVAILABLE);
	else
		loop_timer_set(a->link.timer, loop_mono_us() + PATIENCE_US);
}

static void on_failed(void *ctx, const char *reason)
{
	struct asking *a = ctx;

	fprintf(stderr, "runnel push: no connection: %s\n", reason);
	loop_stop(a->link.loop, EXIT_UNAVAILABLE);
}

static void on_timer(void *ctx)
{
	struct asking *a = ctx;

	if (push_link_is_up(&a->link))
		fprintf(stderr, "runnel push: %s does not answer\n", a->device);
	loop_stop(a->link.loop, EXIT_UNAVAILABLE);
}

int push_ask(const struct conf *c, const char *device, int64_t revision, struct push_answer *out)
{
	static const struct mqtt_handlers handlers = {
		.connected = on_connected,
		.failed = on_failed,
		.message = on_message,
	};
	struct asking a = { .device = device, .revision = revision, .out = out };
	int result = push_link_open(&a.link, c, &handlers, on_timer, &a);

	*out = (struct push_answer){ 0 };
	if (result == EXIT_DONE && push_link_subscribe(&a.link, device, "cmd/answer") < 0)
		result = EXIT_FAILED;
	if (result == EXIT_DONE)
		result = push_link_run(&a.link);
	push_link_close(&a.link);
	return result;
}
