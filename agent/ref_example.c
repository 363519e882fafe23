/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ref_example.c - ready-made configs from the tables. An option is in the example when it is required or when its row says
 * what an example would hold; a required one without that gets a value that its type and bounds allow.
 */
#include <math.h>
#include <string.h>

#include "agent/ref.h"
#include "base/text.h"

static bool is_shown(const struct opt *row)
{
	return row->required || row->example;
}

/* A plain YAML scalar has no character that means something to YAML; anything else is quoted. */
static void add_scalar(struct dynbuf *out, const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./+-";
	bool is_plain = text[0] && strspn(text, plain) == strlen(text);

	dynbuf_addf(out, is_plain ? "%s" : "\"%s\"", text);
}

static double bounded(const struct opt *row, double x)
{
	if (row->min == 0.0 && row->max == 0.0)
		return x;
	return fmin(fmax(x, row->min), row->max);
}

/* As many as there must be; points on the diagonal. */
static void add_list(struct dynbuf *out, const struct opt *row, size_t least)
{
	size_t n = row->min_items > least ? row->min_items : least;
	char buf[32];

	dynbuf_adds(out, "[");
	for (size_t i = 0; i < n; i++) {
		text_from_double(bounded(row, 10.0 * (double)i), buf, sizeof(buf));
		dynbuf_addf(out, row->type == OPT_POINTS ? "%s[%s, %s]" : "%s%s", i > 0 ? ", " : "", buf, buf);
	}
	dynbuf_adds(out, "]");
}

static void add_value(struct dynbuf *out, const struct opt *row)
{
	char buf[32];

	if (row->example && (row->type == OPT_DOUBLE_LIST || row->type == OPT_POINTS)) {
		dynbuf_adds(out, row->example);
		return;
	}
	if (row->example || row->def) {
		add_scalar(out, row->example ? row->example : row->def);
		return;
	}
	switch (row->type) {
	case OPT_BOOL:
		dynbuf_adds(out, "true");
		break;
	case OPT_INT:
	case OPT_DOUBLE:
		dynbuf_adds(out, text_from_double(bounded(row, 5.0), buf, sizeof(buf)));
		break;
	case OPT_DURATION:
		dynbuf_adds(out, text_from_duration((int64_t)bounded(row, 10e6), buf, sizeof(buf)));
		break;
	case OPT_SPAN:
		dynbuf_adds(out, "10s");
		break;
	case OPT_BYTES:
		dynbuf_adds(out, text_from_bytes((int64_t)bounded(row, 65536.0), buf, sizeof(buf)));
		break;
	case OPT_ENUM:
		add_scalar(out, row->choices[0]);
		break;
	case OPT_UNIT:
		dynbuf_adds(out, "Cel");
		break;
	case OPT_TEXT:
	case OPT_TEXT_LIST:
		add_scalar(out, row->name);
		break;
	case OPT_TEXT_MAP:
	case OPT_UNIT_MAP:
		dynbuf_adds(out, "{}");
		break;
	case OPT_DOUBLE_LIST:
		add_list(out, row, 1);
		break;
	case OPT_POINTS:
		add_list(out, row, 2);
		break;
	}
}

void ref_example_options(struct dynbuf *out, const struct opt_table *table, const char *before)
{
	for (size_t i = 0; i < table->n; i++) {
		if (!is_shown(&table->rows[i]))
			continue;
		dynbuf_addf(out, "%s%s: ", before, table->rows[i].name);
		add_value(out, &table->rows[i]);
		before = ", ";
	}
}

/* @more: options beyond what the driver's rows say, or NULL. */
static void add_sensor(struct dynbuf *out, const char *name, const struct sensor_driver *driver, const char *more)
{
	dynbuf_addf(out, "  %s: {driver: %s%s%s", name, driver->name, more ? ", " : "", more ? more : "");
	ref_example_options(out, &driver->options, ", ");
	dynbuf_adds(out, driver->is_self_paced ? "}\n" : ", every: 1s}\n");
}

void ref_driver_example(struct dynbuf *out, const struct sensor_driver *driver)
{
	const struct channel *channel = driver->n_channels > 0 ? &driver->channels[0] : NULL;
	const char *kpi = "mean";

	dynbuf_adds(out, "sensors:\n");
	add_sensor(out, "mine", driver, NULL);
	if (!channel) {
		dynbuf_adds(out, "# its channels follow from its options; then, for example\n"
				 "# streams: {values: {from: mine.CHANNEL}}\n");
		return;
	}
	if (channel->kind == CHANNEL_COUNTER)
		kpi = "increase";
	else if (channel->kind == CHANNEL_STATE)
		kpi = "time_mean";
	dynbuf_addf(out, "streams:\n  %s: {from: mine.%s}\nkpis:\n  %s_%s: {value: %s(%s)}\n", channel->name,
		    channel->name, channel->name, kpi, kpi, channel->name);
}

/* A driver whose first channel is measured and that needs nothing: what an operator can be shown with. */
static const struct sensor_driver *simple_driver(void)
{
	const struct sensor_driver *driver, *found = NULL;

	for (size_t i = 0; (driver = sensor_driver_at(i)); i++) {
		bool is_simple = driver->n_channels > 0 && driver->channels[0].kind == CHANNEL_GAUGE;

		for (size_t k = 0; k < driver->options.n; k++)
			is_simple = is_simple && !driver->options.rows[k].required;
		if (is_simple && (!found || strcmp(driver->name, "sim") == 0))
			found = driver;
	}
	return found;
}

static void add_step(struct dynbuf *out, const struct op_class *op)
{
	size_t n_shown = 0;

	for (size_t i = 0; i < op->options.n; i++)
		n_shown += is_shown(&op->options.rows[i]);
	dynbuf_addf(out, "      - %s", op->name);
	if (n_shown == 1 && is_shown(&op->options.rows[0])) {
		dynbuf_adds(out, ": ");
		add_value(out, &op->options.rows[0]);
	} else if (n_shown > 0) {
		dynbuf_adds(out, ": {");
		ref_example_options(out, &op->options, "");
		dynbuf_adds(out, "}");
	}
	dynbuf_adds(out, "\n");
}

void ref_operator_example(struct dynbuf *out, const struct op_class *op)
{
	const struct sensor_driver *driver = simple_driver();
	const char *channel = driver ? driver->channels[0].name : NULL;

	if (driver) {
		dynbuf_adds(out, "sensors:\n");
		add_sensor(out, "a", driver, op->example_inputs[0]);
		if (op->min_inputs > 1)
			add_sensor(out, "b", driver, op->example_inputs[1]);
	}
	dynbuf_adds(out, "streams:\n  result:\n    from: ");
	if (op->min_inputs > 1)
		dynbuf_addf(out, "[a.%s, b.%s]\n", channel ? channel : "CHANNEL", channel ? channel : "CHANNEL");
	else
		dynbuf_addf(out, "a.%s\n", channel ? channel : "CHANNEL");
	dynbuf_adds(out, "    through:\n");
	add_step(out, op);
}
