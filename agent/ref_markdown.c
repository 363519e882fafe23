/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ref_markdown.c - docs/configure.md as a whole: the prose that no table has, and the tables. The file in the repository is
 * written by `make docs`; tests/e2e/docs_are_current.sh fails when it differs from what this prints.
 */
#include "agent/conf.h"
#include "agent/ref.h"
#include "base/text.h"

static const char opening[] =
	"<!-- Written by `make docs` from the tables in the code. Change those, not this file. -->\n"
	"# Configuration reference\n"
	"\n"
	"One YAML file says what to measure and what to make of it. `runnel check FILE` finds every mistake with its "
	"place;\n"
	"`runnel demo --config` prints a config to start from; `runnel schema` is a JSON Schema for editors. With the "
	"YAML\n"
	"language server, put this on the first line and see options, help and errors while you type:\n"
	"\n"
	"```yaml\n"
	"# yaml-language-server: $schema=runnel.schema.json\n"
	"```\n"
	"\n"
	"Durations are written with their unit: `250ms`, `10s`, `1m`, `2h`, `1d`; sizes as `64KiB`, `1MiB`. Names of "
	"sensors,\n"
	"streams and KPIs are letters, digits and `_`, not beginning with a digit. Unknown and repeated keys are "
	"errors.\n"
	"\n";

static const char sensors_text[] = "## sensors\n"
				   "\n"
				   "A map of names to sensors. Each takes the options of its driver and these:\n"
				   "\n";

static const char streams_text[] =
	"## streams\n"
	"\n"
	"A map of names to streams. A stream takes samples `from` a channel (`SENSOR.CHANNEL`), another stream, or a "
	"list of\n"
	"them, `through` a list of operators in order, and is summed up in a partial aggregate each window. An "
	"operator is a\n"
	"name, a name with the value of its first option (`median: 5`), or a name with a map of options\n"
	"(`threshold: {above: 28, clear: 27}`).\n"
	"\n"
	"| option | accepts | default | what |\n"
	"|---|---|---|---|\n"
	"| `from` | `SENSOR.CHANNEL`, a stream, or a list of up to 16 | *required* | what the stream takes in |\n"
	"| `through` | a list of operators | | what is done to each sample |\n";

static const char kpis_text[] = "## kpis\n"
				"\n"
				"A map of names to KPIs. `name: EXPRESSION` is short for `name: {value: EXPRESSION}`. "
				"The device evaluates a KPI over its\n"
				"own samples, the collector the same expression over the merged samples of the fleet.\n"
				"\n";

static const char expressions_text[] =
	"An expression is made of the functions below, numbers, `+ - * / ( )`, comparisons (1 or 0), `and or not`,\n"
	"`if(c, a, b)` and `abs sqrt log exp pow least greatest`. A missing input makes the result missing, never 0.\n"
	"\n"
	"| function | what, over the samples of stream s in a window | unit | of counters |\n"
	"|---|---|---|---|\n";

static const char actions_text[] =
	"## actions\n"
	"\n"
	"A map of names to outputs, each of which follows a stream that is a state, at once, or a KPI that is a "
	"condition, when\n"
	"its window ends. An action takes the options of its driver and these:\n"
	"\n";

static const char actions_more[] =
	"Only `runnel run` drives outputs; reading, checking and replaying do not, and a broker that is away moves "
	"nothing.\n"
	"The output is taken in its safe state before any sensor is read, and put there again at the end. When the "
	"program\n"
	"dies, the kernel lets the line go, and what it then does depends on the chip's driver: it may keep its level "
	"or become\n"
	"an input. systemd starts the agent again within seconds, and the agent takes the line in its safe state. So "
	"what must\n"
	"be safe at every moment, before the first start as well, needs a resistor that pulls the line to its safe "
	"level, and\n"
	"what may never stay on needs a guard of its own.\n"
	"\n";

static const char units_text[] = "## Units\n"
				 "\n"
				 "Units are UCUM codes, case-sensitive. A sample x is counted as the integer k = (x - "
				 "K) / q, which makes sums exact and\n"
				 "the same in any order; q is the resolution and is chosen below the noise of usual "
				 "sensors. Samples outside the range\n"
				 "are clipped and flagged. `sketch` is how quantiles are counted: `lin`, buckets of "
				 "that width, or `exp2`, buckets with\n"
				 "that relative error. A state and a plain count have K = 0 and q = 1.\n"
				 "\n"
				 "| unit | name | of | K | q | range | sketch |\n"
				 "|---|---|---|---|---|---|---|\n";

