/* SPDX-License-Identifier: Apache-2.0 */
/* A good config in every member, and what is said of bad ones: place and text, all of it, and nothing more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/conf.h"
#include "base/unit.h"

static int parse(struct conf *c, struct diag *d, const char *text)
{
	*d = (struct diag){ .file = "x" };
	return conf_parse(c, text, strlen(text), d);
}

static void free_both(struct conf *c, struct diag *d)
{
	conf_free(c);
	diag_free(d);
}

/* Section 2 of the contract with the drivers that need no hardware. */
static const char full[] = "device: greenhouse-07\n"
			   "site: delft\n"
			   "labels: {line: a, bay: \"3\"}\n"
			   "mqtt:\n"
			   "  broker: mqtts://broker.example:8883\n"
			   "  prefix: runnel/1\n"
			   "  username: agent\n"
			   "  password_file: /etc/runnel/password\n"
			   "  ca_file: /etc/runnel/ca.pem\n"
			   "spool: {path: /tmp/spool.db, max_size: 64MiB}\n"
			   "revision: 12\n"
			   "window: 1m\n"
			   "sensors:\n"
			   "  air: {driver: sim, unit: Cel, every: 250ms}\n"
			   "  flow: {driver: sim, shape: counter, unit: L}\n"
			   "  box: {driver: host, every: 5s}\n"
			   "streams:\n"
			   "  hot:\n"
			   "    from: temp\n"
			   "    through: [threshold: {above: 28, clear: 27, for: 10s}]\n"
			   "    event: true\n"
			   "  temp:\n"
			   "    from: air.value\n"
			   "    through:\n"
			   "      - median: 5\n"
			   "      - moving_average: 10s\n"
			   "    quantiles: true\n"
			   "  water: {from: flow.value, window: 15m, quantum: 0.002, version: 3, publish: yes}\n"
			   "  load: {from: box.load1, publish: no}\n"
			   "kpis:\n"
			   "  overheated:  {value: time_mean(hot), unit: \"1\"}\n"
			   "  temp_p95:    {value: \"quantile(temp, 0.95)\"}\n"
			   "  litres:      {value: increase(water), unit: L, window: 15m}\n";

static void check_sections(const struct conf *c)
{
	assert_string_equal(c->device, "greenhouse-07");
	assert_string_equal(c->site, "delft");
	assert_int_equal(c->labels.n, 2);
	assert_string_equal(c->labels.pairs[1].value, "3");
	assert_string_equal(c->mqtt.brokers.items[0], "mqtts://broker.example:8883");
	assert_int_equal(c->mqtt.keepalive_us, 60000000);
	assert_null(c->mqtt.cert_file);
	assert_int_equal(c->spool.max_size, 64 << 20);
	assert_int_equal(c->revision, 12);
	assert_int_equal(c->n_sensors, 3);
	assert_int_equal(c->sensors[0].every_us, 250000);
	assert_int_equal(c->sensors[1].every_us, 1000000);
	assert_string_equal(c->source_names[0], "air.value");
	assert_int_equal(c->sensors[2].first_source, 2);
}

static void check_temp(const struct graph_stream *s)
{
	assert_string_equal(s->name, "temp");
	assert_string_equal(s->def.name, "temp@1");
	assert_ptr_equal(s->def.unit, unit_find("Cel"));
	assert_true(s->def.reference == 20.0 && s->def.quantum == 0.01);
	assert_int_equal(s->def.period_us, 250000);
	assert_true(s->def.has_sketch && s->def.sketch.kind == SKETCH_LIN && s->def.sketch.width == 10);
	assert_true(s->n_ops == 2 && s->hold_us == 750000 && !s->wants_increase);
}

static void check_hot(const struct graph_stream *s)
{
	assert_true(s->def.kind == SERIES_STATE && s->def.quantum == 1.0 && s->def.reference == 0.0);
	assert_true(s->event && s->hold_us == INT64_C(86400000000) && s->from[0].is_stream);
}

static void check_water(const struct graph_stream *s)
{
	assert_true(s->def.kind == SERIES_COUNTER && s->def.quantum == 0.002 && s->def.window_s == 900);
	assert_string_equal(s->def.name, "water@3");
	assert_true(s->wants_increase && s->publish);
}

