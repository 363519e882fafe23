/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lua_box.h - a Lua script in a box: it can compute, and nothing else. No files, no system, no loading of code, no
 * catching of errors; so many instructions a call, so much memory for all its life, taken at the start. What C functions could
 * do without limit (patterns, rep, move, metatables) is left out, and what is done to whole tables or strings counts like
 * instructions. Nothing depends on time, addresses or chance: pairs() goes in the order of the keys, random() begins alike.
 */
#ifndef RUNNEL_PIPELINES_LUA_BOX_H
#define RUNNEL_PIPELINES_LUA_BOX_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/check.h"

struct lua_box;

enum { LUA_BOX_ERROR_BYTES = 128 };

struct lua_box_options {
	const char *code;
	size_t code_bytes;
	const char *chunk; /* what messages call the code; they say CHUNK:LINE: */
	size_t memory_bytes;
	int64_t instructions;	  /* of one call */
	const char *const *names; /* third argument of the calls */
	size_t n_names;
};

/**
 * Run the script, which must define a function on_sample(x, t, name). Memory comes from @a.
 * @return  0, or -EINVAL with @error filled
 */
NODISCARD int lua_box_new(struct lua_box **out, const struct lua_box_options *o, struct arena *a,
			  char error[static LUA_BOX_ERROR_BYTES]);

enum lua_box_result {
	LUA_BOX_NUMBER,	 /* *y is set; NaN when it says `gap` */
	LUA_BOX_NOTHING, /* it returned nil */
	LUA_BOX_FAILED,	 /* see lua_box_error(); the next call is one like any other */
};

/** on_sample(x, t_s, names[name]). Allocates nothing outside of the box. */
enum lua_box_result lua_box_call(struct lua_box *b, double x, double t_s, size_t name, double *y);

/** Of the last call that failed. */
const char *lua_box_error(const struct lua_box *b);

#endif
