/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ref.h - the reference: drivers, operators, KPI functions, units and sections of the config as the code's own tables have
 * them, as text for a terminal, as JSON for programs and as Markdown for docs/configure.md. Nothing here knows a driver
 * or an operator by name.
 */
#ifndef RUNNEL_AGENT_REF_H
#define RUNNEL_AGENT_REF_H

#include "base/dynbuf.h"
#include "base/json.h"
#include "base/opt.h"
#include "base/unit.h"
#include "drivers/output.h"
#include "drivers/sensor.h"
#include "pipelines/atom.h"
#include "pipelines/op.h"

enum { REF_MAX_BYTES = 1 << 20 };

/** @text in lines of at most 80 columns, each after @indent blanks; the first goes on at column @column. Ends the line. */
void ref_wrap(struct dynbuf *out, size_t indent, size_t column, const char *text);

/** What each option accepts, its default and its help. @table may be empty: "none". */
void ref_options_text(struct dynbuf *out, const struct opt_table *table);
void ref_options_markdown(struct dynbuf *out, const struct opt_table *table);

/** @text and the end of its cell of a Markdown table. */
void ref_markdown_cell(struct dynbuf *out, const char *text);

/** The array @key: name, accepts, default, required, unit, help and the JSON Schema of the value. */
void ref_options_json(struct json *j, const char *key, const struct opt_table *table);

/** A whole config that uses the driver or the operator and passes `runnel check`, if what its options name is there. */
void ref_driver_example(struct dynbuf *out, const struct sensor_driver *driver);
void ref_operator_example(struct dynbuf *out, const struct op_class *op);

/** NAME: VALUE of the options an example shows, each after @before. */
void ref_example_options(struct dynbuf *out, const struct opt_table *table, const char *before);

void ref_driver_text(struct dynbuf *out, const struct sensor_driver *driver);
void ref_driver_json(struct json *j, const struct sensor_driver *driver);
void ref_driver_markdown(struct dynbuf *out, const struct sensor_driver *driver);

/** Drivers of outputs, for actions. */
void ref_output_example(struct dynbuf *out, const struct output_driver *driver);
void ref_output_text(struct dynbuf *out, const struct output_driver *driver);
void ref_output_json(struct json *j, const struct output_driver *driver);
void ref_output_markdown(struct dynbuf *out, const struct output_driver *driver);

void ref_operator_text(struct dynbuf *out, const struct op_class *op);
void ref_operator_json(struct json *j, const struct op_class *op);
void ref_operator_markdown(struct dynbuf *out, const struct op_class *op);

void ref_atom_text(struct dynbuf *out, const struct atom *atom);
void ref_atom_json(struct json *j, const struct atom *atom);

void ref_unit_text(struct dynbuf *out, const struct unit *unit);
void ref_unit_json(struct json *j, const struct unit *unit);

/** "mean(s)", "quantile(s, p)". @buf of at least 64 bytes; returns @buf. */
const char *ref_atom_call(const struct atom *atom, char *buf, size_t buf_bytes);

/** "of the stream", "1", ... */
const char *ref_atom_unit(const struct atom *atom);

/** What streams of this unit can hold: least and largest value that is not clipped. */
void ref_unit_range(const struct unit *unit, double *min, double *max);

/** "lin 0.1 Cel" or "exp2 1.08 %". @buf of at least 64 bytes; returns @buf. */
const char *ref_unit_sketch(const struct unit *unit, char *buf, size_t buf_bytes);

/** "gauge", "state" or "counter". */
const char *ref_channel_kind(enum channel_kind kind);

/** "-40 to 85", "" when it is unknown. @buf of at least 80 bytes; returns @buf. */
const char *ref_channel_range(const struct channel *channel, char *buf, size_t buf_bytes);

/** All of it: docs/configure.md. */
void ref_markdown(struct dynbuf *out);

#endif
