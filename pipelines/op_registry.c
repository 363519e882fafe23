/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of op.h as an array. Every operator is named here, so the linker can not drop one from a static
 * library, and grep finds who uses it.
 */
#include <string.h>

#include "base/check.h"
#include "pipelines/op.h"

#define DECLARE(name) extern const struct op_class op_##name;
OPERATORS(DECLARE)

#define ROW(name) &op_##name,
static const struct op_class *const table[] = { OPERATORS(ROW) };

static const struct {
	const char *name, *help;
} families[N_OP_FAMILIES] = {
	[OP_SHAPING] = { "shaping", "another number for the same moment: calibration, units, derived quantities" },
	[OP_CLEANING] = { "cleaning", "what is wrong, doubtful or missing" },
	[OP_SMOOTHING] = { "smoothing", "less noise" },
	[OP_CHANGE] = { "change", "how it changes, and no more results than changes" },
	[OP_WINDOWS] = { "windows", "one number of many: mean, spread, quantile, kurtosis, slope and more" },
	[OP_SPECTRUM] = { "spectrum", "what vibrates, and how fast" },
	[OP_ANOMALY] = { "anomaly", "states that say: this is not as it should be" },
	[OP_JOINING] = { "joining", "one result of several series" },
	[OP_PROGRAM] = { "program", "whatever else, written by yourself" },
};

const struct op_class *op_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		if (!strcmp(table[i]->name, name))
			return table[i];
	}
	return NULL;
}

const struct op_class *op_at(size_t i)
{
	return i < ARRAY_LEN(table) ? table[i] : NULL;
}

const char *op_family_name(enum op_family family)
{
	return families[family].name;
}

const char *op_family_help(enum op_family family)
{
	return families[family].help;
}

void emit_to_all(const struct emitter *out, const struct sample *s)
{
	for (size_t i = 0; i < out->n_links; i++) {
		const struct op_link *link = &out->links[i];

		link->to->push(link->to->state, link->input, s, &link->to->out);
	}
}
