/* SPDX-License-Identifier: Apache-2.0 */
/* yaml_problem.h - what is wrong with a YAML text, in the words of the person who wrote it. Part of yaml.c. */
#ifndef RUNNEL_AGENT_YAML_PROBLEM_H
#define RUNNEL_AGENT_YAML_PROBLEM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/check.h"
#include "base/diag.h"
#include "base/node.h"

struct yaml_problem {
	const char *problem, *context; /* parts of what libyaml says; NULL: any */
	char character;		       /* where it says so; 0: any */
	bool is_at_context;	       /* the mistake is where the construct began, not where the parser gave up */
	const char *text;
};

/** @problem and @context (may be NULL) as libyaml gives them, @c the character it stopped at. NULL: not known. */
const struct yaml_problem *yaml_problem_find(const char *problem, const char *context, char c);

/** Where byte @offset is; columns count characters. */
struct place yaml_place_of_offset(const char *text, size_t bytes, size_t offset);

/** The first byte of character number @index (from 0), 0 past the end. @text is UTF-8. */
char yaml_char_at(const char *text, size_t bytes, size_t index);

/** Report bytes that are not UTF-8 and control characters. @return 0, or -EINVAL with an error in @d */
NODISCARD int yaml_check_bytes(struct diag *d, const char *text, size_t bytes);

#endif
