/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/query_print.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "base/timestamp.h"

enum { LINE_BYTES = 64 * 1024, CELL_BYTES = 330, MIN_WIDTH = 8 };

void query_print_init(struct query_print *p, const struct query_options *o)
{
	*p = (struct query_print){ .options = o, .name_width = MIN_WIDTH, .group_width = MIN_WIDTH };
	dynbuf_init(&p->line, LINE_BYTES);
	for (size_t i = 0; i < o->n_questions; i++)
		if ((int)strlen(o->questions[i]) > p->name_width)
			p->name_width = (int)strlen(o->questions[i]);
}

void query_print_free(struct query_print *p)
{
	dynbuf_free(&p->line);
}

static int write_line(struct query_print *p)
{
	bool is_good = fwrite(dynbuf_text(&p->line), 1, p->line.len, stdout) == p->line.len;

	dynbuf_reset(&p->line);
	return is_good ? 0 : errno == EPIPE ? -EPIPE : -EIO;
}

/* Names come from devices: nothing of them moves the cursor. */
static const char *printable(const char *text, char out[static CELL_BYTES])
{
	snprintf(out, CELL_BYTES, "%s", text);
	return text_make_printable(out);
}

static const char *number(double x, char out[static 32])
{
	return isnan(x) ? "" : text_from_double(x, out, 32);
}

/* --- CSV --- */

static void csv_text(struct dynbuf *out, const char *text)
{
	if (!strpbrk(text, ",\"\r\n")) {
		dynbuf_adds(out, text);
		return;
	}
	dynbuf_adds(out, "\"");
	for (; *text; text++)
		dynbuf_add(out, *text == '"' ? "\"\"" : text, *text == '"' ? 2 : 1);
	dynbuf_adds(out, "\"");
}

static const char *time_of(uint64_t s, char out[static 32])
{
	timestamp_format((int64_t)s * 1000000, out, 32);
	memcpy(out + 19, "Z", 2); /* without the milliseconds, which are 000 */
	return out;
}

static int csv_row(struct query_print *p, const struct past_row *r, uint32_t version)
{
	char time[32], value[32], coverage[32];

	if (p->n_rows++ == 0)
		dynbuf_adds(&p->line,
			    "time,w0,wl,group,name,value,unit,n,expected,devices,expected_devices,complete_devices,"
			    "coverage,state,version\n");
	dynbuf_addf(&p->line, "%s,%llu,%llu,", time_of(r->w0, time), (unsigned long long)r->w0,
		    (unsigned long long)r->wl);
	csv_text(&p->line, r->group);
	dynbuf_adds(&p->line, ",");
	csv_text(&p->line, r->question->name);
	dynbuf_addf(&p->line, ",%s,", number(r->value, value));
	csv_text(&p->line, r->unit);
	dynbuf_addf(&p->line, ",%llu,%llu,%zu,%zu,%zu,%s,%s,", (unsigned long long)r->n,
		    (unsigned long long)r->expected, r->devices, r->expected_devices, r->complete_devices,
		    number(r->coverage, coverage), fleet_kpi_state_name(r->state));
	if (version > 0)
		dynbuf_addf(&p->line, "%u", version);
	dynbuf_adds(&p->line, "\n");
	return write_line(p);
}

/* --- JSON --- */

static const char *by_name(const struct past_scope *s)
{
	static const char *const names[] = {
		[PAST_BY_SITE] = "site", [PAST_BY_DEVICE] = "device", [PAST_BY_NOTHING] = "none"
	};

	return s->by == PAST_BY_LABEL ? s->by_label : names[s->by];
}

static int json_row(struct query_print *p, const struct past_row *r)
{
	struct json j = { .out = &p->line };

	json_object_begin(&j, NULL);
	json_text(&j, "type", "answer");
	json_text(&j, "name", r->question->name);
	json_text(&j, "by", by_name(&p->options->scope));
	json_text(&j, "group", r->group);
	json_uint(&j, "w0", r->w0);
	json_uint(&j, "wl", r->wl);
	json_double(&j, "value", r->value);
	json_text(&j, "unit", r->unit);
	json_uint(&j, "n", r->n);
	json_uint(&j, "expected", r->expected);
	json_uint(&j, "devices", r->devices);
	json_uint(&j, "expected_devices", r->expected_devices);
	json_uint(&j, "complete_devices", r->complete_devices);
	json_double(&j, "coverage", r->coverage);
	json_text(&j, "state", fleet_kpi_state_name(r->state));
	json_object_end(&j);
	dynbuf_adds(&p->line, "\n");
	p->n_rows++;
	return write_line(p);
}

/* --- a table --- */

static int wider(int width, const char *text)
{
	int len = (int)strlen(text);

	return len > width ? len : width;
}

static int table_row(struct query_print *p, const struct past_row *r)
{
	char time[32], group[CELL_BYTES], name[CELL_BYTES], unit[CELL_BYTES], value[64] = "-", samples[48], devices[48],
									      coverage[16] = "-";

	printable(r->group, group);
	printable(r->question->name, name);
	printable(r->unit, unit);
	p->group_width = wider(p->group_width, group);
	p->name_width = wider(p->name_width, name);
	if (p->n_rows++ == 0)
		dynbuf_addf(&p->line, "%-20s  %-*s  %-*s  %12s %-8s  %15s  %11s  %8s  %s\n", "TIME", p->group_width,
			    "GROUP", p->name_width, "KPI", "VALUE", "UNIT", "SAMPLES", "DEVICES", "COVERAGE", "STATE");
	if (!isnan(r->value))
		snprintf(value, sizeof(value), "%.6g", r->value);
	if (!isnan(r->coverage))
		snprintf(coverage, sizeof(coverage), "%.4f", r->coverage);
	snprintf(samples, sizeof(samples), "%llu/%llu", (unsigned long long)r->n, (unsigned long long)r->expected);
	snprintf(devices, sizeof(devices), "%zu/%zu", r->devices, r->expected_devices);
	dynbuf_addf(&p->line, "%-20s  %-*s  %-*s  %12s %-8s  %15s  %11s  %8s  %s\n", time_of(r->w0, time),
		    p->group_width, group, p->name_width, name, value, unit, samples, devices, coverage,
		    fleet_kpi_state_name(r->state));
	return write_line(p);
}

int query_print_row(struct query_print *p, const struct past_row *row)
{
	if (p->options->format == QUERY_JSON)
		return json_row(p, row);
	return p->options->format == QUERY_CSV ? csv_row(p, row, 0) : table_row(p, row);
}

int query_print_told(struct query_print *p, const struct fleet_kpi *k)
{
	const struct past_question q = { .name = k->name };
	const struct past_row row = { .question = &q,
				      .group = k->site,
				      .unit = k->unit,
				      .w0 = k->w0,
				      .wl = k->wl,
				      .value = k->value,
				      .coverage = k->coverage,
				      .n = k->n,
				      .expected = k->expected,
				      .devices = k->devices,
				      .expected_devices = k->expected_devices,
				      .complete_devices = k->complete_devices,
				      .state = k->state };

	if (p->options->format == QUERY_CSV)
		return csv_row(p, &row, k->version);
	if (p->options->format == QUERY_TABLE)
		return table_row(p, &row);
	fleet_kpi_to_json(k, &p->line);
	dynbuf_adds(&p->line, "\n");
	p->n_rows++;
	return write_line(p);
}
