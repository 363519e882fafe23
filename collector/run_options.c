/* SPDX-License-Identifier: Apache-2.0 */
/* run_options.c - the command line of `runnel-collector run`. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/args.h"
#include "base/mqtt.h"
#include "base/text.h"
#include "collector/cmd_run.h"
#include "collector/http.h"
#include "collector/http_rules.h"

static const char usage[] =
	"Usage: runnel-collector run [OPTION...]\n"
	"\n"
	"Merges the partial aggregates of all devices into fleet KPIs, publishes them on PREFIX/SITE/_fleet/kpi/NAME, "
	"and shows\n"
	"them: as a live table on a terminal, else as JSON lines.\n"
	"\n"
	"  --broker URL          mqtt://HOST[:PORT] or mqtts://HOST[:PORT] (default mqtt://localhost:1883)\n"
	"  --username NAME       --password-file FILE\n"
	"  --ca-file FILE        --cert-file FILE --key-file FILE\n"
	"  --client-id ID        (default runnel-collector-HOST-PID)\n"
	"  --prefix TOPIC        (default runnel/1)\n"
	"  --site NAME           this site alone (default: all)\n"
	"  --json                JSON lines even on a terminal\n"
	"  --no-publish          show only\n"
	"  --store FILE          keep everything in this file: nothing is lost when the collector ends, parts count "
	"whenever they come,\n"
	"                        and the past can be asked for (runnel-collector query)\n"
	"  --sink \"KIND ...\"     hand on to InfluxDB or Kafka what is in the store; may come several times, see "
	"below\n"
	"  --keep DURATION       how far back windows stay in memory; without a store: take late parts (default 2h, at "
	"least 1m)\n"
	"  --deadline DURATION   windows that are not complete by then are called CLOSED (default 24h)\n"
	"  --keep-parts DURATION then parts are rolled up into hours (default 7d, or a day more than --deadline and "
	"--keep; 0: never)\n"
	"  --keep-hours DURATION then hours are deleted (default 0: never)\n"
	"  --http [ADDR:]PORT    show the fleet as a web page (default address 127.0.0.1: this machine alone); "
	"see also runnel-collector top\n"
	"  --http-name NAME      the page is behind a proxy of this name\n"
	"  --seconds N           end after N seconds\n"
	"  --expect-devices N    fail at the end unless all partials of N devices came\n"
	"  --verbose             say more on stderr\n"
	"\n"
	"Exit codes: 0 done, 1 not all that was expected came, 64 usage, 69 with --seconds: the broker was never "
	"reached, 74 I/O,\n78 the store is of another version.\n";

enum { NOT_GIVEN = -1 };

enum option_id {
	BROKER = 256,
	USERNAME,
	PASSWORD_FILE,
	CA_FILE,
	CERT_FILE,
	KEY_FILE,
	CLIENT_ID,
	PREFIX,
	SITE,
	STORE,
	HTTP,
	HTTP_NAME,
	SINK,
	JSON,
	NO_PUBLISH,
	KEEP,
	KEEP_PARTS,
	KEEP_HOURS,
	DEADLINE,
	SECONDS,
	EXPECT_DEVICES,
	VERBOSE,
	HELP,
};

static const struct option long_options[] = {
	{ "broker", required_argument, NULL, BROKER },
	{ "username", required_argument, NULL, USERNAME },
	{ "password-file", required_argument, NULL, PASSWORD_FILE },
	{ "ca-file", required_argument, NULL, CA_FILE },
	{ "cert-file", required_argument, NULL, CERT_FILE },
	{ "key-file", required_argument, NULL, KEY_FILE },
	{ "client-id", required_argument, NULL, CLIENT_ID },
	{ "prefix", required_argument, NULL, PREFIX },
	{ "site", required_argument, NULL, SITE },
	{ "store", required_argument, NULL, STORE },
	{ "http", required_argument, NULL, HTTP },
	{ "http-name", required_argument, NULL, HTTP_NAME },
	{ "sink", required_argument, NULL, SINK },
	{ "json", no_argument, NULL, JSON },
	{ "no-publish", no_argument, NULL, NO_PUBLISH },
	{ "keep", required_argument, NULL, KEEP },
	{ "keep-parts", required_argument, NULL, KEEP_PARTS },
	{ "keep-hours", required_argument, NULL, KEEP_HOURS },
	{ "deadline", required_argument, NULL, DEADLINE },
	{ "seconds", required_argument, NULL, SECONDS },
	{ "expect-devices", required_argument, NULL, EXPECT_DEVICES },
	{ "verbose", no_argument, NULL, VERBOSE },
	{ "help", no_argument, NULL, HELP },
	{ NULL, 0, NULL, 0 },
};

static int refuse(const char *what, const char *value, const char *expected)
{
	args_explain("runnel-collector", "run", "%s '%s': expected %s", what, value, expected);
	return EX_USAGE;
}

/* Options that are a text. @return where it goes, NULL for the others */
static const char **text_option(struct run_options *o, int id)
{
	const char **targets[] = {
		[BROKER - BROKER] = &o->broker,
		[USERNAME - BROKER] = &o->username,
		[PASSWORD_FILE - BROKER] = &o->password_file,
		[CA_FILE - BROKER] = &o->ca_file,
		[CERT_FILE - BROKER] = &o->cert_file,
		[KEY_FILE - BROKER] = &o->key_file,
		[CLIENT_ID - BROKER] = &o->client_id,
		[PREFIX - BROKER] = &o->prefix,
		[SITE - BROKER] = &o->site,
		[STORE - BROKER] = &o->store,
		[HTTP - BROKER] = &o->http,
		[HTTP_NAME - BROKER] = &o->http_name,
	};

	return id >= BROKER && id <= HTTP_NAME ? targets[id - BROKER] : NULL;
}

