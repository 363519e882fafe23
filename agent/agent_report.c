/* SPDX-License-Identifier: Apache-2.0 */
/* agent_report.c - the lines of report.h: who, clock, broker, spool, each sensor, each stream; then the status message as it is published. */
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "agent/agent_private.h"
#include "agent/report.h"
#include "base/timestamp.h"

enum { NUMBER_BYTES = 32, STATUS_MAX_BYTES = 64 * 1024 };

static const char *number(char buf[static NUMBER_BYTES], uint64_t value)
{
	snprintf(buf, NUMBER_BYTES, "%llu", (unsigned long long)value);
	return buf;
}

static void report_board(struct agent *a, struct dynbuf *out)
{
	char boot[NUMBER_BYTES], pid[NUMBER_BYTES], revision[NUMBER_BYTES], steps[NUMBER_BYTES];

	REPORT(out, "board", a->conf->device, a->conf->site, RUNNEL_VERSION, number(boot, a->boot),
	       number(revision, (uint64_t)a->conf->revision), number(pid, (uint64_t)getpid()));
	REPORT(out, "clock", time_state_name(a->trust.state), number(steps, a->clock.n_steps));
}

static void list_brokers(const struct opt_list *brokers, char *out, size_t bytes)
{
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < brokers->n && len < bytes; i++)
		len += (size_t)snprintf(out + len, bytes - len, "%s%s", i > 0 ? ", " : "", brokers->items[i]);
}

static void report_delivery(struct agent *a, struct dynbuf *out)
{
	char rows[NUMBER_BYTES], bytes[NUMBER_BYTES], max[NUMBER_BYTES], dropped[NUMBER_BYTES], since[NUMBER_BYTES];
	char brokers[256];
	struct mqtt_status m;
	struct spool_stats s;

	if (!a->publisher)
		return;
	publisher_get_mqtt(a->publisher, &m);
	publisher_get_spool(a->publisher, &s);
	list_brokers(&a->conf->mqtt.brokers, brokers, sizeof(brokers));
	REPORT(out, "broker", mqtt_state_name(m.state), brokers,
	       timestamp_format(loop_wall_us() - (loop_mono_us() - m.since_us), since, sizeof(since)), m.last_error);
	REPORT(out, "spool", number(rows, s.n_rows), number(bytes, s.bytes), number(max, s.max_bytes),
	       number(dropped, s.n_dropped), a->conf->spool.path, s.problem ? s.problem : "");
}

static void report_sensors(struct agent *a, struct dynbuf *out)
{
	for (size_t i = 0; i < a->conf->n_sensors; i++) {
		char readings[NUMBER_BYTES], faults[NUMBER_BYTES], since[NUMBER_BYTES];
		struct sensor_status s;

		sched_get_status(a->sched, i, &s);
		REPORT(out, "sensor", s.name, a->conf->sensors[i].driver->name, sensor_state_name(s.state),
		       timestamp_format(s.since_us, since, sizeof(since)), number(readings, s.n_readings),
		       number(faults, s.n_faults), s.reason);
	}
}

static void report_streams(struct agent *a, struct dynbuf *out)
{
	for (size_t i = 0; i < a->conf->plan.n_streams; i++) {
		const struct graph_stream *stream = &a->conf->plan.streams[i];
		char value[NUMBER_BYTES] = "", at[NUMBER_BYTES] = "";
		struct sample s;

		if (graph_latest(a->graph, i, &s)) {
			timestamp_format(clock_wall_us(&a->clock, s.at_us), at, sizeof(at));
			if (isfinite(s.value))
				snprintf(value, sizeof(value), "%.7g", s.value);
		}
		REPORT(out, "stream", stream->name, value, stream->def.unit->code, at);
	}
}

void agent_report(void *ctx, struct dynbuf *out)
{
	struct agent *a = ctx;
	struct dynbuf status;

	report_board(a, out);
	report_delivery(a, out);
	report_sensors(a, out);
	report_streams(a, out);
	if (!a->publisher)
		return;
	dynbuf_init(&status, STATUS_MAX_BYTES);
	publisher_describe(a->publisher, &status);
	REPORT(out, "json", dynbuf_text(&status));
	dynbuf_free(&status);
}
