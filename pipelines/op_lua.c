/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lua - an operator written in the config: a script that defines on_sample(x, t, name) and returns a number, nil for no
 * result, or `gap`. What it keeps in variables lives from call to call.
 *
 *     - lua: |
 *         local last
 *         function on_sample(x, t)
 *           local step = last and x - last
 *           last = x
 *           return step
 *         end
 *
 * t is in Unix seconds, name that of the input. Gaps do not come to the script: a gap stays one. With several inputs each sample is
 * a call. The script runs in a box (lua_box.h): it cannot wait, allocate or loop without end, so the worst it does to others
 * is to use up its instructions at each sample. A call that fails gives a gap and the next is one like any other; the first
 * failure is told, with its line. A result that is no finite number is a gap.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/fileio.h"
#include "base/unit.h"
#include "pipelines/lua_box.h"
#include "pipelines/op.h"
#include "pipelines/series.h"

enum { FILE_MAX_BYTES = 256 * 1024 };

struct lua {
	const char *code, *file;
	const struct unit *unit;
	bool is_state;
	int64_t instructions, memory_bytes;

	struct lua_box *box;
	uint32_t lost; /* not handed on yet */
	uint64_t n_failures;
	char first_failure[LUA_BOX_ERROR_BYTES];
};

static const struct opt options[] = {
	{ "code", OPT_TEXT, offsetof(struct lua, code), .example = "function on_sample(x) return 2 * x end",
	  .help = "the script, which defines on_sample(x, t, name)" },
	{ "file", OPT_TEXT, offsetof(struct lua, file), .help = "instead of code: where the script is" },
	{ "unit", OPT_UNIT, offsetof(struct lua, unit),
	  .help = "unit of the result; default: that of the first input" },
	{ "state", OPT_BOOL, offsetof(struct lua, is_state), .def = "no",
	  .help = "the result is a state: 1 for any number but 0" },
	{ "instructions", OPT_INT, offsetof(struct lua, instructions), .min = 1000, .max = 1e8, .def = "100000",
	  .help = "of Lua's machine, at most so many in a call" },
	{ "memory", OPT_BYTES, offsetof(struct lua, memory_bytes), .min = 65536, .max = 67108864, .def = "256KiB",
	  .help = "all that the script can ever have" },
};

static int read_file(struct lua *l, struct op_setup *s, size_t *len)
{
	char *text = arena_alloc(s->arena, FILE_MAX_BYTES + 1);
	int fd = fileio_open(l->file);
	ssize_t n = fd;

	*len = 0;
	while (fd >= 0 && *len <= FILE_MAX_BYTES) {
		n = fileio_read(fd, text + *len, FILE_MAX_BYTES + 1 - *len);
		if (n <= 0)
			break;
		*len += (size_t)n;
	}
	if (fd >= 0)
		fileio_close(fd);
	if (n < 0) {
		snprintf(s->error, sizeof(s->error), "%.80s: %s", l->file, strerror((int)-n));
		return -EINVAL;
	}
	if (*len > FILE_MAX_BYTES) {
		snprintf(s->error, sizeof(s->error), "%.80s: more than %d KiB", l->file, FILE_MAX_BYTES / 1024);
		return -EINVAL;
	}
	l->code = text;
	return 0;
}

static const char *chunk_name(const struct lua *l, struct arena *a)
{
	const char *base = l->file ? strrchr(l->file, '/') : NULL;

	return l->file ? arena_printf(a, "=%.40s", base ? base + 1 : l->file) : "=lua";
}

static int make_box(struct lua *l, struct op_setup *s, size_t len)
{
	static const char *const no_names[OP_MAX_INPUTS] = { "", "", "", "", "", "", "", "",
							     "", "", "", "", "", "", "", "" };
	const struct lua_box_options o = {
		.code = l->code,
		.code_bytes = len,
		.chunk = chunk_name(l, s->arena),
		.memory_bytes = (size_t)l->memory_bytes,
		.instructions = l->instructions,
		.names = s->names ? s->names : no_names,
		.n_names = s->n_inputs,
	};
	char error[LUA_BOX_ERROR_BYTES];
	int r = lua_box_new(&l->box, &o, s->arena, error);

	if (r < 0)
		snprintf(s->error, sizeof(s->error), "%s", error);
	return r;
}

static int lua_setup(void *state, struct op_setup *s)
{
	struct lua *l = state;
	size_t len = l->code ? strlen(l->code) : 0;
	int r = 0;

	if (!l->code == !l->file) {
		snprintf(s->error, sizeof(s->error), "expected one of code and file, found %s",
			 l->code ? "both" : "neither");
		return -EINVAL;
	}
	if (l->file)
		r = read_file(l, s, &len);
	if (r == 0)
		r = make_box(l, s, len);
	s->output->kind = l->is_state ? SERIES_STATE : SERIES_GAUGE;
	if (l->is_state)
		s->output->unit = unit_find("1");
	else if (l->unit)
		s->output->unit = l->unit;
	if (s->n_inputs > 1)
		s->output->period_us = 0;
	return r;
}

static double failed(struct lua *l)
{
	if (l->n_failures++ == 0)
		snprintf(l->first_failure, sizeof(l->first_failure), "%s", lua_box_error(l->box));
	return NAN;
}

static void lua_push_sample(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct lua *l = state;
	struct sample s = { .at_us = in->at_us, .lost = series_add_lost(l->lost, in->lost) };
	double y = NAN;

	if (!series_is_gap(in->value)) {
		switch (lua_box_call(l->box, in->value, (double)in->at_us / 1e6, input, &y)) {
		case LUA_BOX_NOTHING:
			l->lost = s.lost;
			return;
		case LUA_BOX_FAILED:
			y = failed(l);
			break;
		case LUA_BOX_NUMBER:
			if (l->is_state && isfinite(y))
				y = y != 0.0;
		}
	}
	l->lost = 0;
	series_emit(out, &s, y);
}

static const char *lua_trouble(const void *state, uint64_t *n)
{
	const struct lua *l = state;

	*n = l->n_failures;
	return l->first_failure;
}

static bool lua_needs_local_trust(const void *state)
{
	const struct lua *l = state;

	return l->file != NULL;
}

const struct op_class op_lua = {
	.name = "lua",
	.family = OP_PROGRAM,
	.help = "a Lua script for each sample, kept from files, system, endless loops and more memory than it was "
		"given",
	.formula = "y = on_sample(x, t, name)",
	.memory = "`memory`, taken at the start",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct lua),
	.min_inputs = 1,
	.max_inputs = OP_MAX_INPUTS,
	.setup = lua_setup,
	.push = lua_push_sample,
	.trouble = lua_trouble,
	.needs_local_trust = lua_needs_local_trust,
};