static void top_markdown(struct dynbuf *out)
{
	char text[32];

	dynbuf_adds(out, "## Top level\n\n");
	ref_options_markdown(out, &conf_top_options);
	dynbuf_adds(out, "Windows are");
	for (size_t i = 0; conf_window_at(i); i++)
		dynbuf_addf(out, " %s`%s`", conf_window_at(i + 1) ? "" : "and ",
			    text_from_duration((int64_t)conf_window_at(i) * 1000000, text, sizeof(text)));
	dynbuf_adds(out, ", aligned to the hour.\n\n## mqtt\n\n");
	ref_options_markdown(out, &conf_mqtt_options);
	dynbuf_adds(out, "## spool\n\n");
	ref_options_markdown(out, &conf_spool_options);
	dynbuf_adds(out, "## clock\n\n");
	ref_options_markdown(out, &conf_clock_options);
	dynbuf_adds(out, "## remote_config\n\nConfigs over MQTT, signed with minisign; absent: they are refused. See "
			 "[security.md](security.md).\n\n");
	ref_options_markdown(out, &conf_remote_options);
}

/* The rows of streams go on the table that has from and through. */
static void streams_markdown(struct dynbuf *out)
{
	struct dynbuf rows;
	const char *text;

	dynbuf_init(&rows, REF_MAX_BYTES);
	ref_options_markdown(&rows, &conf_stream_options);
	text = dynbuf_text(&rows);
	for (int newlines = 0; *text && newlines < 2; text++)
		newlines += *text == '\n';
	dynbuf_adds(out, streams_text);
	dynbuf_adds(out, text);
	dynbuf_free(&rows);
}

static void atoms_markdown(struct dynbuf *out)
{
	const struct atom *atom;
	char call[64];

	dynbuf_adds(out, expressions_text);
	for (size_t i = 0; (atom = atom_at(i)); i++)
		dynbuf_addf(out, "| `%s` | %s | %s | %s |\n", ref_atom_call(atom, call, sizeof(call)), atom->help,
			    ref_atom_unit(atom), atom->for_counters ? "yes" : "");
	dynbuf_adds(out, "\n");
}

static void units_markdown(struct dynbuf *out)
{
	const struct unit *unit;
	char k[32], q[32], sketch[64];
	double min, max;

	dynbuf_adds(out, units_text);
	for (size_t i = 0; (unit = unit_at(i)); i++) {
		ref_unit_range(unit, &min, &max);
		dynbuf_addf(out, "| `%s` | %s | %s | %s | %s | %.9g to %.9g | %s |\n", unit->code, unit->name,
			    unit->quantity, text_from_double(unit->reference, k, sizeof(k)),
			    text_from_double(unit->quantum, q, sizeof(q)), min, max,
			    ref_unit_sketch(unit, sketch, sizeof(sketch)));
	}
}

static void operators_markdown(struct dynbuf *out)
{
	const struct op_class *op;

	dynbuf_adds(out, "## Operators\n\n| for | operators |\n|---|---|\n");
	for (enum op_family family = OP_SHAPING; family < N_OP_FAMILIES; family++) {
		const char *before = "";

		dynbuf_addf(out, "| **%s**: %s | ", op_family_name(family), op_family_help(family));
		for (size_t i = 0; (op = op_at(i)); i++) {
			if (op->family != family)
				continue;
			dynbuf_addf(out, "%s[%s](#%s)", before, op->name, op->name);
			before = ", ";
		}
		dynbuf_adds(out, " |\n");
	}
	dynbuf_adds(out, "\n");
	for (size_t i = 0; (op = op_at(i)); i++)
		ref_operator_markdown(out, op);
}

void ref_markdown(struct dynbuf *out)
{
	const struct sensor_driver *driver;

	dynbuf_adds(out, opening);
	top_markdown(out);
	dynbuf_adds(out, sensors_text);
	ref_options_markdown(out, &conf_sensor_options);
	streams_markdown(out);
	dynbuf_adds(out, kpis_text);
	ref_options_markdown(out, &conf_kpi_options);
	atoms_markdown(out);
	dynbuf_adds(out, actions_text);
	ref_options_markdown(out, &conf_action_options);
	dynbuf_adds(out, actions_more);
	for (size_t i = 0; output_driver_at(i); i++)
		ref_output_markdown(out, output_driver_at(i));
	dynbuf_adds(out, "## Drivers\n\n");
	for (size_t i = 0; (driver = sensor_driver_at(i)); i++)
		ref_driver_markdown(out, driver);
	operators_markdown(out);
	units_markdown(out);
}