static void the_config_of_the_contract_is_understood(void **state)
{
	struct conf c;
	struct diag d;

	(void)state;
	assert_int_equal(parse(&c, &d, full), 0);
	check_sections(&c);
	assert_int_equal(c.plan.n_streams, 4);
	check_temp(&c.plan.streams[0]); /* before hot, which takes from it */
	check_hot(&c.plan.streams[1]);
	check_water(&c.plan.streams[2]);
	assert_false(c.plan.streams[3].publish);
	assert_int_equal(c.plan.n_kpis, 3);
	assert_string_equal(c.plan.kpis[1].def.unit, "Cel");
	assert_int_equal(c.plan.kpis[1].def.window_s, 60);
	assert_int_equal(c.plan.kpis[2].streams[0], 2);
	free_both(&c, &d);
}

static void nearly_nothing_is_a_config_too(void **state)
{
	char host[65] = "";
	struct conf c;
	struct diag d;

	(void)state;
	assert_int_equal(parse(&c, &d, "device: d\n"), 0);
	assert_string_equal(c.site, "default");
	assert_string_equal(c.mqtt.brokers.items[0], "mqtt://localhost:1883");
	assert_string_equal(c.mqtt.prefix, "runnel/1");
	assert_true(c.window_us == 60000000 && c.n_sensors == 0 && c.plan.n_streams == 0 && c.plan.n_kpis == 0);
	free_both(&c, &d);

	assert_int_equal(gethostname(host, sizeof(host) - 1), 0);
	if (parse(&c, &d, "sensors:\nstreams: {}\nkpis: ~\n") == 0) /* a host may have an odd name */
		assert_string_equal(c.device, host);
	free_both(&c, &d);
}

static void a_quantity_counts_increases_when_its_stream_says_so(void **state)
{
	struct conf c;
	struct diag d;

	(void)state;
	assert_int_equal(parse(&c, &d,
			       "device: d\nsensors: {a: {driver: sim}}\n"
			       "streams: {s: {from: a.value, counter: yes}, t: {from: a.value}}\nkpis: {k: rate(s)}\n"),
			 0);
	assert_true(c.plan.streams[0].wants_increase && !c.plan.streams[1].wants_increase);
	free_both(&c, &d);
}

/* --- bad ones --- */

#define SIM "device: d\nsensors: {a: {driver: sim}}\nstreams: {s: {from: a.value}}\n"

