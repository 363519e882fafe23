/* SPDX-License-Identifier: Apache-2.0 */
/* yaml_place.h - where a character of a scalar's text stands in the file, for errors inside of it. */
#ifndef RUNNEL_AGENT_YAML_PLACE_H
#define RUNNEL_AGENT_YAML_PLACE_H

#include <stddef.h>

#include "base/node.h"

/** The text that the nodes were read from; without it columns count from the start of the scalar. */
struct yaml_source {
	const char *text;
	size_t bytes;
};

/**
 * The place of byte @offset of @scalar's text, also in quotes with escapes, on a further line and in a block (| and >). Behind the
 * text, or in the blanks at its end: right behind its last character.
 */
struct place yaml_place_in(const struct yaml_source *source, const struct node *scalar, size_t offset);

#endif
