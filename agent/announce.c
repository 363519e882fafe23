/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/announce.h"

#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/loop.h"
#include "base/timestamp.h"

static void hex_member(struct json *j, const char *key, uint32_t value)
{
	char hex[9];

	snprintf(hex, sizeof(hex), "%08x", value);
	json_text(j, key, hex);
}

void announce_birth(struct dynbuf *out, const struct conf *c, const struct identity *id)
{
	struct json j = { .out = out };

	dynbuf_reset(out);
	json_object_begin(&j, NULL);
	json_text(&j, "device", c->device);
	json_text(&j, "site", c->site);
	json_object_begin(&j, "labels");
	for (size_t i = 0; i < c->labels.n; i++)
		json_text(&j, c->labels.pairs[i].name, c->labels.pairs[i].value);
	json_object_end(&j);
	json_text(&j, "agent", RUNNEL_VERSION);
	json_uint(&j, "boot", id->boot);
	json_int(&j, "revision", c->revision);
	hex_member(&j, "config", c->hash);
	json_text(&j, "nonce", id->nonce);
	hex_member(&j, "contract", id->contract);
	json_array_begin(&j, "sensors");
	for (size_t i = 0; i < c->n_sensors; i++) {
		json_object_begin(&j, NULL);
		json_text(&j, "name", c->sensors[i].name);
		json_text(&j, "driver", c->sensors[i].driver->name);
		json_int(&j, "every_ms", c->sensors[i].every_us / 1000);
		json_object_end(&j);
	}
	json_array_end(&j);
	json_object_end(&j);
}

static void describe_connection(struct json *j, const struct status *s)
{
	char at[32];

	json_object_begin(j, "mqtt");
	json_uint(j, "connects", s->n_connects);
	json_uint(j, "failed", s->n_attempts_failed);
	if (s->error && s->error[0]) {
		json_text(j, "error", s->error);
		json_text(j, "error_at", timestamp_format(s->error_at_us, at, sizeof(at)));
	}
	json_object_end(j);
}

void announce_status(struct dynbuf *out, const struct status *s, void (*describe)(void *ctx, struct json *j), void *ctx)
{
	struct json j = { .out = out };

	dynbuf_reset(out);
	json_object_begin(&j, NULL);
	json_text(&j, "state", s->state);
	json_uint(&j, "boot", s->boot);
	json_uint(&j, "seq", s->seq);
	json_uint(&j, "wm", s->wm_s);
	json_object_begin(&j, "spool");
	json_uint(&j, "rows", s->spool.n_rows);
	json_uint(&j, "bytes", s->spool.bytes);
	json_uint(&j, "dropped", s->spool.n_dropped);
	json_uint(&j, "refused", s->n_refused);
	json_uint(&j, "merged", s->spool.n_merged);
	json_bool(&j, "on_disk", s->spool.is_on_disk);
	if (s->spool.problem && s->spool.problem[0])
		json_text(&j, "problem", s->spool.problem);
	if (s->is_held)
		json_bool(&j, "held", true);
	json_object_end(&j);
	describe_connection(&j, s);
	if (s->twin)
		json_text(&j, "twin", s->twin);
	if (describe)
		describe(ctx, &j);
	json_object_end(&j);
}

void announce_make_nonce(char out[static 17])
{
	uint64_t bits = 0;

	if (getrandom(&bits, sizeof(bits), GRND_NONBLOCK) != sizeof(bits))
		bits = (uint64_t)loop_mono_us() * 0x9E3779B97F4A7C15u ^ (uint64_t)getpid();
	snprintf(out, 17, "%016llx", (unsigned long long)bits);
}