static const struct {
	const char *text;
	const char *errors; /* LINE:COL: the beginning or all of a text, one a line */
} bad[] = {
	{ "", "1:1: a config is a map with sections such as sensors and streams, found nothing" },
	{ "- a\n", "1:1: a config is a map with sections such as sensors and streams, found a list" },
	{ "device: d\nwindw: 1m\n", "2:1: the config: unknown option 'windw', did you mean 'window'?" },
	{ "device: d\nsensor: {}\n", "2:1: the config: unknown option 'sensor', did you mean 'sensors'?" },
	{ "device: d\ndevice: e\n", "2:1: 'device' is given twice, first in line 1" },
	{ "device: -d\n", "1:9: '-d' cannot be a device name, expected" },
	{ "device: d\nsite: a/b\n", "2:7: 'a/b' cannot be a site name, expected" },
	{ "device: d\nsite: [a]\n", "2:7: the config: site: expected a text, found a list" },
	{ "device: d\nwindow: 7s\n",
	  "2:9: a window of 7s is not possible, expected one of: 1s 5s 10s 15s 30s 1m 5m 15m 1h" },
	{ "device: d\nwindow: 2h\n", "2:9: the config: window: expected a duration" },
	{ SIM "window: soon\n", "4:9: the config: window: expected a duration" }, /* and nothing of stream s */
	{ "device: d\nlabels: {a: [b]}\n", "2:13: the config: labels.a: expected a text, found a list" },
	{ "device: d\nrevision: 1.5\n", "2:11: the config: revision: expected a whole number" },
	{ "device: d\nmqtt: {broker: []}\n", "2:16: expected at least one broker" },
	{ "device: d\nmqtt: {broker: \"http://x\"}\n", "2:16: 'http://x' is no broker: expected mqtt://HOST" },
	{ "device: d\nmqtt: {brocker: x, keepalive: 1s}\n",
	  "2:8: mqtt: unknown option 'brocker', did you mean 'broker'?\n"
	  "2:31: mqtt: keepalive: expected a duration" },
	{ "device: d\nmqtt: {broker: [1]}\n", "2:16: '1' is no broker: expected mqtt://HOST" },
	{ "device: d\nspool: {max_size: 1KiB}\n", "2:19: spool: max_size: expected a size" },
	{ "device: d\nlive: {}\n", "2:1: 'live' is not supported by this version of runnel" },

	{ "device: d\nsensors: [a]\n", "2:10: sensors must be a map of names, found a list" },
	{ "device: d\nsensors: {a: sim}\n", "2:14: a sensor is a map such as {driver: sim}, found a value" },
	{ "device: d\nsensors: {a: {every: 1s}}\n", "2:14: sensor 'a' lacks its driver" },
	{ "device: d\nsensors: {a: {driver: sin}}\n", "2:23: unknown driver 'sin', did you mean 'sim'?" },
	{ "device: d\nsensors: {a: {driver: [sim]}}\n", "2:23: 'driver' takes a name, found a list" },
	{ "device: d\nsensors: {a: {driver: }}\n", "2:23: 'driver' takes a name, found nothing" },
	{ "device: d\nsensors: {a-b: {driver: sim}}\n", "2:11: 'a-b' cannot be the name of a sensor, expected" },
	{ "device: d\nsensors: {a: {driver: sim, evry: 1s}}\n",
	  "2:28: sensor: unknown option 'evry', did you mean 'every'?" },
	{ "device: d\nsensors: {a: {driver: sim, ofset: 1}}\n",
	  "2:28: sensor: unknown option 'ofset', did you mean 'offset'?" },
	{ "device: d\nsensors: {a: {driver: sim, unit: degC}}\n",
	  "2:34: driver sim: unit: unknown unit 'degC', did you mean 'Cel'?" },
	{ "device: d\nsensors: {a: {driver: sim, every: 0s}}\n", "2:35: sensor: every: expected a duration" },
	{ "device: d\nsensors: {a: {driver: sim, shape: sinus}}\n",
	  "2:35: driver sim: shape: expected one of: sine, random_walk" },
	{ "device: d\nsensors: {a: {driver: csv, path: /nowhere/x.csv}}\n", "2:14: sensor 'a': " },

	{ "device: d\nstreams: [s]\nkpis: {k: n(s)}\n",
	  "2:10: streams must be a map of names, found a list\n3:13: unknown stream 's'" },
	{ SIM "kpis: [1]\n", "4:7: kpis must be a map of names, found a list" },
	{ "device: d\nstreams: {s: a.value}\n",
	  "2:14: a stream is a map such as {from: air.temperature}, found a value" },
	{ "device: d\nstreams: {s: {}}\n", "2:14: stream 's' needs 'from'" },
	{ "device: d\nsensors: {air: {driver: sim}}\nstreams: {s: {from: air.valu}}\n",
	  "3:21: unknown SENSOR.CHANNEL 'air.valu', did you mean 'air.value'?" },
	{ "device: d\nstreams: {stream: {from: steam}}\n", "2:26: unknown stream 'steam', did you mean 'stream'?" },
	{ "device: d\nsensors: {a: {driver: sin}}\nstreams: {s: {from: a.value}}\n",
	  "2:23: unknown driver 'sin', did you mean 'sim'?" }, /* and nothing of a.value */
	{ "device: d\nstreams: {s: {from: s}}\n", "2:21: stream 's' takes from itself" },
	{ "device: d\nstreams:\n  x: {from: y}\n  y: {from: z}\n  z: {from: x}\n",
	  "5:13: stream 'z' takes from itself through x" },
	{ "device: d\nsensors: {a: {driver: sim}}\nstreams: {s: {from: [a.value, a.value], through: []}}\n",
	  "3:14: a stream with several inputs needs an operator that joins them" },
	{ "device: d\nsensors: {a: {driver: sim}}\nstreams: {s: {from: [a.value, a.value]}}\n",
	  "3:14: a stream with several inputs needs an operator that joins them" },
	{ "device: d\nsensors: {a: {driver: sim}}\nstreams: {s: {from: [[a.value]]}}\n",
	  "3:22: 'from' takes SENSOR.CHANNEL or a stream, found a list" },
	{ "device: d\nstreams: {s: {from: []}}\n", "2:21: a stream takes 1 to 16 inputs, found 0" },
	{ "device: d\nsensors: {a: {driver: sim}}\nstreams: {s: {from: a.value, through: [medan]}}\n",
	  "3:40: unknown operator 'medan', did you mean 'median'?" },
	{ "device: d\nsensors: {a: {driver: sim}}\nstreams: {s: {from: a.value, through: [median: {sise: 3}]}}\n",
	  "3:40: operator median: 'size' is missing\n3:49: operator median: unknown option 'sise', did you mean "
	  "'size'?" },
	{ "device: d\nsensors: {a: {driver: sim}}\nstreams: {s: {from: a.value, through: [median: 0]}}\n",
	  "3:48: operator median: size: expected a whole number from 1 to" },
	{ "device: d\nsensors: {a: {driver: sim}}\nstreams: {s: {from: a.value, through: [combine: mean]}}\n",
	  "3:40: combine takes 2 to 16 inputs, found 1" },
	{ "device: d\nsensors: {a: {driver: sim}}\nstreams: {s: {from: a.value, through: {median: 3}}}\n",
	  "3:39: 'through' is a list of operators, each with a '-'" },
	{ "device: d\nsensors: {a: {driver: sim}}\nstreams: {s: {from: a.value, event: yes}}\n",
	  "3:37: only a state has events" },
	{ "device: d\nsensors: {a: {driver: sim}}\nstreams: {s: {from: a.value, counter: yes, quantiles: yes}}\n",
	  "3:55: quantiles of a counter have no meaning" },
	{ "device: d\nsensors: {a: {driver: sim}}\nstreams: {s: {from: a.value, window: 2s}}\n",
	  "3:38: a window of 2s is not possible" },
	{ "device: d\nsensors: {a: {driver: sim}}\nstreams: {s: {from: a.value, quantum: 0}}\n",
	  "3:39: stream: quantum: expected a number" },
	{ "device: d\nsensors: {a: {driver: sim}}\nstreams: {2s: {from: a.value}}\n",
	  "3:11: '2s' cannot be the name of a stream" },

	{ SIM "kpis: {k: {value: mean(t)}}\n", "4:24: unknown stream 't'" },
	{ SIM "kpis: {k: {value: 'mean(t)'}}\n", "4:25: unknown stream 't'" },
	{ SIM "kpis:\n  k: {value: \"1 + mean(t)\"}\n", "5:24: unknown stream 't'" },
	{ SIM "kpis:\n  k: mean(s) + men(s)\n", "5:16: no function 'men', did you mean 'mean'?" },
	{ SIM "kpis: {k: {value: mean(s) +}}\n", "4:28: found the end, expected a value" },
	{ SIM "kpis: {k: {value: mean(s), window: 5s}}\n",
	  "4:24: the window of the KPI, 5s, is no multiple of that of stream 's', 60s" },
	{ SIM "kpis: {k: {value: mean(s), window: 6s}}\n", "4:36: a window of 6s is not possible" },
	{ SIM "kpis: {k: {unit: Cel}}\n", "4:11: KPI: 'value' is missing" },
	{ SIM "kpis: {k: {value: mean(s), unt: Cel}}\n", "4:28: KPI: unknown option 'unt', did you mean 'unit'?" },
	{ SIM "kpis: {k.l: {value: mean(s)}}\n", "4:8: 'k.l' cannot be the name of a KPI" },
	{ SIM "kpis:\n  k: \"quantile(s, 0.5)\"\n", "5:7: " },
	{ "device: d\nsensors: {a: {driver: sim}}\nstreams: {s: {from: a.value, publish: no}}\nkpis: {k: n(s)}\n",
	  "4:13: stream 's' is not published" },
	{ "device: d\nstreams: {s: {}}\nkpis: {k: n(s)}\n", "2:14: stream 's' needs 'from'" }, /* told once */

	{ "site: /\nwindow: 7s\nsensors: {a: {driver: x}}\nstreams: {b: {from: c}}\nkpis: {e: mean(f)}\ndevice: d\n",
	  "1:7: '/' cannot be a site name\n2:9: a window of 7s\n3:23: unknown driver 'x'\n4:21: unknown stream 'c'\n"
	  "5:16: unknown stream 'f'" },
};

