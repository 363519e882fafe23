/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The only file that includes Lua's headers (5.4).
 *
 * The budget of a call is spent by a hook every HOOK_EVERY instructions, by what is allocated (16 bytes are about as dear as
 * an instruction) and by what table functions touch. No function of the box catches errors, so an error that the hook throws
 * ends the call.
 *
 * All of it happens under lua_pcall(), also the making of the box, for any call of Lua's may run out of memory; then
 * it jumps here.
 */
#include "pipelines/lua_box.h"

#include <errno.h>
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/pool.h"

enum { HOOK_EVERY = 100, BYTES_PER_INSTRUCTION = 16 };

struct lua_box {
	lua_State *lua;
	struct pool pool;
	int64_t limit, spent;
	const struct lua_box_options *options; /* while it is made */
	char error[LUA_BOX_ERROR_BYTES];
};

static struct lua_box *box_of(lua_State *lua)
{
	return *(struct lua_box **)lua_getextraspace(lua);
}

static void *resize(void *ctx, void *old, size_t old_bytes, size_t bytes)
{
	struct lua_box *b = ctx;

	b->spent += (int64_t)(bytes / BYTES_PER_INSTRUCTION);
	return pool_resize(&b->pool, old, old ? old_bytes : 0, bytes); /* without a block it is a type */
}

/* @level: of the function that is to blame; a hook has none of its own. */
static void spend(lua_State *lua, int64_t instructions, int level)
{
	struct lua_box *b = box_of(lua);

	b->spent += instructions;
	if (b->spent > b->limit) {
		luaL_where(lua, level);
		lua_pushfstring(lua, "more than %d instructions in one call", (int)b->limit);
		lua_concat(lua, 2);
		lua_error(lua);
	}
}

static void on_count(lua_State *lua, lua_Debug *where UNUSED)
{
	spend(lua, HOOK_EVERY, 0);
}

/* --- making the box --- */

static const char *const base_names[] = { "assert", "error", "ipairs", "select", "tonumber", "tostring", "type", NULL };
static const char *const string_names[] = { "byte", "char", "format", "len", "lower", "reverse", "sub", "upper", NULL };
static const char *const table_names[] = { "concat", "insert", "pack", "remove", "sort", "unpack", NULL };
static const char *const math_names[] = { "abs",  "acos",	"asin",	     "atan", "ceil", "cos",    "deg",
					  "exp",  "floor",	"fmod",	     "huge", "log",  "max",    "maxinteger",
					  "min",  "mininteger", "modf",	     "pi",   "rad",  "random", "sin",
					  "sqrt", "tan",	"tointeger", "type", "ult",  NULL };

/* Going through a table in an order that is the same everywhere. Its arguments are next and table.sort. */
static const char pairs_code[] = "local next, sort = ...\n"
				 "local function less(a, b)\n"
				 "  local s, t = type(a), type(b)\n"
				 "  if s ~= t then return s < t end\n"
				 "  return a < b\n"
				 "end\n"
				 "return function(t)\n"
				 "  local keys, n, i = {}, 0, 0\n"
				 "  for k in next, t do n = n + 1; keys[n] = k end\n"
				 "  sort(keys, less)\n"
				 "  return function()\n"
				 "    i = i + 1\n"
				 "    local k = keys[i]\n"
				 "    if k ~= nil then return k, t[k] end\n"
				 "  end\n"
				 "end\n";

/* A function over the whole of a table: its length counts. */
static int call_charged(lua_State *lua)
{
	if (lua_istable(lua, 1))
		spend(lua, 8 * (int64_t)lua_rawlen(lua, 1), 1);
	lua_pushvalue(lua, lua_upvalueindex(1));
	lua_insert(lua, 1);
	lua_call(lua, lua_gettop(lua) - 1, LUA_MULTRET);
	return lua_gettop(lua);
}

/* A new table with some members of the library on top of the stack, which it replaces. */
static void pick(lua_State *lua, const char *const names[], bool is_charged)
{
	lua_newtable(lua);
	for (size_t i = 0; names[i]; i++) {
		lua_getfield(lua, -2, names[i]);
		if (is_charged)
			lua_pushcclosure(lua, call_charged, 1);
		lua_setfield(lua, -2, names[i]);
	}
	lua_remove(lua, -2);
}

static void open_library(lua_State *lua, lua_CFunction open)
{
	lua_pushcfunction(lua, open);
	lua_call(lua, 0, 1);
}

