/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml_place.c - the parser says where a scalar begins, not where its characters are: escapes, folded lines and indented blocks lie
 * between. So the source is read once more from there, by the rules of YAML 1.1 for the style it is in, counting what comes out.
 * Only for an error message, so it may take its time.
 */
#include "agent/yaml_place.h"

#include <string.h>

#include "base/text.h"

struct walk {
	const char *at, *end;
	struct place place; /* of @at */
	size_t left;	    /* bytes of the text before the one that is looked for */
	struct place found; /* of the byte that came out last */
	bool is_found;
};

static void step(struct walk *w)
{
	size_t n = text_utf8_length(w->at, (size_t)(w->end - w->at));
	bool is_break = *w->at == '\n';

	w->at += n > 0 ? n : 1;
	w->place.column = is_break ? 1 : w->place.column + 1;
	w->place.line += is_break;
}

static void skip(struct walk *w, const char *set)
{
	while (w->at < w->end && strchr(set, *w->at))
		step(w);
}

/* @n bytes of the text come from @from. */
static void give(struct walk *w, size_t n, struct place from)
{
	if (w->is_found)
		return;
	w->found = from;
	w->is_found = w->left < n;
	w->left -= w->is_found ? 0 : n;
}

/* Blanks around a line break: a space, or a line break for each empty line. */
static void fold(struct walk *w)
{
	struct place from = w->place;
	size_t n_breaks = 0;

	for (; w->at < w->end && strchr(" \t\r\n", *w->at); step(w))
		n_breaks += *w->at == '\n';
	give(w, n_breaks > 1 ? n_breaks - 1 : 1, from);
}

/* Do the blanks at @at go on to a line break? */
static bool is_line_end(const struct walk *w)
{
	const char *p = w->at;

	while (p < w->end && (*p == ' ' || *p == '\t' || *p == '\r'))
		p++;
	return p < w->end && *p == '\n';
}

static void walk_character(struct walk *w)
{
	const char *before = w->at;
	struct place from = w->place;

	step(w);
	give(w, (size_t)(w->at - before), from);
}

/* \n is one byte; those of four or eight digits may be more, but what stands behind a character beyond ASCII is never asked for. */
static void walk_escape(struct walk *w)
{
	struct place from = w->place;
	size_t n_digits;

	step(w);
	if (w->at == w->end)
		return;
	if (*w->at == '\n' || *w->at == '\r') {
		skip(w, " \t\r\n");
		return;
	}
	n_digits = *w->at == 'x' ? 2 : *w->at == 'u' ? 4 : *w->at == 'U' ? 8 : 0;
	for (step(w); n_digits > 0 && w->at < w->end; n_digits--)
		step(w);
	give(w, 1, from);
}

/* Two single quotes are one; the last quote of all is never asked for. */
static void walk_doubled(struct walk *w)
{
	step(w);
	if (w->at < w->end)
		walk_character(w);
}

static void walk_flow(struct walk *w, char quote)
{
	if (quote)
		step(w);
	while (w->at < w->end && !w->is_found) {
		if (is_line_end(w))
			fold(w);
		else if (quote == '"' && *w->at == '\\')
			walk_escape(w);
		else if (quote == '\'' && *w->at == quote)
			walk_doubled(w);
		else
			walk_character(w);
	}
}

/* Up to the first line of the block that is not empty. @return its indentation */
static unsigned enter_block(struct walk *w)
{
	struct walk probe;
	unsigned indent = 0;

	while (w->at < w->end && *w->at != '\n') {
		if (*w->at >= '1' && *w->at <= '9')
			indent = (unsigned)(*w->at - '0');
		step(w);
	}
	if (w->at < w->end)
		step(w);
	probe = *w;
	skip(&probe, " \n\r");
	return indent > 0 ? indent : probe.place.column - 1;
}

/* A line break of a block. In a folded one it is a space between two lines of text, and nothing before an empty line. */
static void walk_break(struct walk *w, bool is_folded)
{
	struct place from = w->place;
	size_t n_empty = 0;

	step(w);
	while (is_folded && w->at < w->end && is_line_end(w)) {
		skip(w, " \t\r");
		step(w);
		n_empty++;
	}
	give(w, n_empty > 0 ? n_empty : 1, from);
}

static void walk_block(struct walk *w, bool is_folded)
{
	unsigned indent = enter_block(w);

	while (w->at < w->end && !w->is_found) {
		while (w->at < w->end && *w->at == ' ' && w->place.column <= indent)
			step(w);
		while (w->at < w->end && *w->at != '\n' && !w->is_found)
			walk_character(w);
		if (w->at < w->end && !w->is_found)
			walk_break(w, is_folded);
	}
}

/* In blanks at the end of the text there is nothing to point at. */
static size_t length_without_blanks(const char *text)
{
	size_t len = strlen(text);

	while (len > 0 && strchr(" \t\r\n", text[len - 1]))
		len--;
	return len;
}

static void go_to(struct walk *w, struct place to)
{
	while (w->at < w->end && (w->place.line < to.line || (w->place.line == to.line && w->place.column < to.column)))
		step(w);
}

struct place yaml_place_in(const struct yaml_source *source, const struct node *scalar, size_t offset)
{
	struct walk w = { .at = source->text, .end = source->text + source->bytes, .place = { 1, 1 } };
	size_t len = length_without_blanks(scalar->text);
	bool is_behind = len > 0 && offset >= len;

	w.left = is_behind ? len - 1 : offset;
	if (w.end - w.at >= 3 && memcmp(w.at, "\xEF\xBB\xBF", 3) == 0)
		w.at += 3;
	go_to(&w, scalar->at);
	w.found = scalar->at;
	if (w.at == w.end)
		return scalar->at;
	if (scalar->quoted && (*w.at == '|' || *w.at == '>'))
		walk_block(&w, *w.at == '>');
	else
		walk_flow(&w, scalar->quoted ? *w.at : '\0');
	w.found.column += is_behind;
	return w.found;
}