/* How many of its errors are not as expected; all of them are printed. */
static int check_errors(const char *text, const char *errors)
{
	struct conf c;
	struct diag d;
	int n_wrong = parse(&c, &d, text) != -EINVAL;

	for (const struct diag_line *l = d.first; l; l = l->next) {
		char said[600];
		size_t len = strcspn(errors, "\n");

		snprintf(said, sizeof(said), "%u:%u: %s", l->at.line, l->at.column, l->text);
		if (len == 0 || strncmp(said, errors, len) != 0) {
			print_error("%s\nsays     %s\nexpected %s\n\n", text, said, errors);
			n_wrong++;
		}
		errors += len + (errors[len] == '\n');
	}
	if (*errors) {
		print_error("%s\ndoes not say %s\n\n", text, errors);
		n_wrong++;
	}
	free_both(&c, &d);
	return n_wrong;
}

static void each_mistake_is_told_with_its_place(void **state)
{
	int n_wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		n_wrong += check_errors(bad[i].text, bad[i].errors);
	assert_int_equal(n_wrong, 0);
}

/* --- limits --- */

enum line { STREAM_FROM_THE_NEXT, KPI };

static char *lines(const char *head, enum line line, int n)
{
	size_t cap = strlen(head) + 64 * (size_t)n + 1, len;
	char *text = malloc(cap);

	len = (size_t)snprintf(text, cap, "%s", head);
	for (int i = 0; i < n; i++)
		len += (size_t)(line == KPI ? snprintf(text + len, cap - len, "  k%d: 1\n", i)
					    : snprintf(text + len, cap - len, "  s%d: {from: s%d}\n", i, i + 1));
	return text;
}