static const int64_t longest_us = 3660 * 86400000000;

/* @is_optional: 0 is "never". */
static int duration_option(const char *name, const char *value, bool is_optional, int64_t *out)
{
	int64_t us;

	if (is_optional && strcmp(value, "0") == 0)
		us = 0;
	else if (text_to_duration_us(value, &us) < 0 || us < 60000000 || us > longest_us)
		return refuse(name, value,
			      is_optional ? "a duration from 1m to 3660d, such as 7d, or 0"
					  : "a duration from 1m to 3660d, such as 2h");
	*out = us;
	return -1;
}

static int keep_option(struct run_options *o, int id, const char *value)
{
	switch (id) {
	case KEEP:
		return duration_option("--keep", value, false, &o->keep_us);
	case DEADLINE:
		return duration_option("--deadline", value, false, &o->deadline_us);
	case KEEP_PARTS:
		return duration_option("--keep-parts", value, true, &o->keep_parts_us);
	default:
		return duration_option("--keep-hours", value, true, &o->keep_hours_us);
	}
}

static int seconds_option(struct run_options *o, const char *value)
{
	double seconds;

	if (text_to_double(value, &seconds) < 0 || !(seconds > 0.0 && seconds <= 1e9))
		return refuse("--seconds", value, "a number above 0");
	o->run_us = (int64_t)(seconds * 1e6);
	return -1;
}

static int expect_option(struct run_options *o, const char *value)
{
	int64_t n;

	if (text_to_int64(value, &n) < 0 || n < 1)
		return refuse("--expect-devices", value, "a whole number above 0");
	o->expect_devices = (uint64_t)n;
	return -1;
}

static int sink_option(struct run_options *o, const char *value)
{
	if (o->n_sinks == SINKS_MAX)
		return refuse("--sink", value, "fewer of them");
	o->sinks[o->n_sinks++] = value;
	return -1;
}