/* The libraries as they are meant stay out of reach; the globals become a new table with copies. */
static void make_globals(lua_State *lua)
{
	open_library(lua, luaopen_base); /* which sets the globals, too */
	open_library(lua, luaopen_table);
	luaL_loadbufferx(lua, pairs_code, sizeof(pairs_code) - 1, "=pairs", "t");
	lua_getfield(lua, 1, "next");
	lua_getfield(lua, 2, "sort");
	lua_call(lua, 2, 1);
	lua_setfield(lua, 1, "pairs");
	pick(lua, table_names, true);

	open_library(lua, luaopen_math);
	lua_getfield(lua, -1, "randomseed");
	lua_pushinteger(lua, 1);
	lua_call(lua, 1, 0);
	pick(lua, math_names, false);

	open_library(lua, luaopen_string);
	pick(lua, string_names, false);
	lua_pushliteral(lua, "");
	lua_getmetatable(lua, -1);
	lua_pushvalue(lua, -3);
	lua_setfield(lua, -2, "__index"); /* ("x"):rep() would be another way to all of them */
	lua_pop(lua, 2);

	lua_newtable(lua); /* base 1, table 2, math 3, string 4 */
	for (size_t i = 0; base_names[i]; i++) {
		lua_getfield(lua, 1, base_names[i]);
		lua_setfield(lua, -2, base_names[i]);
	}
	lua_getfield(lua, 1, "pairs");
	lua_setfield(lua, -2, "pairs");
	lua_pushvalue(lua, 2);
	lua_setfield(lua, -2, "table");
	lua_pushvalue(lua, 3);
	lua_setfield(lua, -2, "math");
	lua_pushvalue(lua, 4);
	lua_setfield(lua, -2, "string");
	lua_pushnumber(lua, (lua_Number)NAN);
	lua_setfield(lua, -2, "gap");
	lua_rawseti(lua, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
	lua_settop(lua, 0);
}

/* Leaves on the stack what calls need: on_sample, then the names. */
static int make(lua_State *lua)
{
	const struct lua_box_options *o = box_of(lua)->options;

	make_globals(lua);
	box_of(lua)->spent = 0;
	lua_sethook(lua, on_count, LUA_MASKCOUNT, HOOK_EVERY);
	if (luaL_loadbufferx(lua, o->code, o->code_bytes, o->chunk, "t") != LUA_OK)
		return lua_error(lua);
	lua_call(lua, 0, 0);
	if (lua_getglobal(lua, "on_sample") != LUA_TFUNCTION)
		return luaL_error(lua, "it must define a function on_sample(x, t, name)");
	for (size_t i = 0; i < o->n_names; i++)
		lua_pushstring(lua, o->names[i]);
	return 1 + (int)o->n_names;
}

static void keep_error(struct lua_box *b, char *error)
{
	const char *text = lua_type(b->lua, -1) == LUA_TSTRING ? lua_tostring(b->lua, -1) : "an error without a text";

	snprintf(error, LUA_BOX_ERROR_BYTES, "%s", text);
}

int lua_box_new(struct lua_box **out, const struct lua_box_options *o, struct arena *a,
		char error[static LUA_BOX_ERROR_BYTES])
{
	struct lua_box *b = arena_alloc(a, sizeof(*b));

	b->options = o;
	b->limit = o->instructions;
	pool_init(&b->pool, arena_alloc(a, o->memory_bytes), o->memory_bytes);
	b->lua = lua_newstate(resize, b);
	if (!b->lua) {
		snprintf(error, LUA_BOX_ERROR_BYTES, "not enough memory");
		return -EINVAL;
	}
	*(struct lua_box **)lua_getextraspace(b->lua) = b;
	lua_pushcfunction(b->lua, make);
	if (lua_pcall(b->lua, 0, LUA_MULTRET, 0) != LUA_OK) {
		keep_error(b, error);
		return -EINVAL;
	}
	b->options = NULL;
	*out = b;
	return 0;
}

/* --- calling it --- */

static enum lua_box_result fail(struct lua_box *b)
{
	keep_error(b, b->error);
	return LUA_BOX_FAILED;
}

static enum lua_box_result read_result(struct lua_box *b, double *y)
{
	switch (lua_type(b->lua, -1)) {
	case LUA_TNIL:
		return LUA_BOX_NOTHING;
	case LUA_TNUMBER:
		*y = lua_tonumber(b->lua, -1);
		return LUA_BOX_NUMBER;
	default:
		snprintf(b->error, sizeof(b->error), "on_sample returned a %s, expected a number, nil or gap",
			 luaL_typename(b->lua, -1));
		return LUA_BOX_FAILED;
	}
}

enum lua_box_result lua_box_call(struct lua_box *b, double x, double t_s, size_t name, double *y)
{
	lua_State *lua = b->lua;
	int top = lua_gettop(lua);
	enum lua_box_result result;

	b->spent = 0;
	lua_sethook(lua, on_count, LUA_MASKCOUNT, HOOK_EVERY); /* and so the count begins anew */
	lua_pushvalue(lua, 1);
	lua_pushnumber(lua, x);
	lua_pushnumber(lua, t_s);
	lua_pushvalue(lua, 2 + (int)name); /* LUA_MINSTACK has room for these */
	result = lua_pcall(lua, 3, 1, 0) == LUA_OK ? read_result(b, y) : fail(b);
	lua_settop(lua, top);
	return result;
}

const char *lua_box_error(const struct lua_box *b)
{
	return b->error;
}