static void a_chain_of_streams_has_an_end(void **state)
{
	char *text = lines("device: d\nstreams:\n", STREAM_FROM_THE_NEXT, 900);
	struct conf c;
	struct diag d;

	(void)state;
	assert_int_equal(parse(&c, &d, text), -EINVAL);
	assert_int_equal(d.first->at.line, 2 + 64);
	assert_non_null(strstr(d.first->text, "more than 64 streams"));
	free_both(&c, &d);
	free(text);
}

static void a_section_has_at_most_a_thousand_names(void **state)
{
	char *text = lines("device: d\nkpis:\n", KPI, 1001);

	(void)state;
	assert_int_equal(check_errors(text, "3:3: 1001 kpis, expected at most 1000"), 0);
	free(text);
}

static void the_finest_quantum_gives_the_widest_bucket(void **state)
{
	struct conf c;
	struct diag d;

	(void)state;
	assert_int_equal(parse(&c, &d,
			       "device: d\nsensors: {a: {driver: sim, unit: Cel}}\n"
			       "streams: {s: {from: a.value, quantum: 1e-12, quantiles: yes}}\n"),
			 0);
	assert_int_equal(c.plan.streams[0].def.sketch.width, 1 << 23);
	free_both(&c, &d);
}

static void a_file_that_cannot_be_read_is_told(void **state)
{
	struct conf c;
	struct diag d = { .file = "x" };

	(void)state;
	assert_int_equal(conf_load(&c, "/nowhere/runnel.yaml", &d), -ENOENT);
	assert_int_equal(d.n_errors, 1);
	assert_int_equal(d.first->at.line, 0);
	free_both(&c, &d);
	assert_int_equal(conf_load(&c, "/", &d), -EISDIR);
	free_both(&c, &d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_config_of_the_contract_is_understood),
		cmocka_unit_test(nearly_nothing_is_a_config_too),
		cmocka_unit_test(a_quantity_counts_increases_when_its_stream_says_so),
		cmocka_unit_test(each_mistake_is_told_with_its_place),
		cmocka_unit_test(a_chain_of_streams_has_an_end),
		cmocka_unit_test(a_section_has_at_most_a_thousand_names),
		cmocka_unit_test(the_finest_quantum_gives_the_widest_bucket),
		cmocka_unit_test(a_file_that_cannot_be_read_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