static int take_option(struct run_options *o, int id, const char *value)
{
	const char **text = text_option(o, id);

	if (text) {
		*text = value;
		return -1;
	}
	switch (id) {
	case JSON:
		o->json = true;
		return -1;
	case NO_PUBLISH:
		o->no_publish = true;
		return -1;
	case VERBOSE:
		o->verbose = true;
		return -1;
	case KEEP:
	case KEEP_PARTS:
	case KEEP_HOURS:
	case DEADLINE:
		return keep_option(o, id, value);
	case SECONDS:
		return seconds_option(o, value);
	case EXPECT_DEVICES:
		return expect_option(o, value);
	case SINK:
		return sink_option(o, value);
	case HELP:
		fputs(usage, stdout);
		sinks_print_help();
		return fflush(stdout) == 0 ? EX_OK : EX_IOERR;
	default:
		return EX_USAGE; /* args_next() has said what is wrong */
	}
}

static bool is_topic(const char *text)
{
	return text[0] != '\0' && strlen(text) <= 256 && strpbrk(text, "+#") == NULL;
}

static int check_http(const struct run_options *o)
{
	struct http_address address;

	if (o->http && http_parse_address(o->http, &address) < 0)
		return refuse("--http", o->http, "a port, or ADDRESS:PORT with the address in numbers, such as 8080");
	if (o->http && !http_is_there())
		return refuse("--http", o->http, "a build with libmicrohttpd");
	return -1;
}

static int check_sinks(const struct run_options *o)
{
	if (o->n_sinks > 0 && !o->store)
		return refuse("--sink", o->sinks[0], "--store FILE with it: what is handed on is read from there");
	return sinks_check(o->sinks, o->n_sinks) < 0 ? EX_USAGE : -1;
}

static int expect_more(const char *name, int64_t us, int64_t least_us, const char *which)
{
	char value[32], least[32], expected[96];

	snprintf(expected, sizeof(expected), "more than %s, which is %s",
		 text_from_duration(least_us, least, sizeof(least)), which);
	return refuse(name, text_from_duration(us, value, sizeof(value)), expected);
}

/* Hours are rolled up when nothing waits for them in memory any more, and deleted after that. */
static int settle_retention(struct run_options *o)
{
	const int64_t day_us = 86400000000, least_us = o->deadline_us + o->keep_us;
	static const char together[] = "--deadline and --keep together";

	if (o->keep_parts_us == NOT_GIVEN)
		o->keep_parts_us = 7 * day_us > least_us ? 7 * day_us : least_us + day_us;
	if (o->keep_parts_us > 0 && o->keep_parts_us <= least_us)
		return expect_more("--keep-parts", o->keep_parts_us, least_us, together);
	if (o->keep_hours_us > 0 && o->keep_hours_us <= o->keep_parts_us)
		return expect_more("--keep-hours", o->keep_hours_us, o->keep_parts_us, "--keep-parts");
	if (o->keep_hours_us > 0 && o->keep_hours_us <= least_us)
		return expect_more("--keep-hours", o->keep_hours_us, least_us, together);
	return -1;
}

static int check(struct run_options *o)
{
	char error[MQTT_ERROR_BYTES];
	int r = check_http(o);

	if (r >= 0)
		return r;
	if (mqtt_check_broker(o->broker, error) < 0) {
		args_explain("runnel-collector", "run", "--broker '%s': %s", o->broker, error);
		return EX_USAGE;
	}
	if (!is_topic(o->prefix))
		return refuse("--prefix", o->prefix, "a topic without wildcards");
	if (strcmp(o->site, "+") != 0 && !text_is_device_name(o->site))
		return refuse("--site", o->site, "the name of a site");
	r = settle_retention(o);
	return r >= 0 ? r : check_sinks(o);
}

int run_options_parse(struct run_options *o, int argc, char **argv)
{
	int id;

	*o = (struct run_options){ .broker = "mqtt://localhost:1883",
				   .prefix = "runnel/1",
				   .site = "+",
				   .keep_us = 7200000000,
				   .deadline_us = 86400000000,
				   .keep_parts_us = NOT_GIVEN };
	optind = 1;
	while ((id = args_next(argc, argv, "runnel-collector", "", long_options)) >= 0) {
		int r = take_option(o, id, optarg);

		if (r >= 0)
			return r;
	}
	if (optind < argc)
		return refuse("argument", argv[optind], "options alone");
	return check(o);
}
