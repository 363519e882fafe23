/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sched_rig.h"

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

#include "tests/still_loop.h"

static int fake_probe(void *state, int64_t now_us, struct sensor_error *err)
{
	struct fake_sensor *f = state;

	if (f->n_probes < RIG_PROBES)
		f->probed_us[f->n_probes] = now_us;
	f->n_probes++;
	if (f->probe_error < 0)
		snprintf(err->text, sizeof(err->text), "nobody at address 0x76");
	return f->probe_error;
}

static int64_t fake_trigger(void *state, int64_t now_us)
{
	struct fake_sensor *f = state;

	(void)now_us;
	f->n_triggers++;
	if (f->blocks_us > 0)
		still_loop_pass(f->blocks_us);
	f->again = f->n_again;
	return f->trigger_error < 0 ? f->trigger_error : f->ready_us;
}

static int fake_collect(void *state, int64_t now_us, double out[])
{
	struct fake_sensor *f = state;

	(void)now_us;
	f->n_collects++;
	if (f->again != 0) {
		f->again -= f->again > 0;
		return -EAGAIN;
	}
	if (f->collect_error < 0)
		return f->collect_error;
	if (f->end_after && f->n_values >= f->end_after)
		return SENSOR_END;
	f->n_values++;
	out[0] = f->value != 0.0 ? f->value : f->n_values;
	return 0;
}

static void fake_close(void *state)
{
	((struct fake_sensor *)state)->n_closes++;
}

static const struct channel one_channel[] = { { .name = "value", .unit = "1" } };

static const struct sensor_driver driver = {
	.name = "fake",
	.channels = one_channel,
	.n_channels = 1,
	.state_size = sizeof(struct fake_sensor),
	.probe = fake_probe,
	.trigger = fake_trigger,
	.collect = fake_collect,
	.close = fake_close,
};
const struct sensor_driver sched_rig_self_paced = {
	.name = "fake",
	.channels = one_channel,
	.n_channels = 1,
	.state_size = sizeof(struct fake_sensor),
	.is_self_paced = true,
	.probe = fake_probe,
	.trigger = fake_trigger,
	.collect = fake_collect,
	.close = fake_close,
};

static void on_reading(void *ctx, size_t i, int64_t at_us, uint32_t lost, const double values[])
{
	struct sched_rig *r = ctx;

	assert_true(r->n_readings < RIG_READINGS);
	assert_int_equal(lost, 0);
	if (at_us < r->watermark_us)
		fail_msg("a reading %lld us before the watermark", (long long)(r->watermark_us - at_us));
	r->readings[r->n_readings++] = (struct rig_reading){ i, at_us, clock_now_us(&r->clock), values[0] };
}

static void on_settled(void *ctx, int64_t watermark_us)
{
	struct sched_rig *r = ctx;

	assert_true(watermark_us <= clock_now_us(&r->clock));
	if (watermark_us > r->watermark_us)
		r->watermark_us = watermark_us;
	if (r->forward_us) {
		r->clock.offset_us += r->forward_us;
		sched_replan(r->sched);
	}
}

static void on_changed(void *ctx, size_t i)
{
	struct sched_rig *r = ctx;

	assert_true(i < RIG_SENSORS);
	r->n_changes++;
}

static void on_end(void *ctx)
{
	loop_stop(((struct sched_rig *)ctx)->loop, 7);
}

struct sched_rig *sched_rig_new(size_t n_sensors, int64_t every_us)
{
	static const struct sched_handlers handlers = { on_reading, on_settled, on_changed, NULL };
	static const char *const names[] = { "first", "second" };
	struct sched_rig *r = calloc(1, sizeof(*r));

	r->readings = calloc(RIG_READINGS, sizeof(r->readings[0]));
	r->watermark_us = INT64_MIN;
	assert_int_equal(loop_create(&r->loop), 0);
	assert_int_equal(loop_timer_create(r->loop, &r->end, on_end, r), 0);
	clock_init(&r->clock);
	r->conf.sensors = r->sensors;
	r->conf.n_sensors = n_sensors;
	for (size_t i = 0; i < RIG_SENSORS; i++)
		r->sensors[i] = (struct conf_sensor){
			.name = names[i],
			.driver = &driver,
			.state = &r->fakes[i],
			.every_us = every_us,
			.channels = one_channel,
			.n_channels = 1,
		};
	assert_int_equal(sched_create(&r->sched, r->loop, &r->conf, &r->clock, &handlers, r), 0);
	return r;
}

void sched_rig_run(struct sched_rig *r, int64_t us)
{
	loop_timer_set(r->end, loop_mono_us() + us);
	assert_int_equal(loop_run(r->loop), 7);
}

void sched_rig_forward(struct sched_rig *r, int64_t us, int64_t step_us)
{
	int64_t until_us = clock_now_us(&r->clock) + us;

	r->forward_us = step_us;
	while (clock_now_us(&r->clock) < until_us)
		sched_rig_run(r, 20 * MS);
	r->forward_us = 0;
}

void sched_rig_free(struct sched_rig *r)
{
	sched_free(r->sched);
	loop_timer_free(r->end);
	loop_free(r->loop);
	for (size_t i = 0; i < RIG_SENSORS; i++)
		arena_free(&r->sensors[i].own);
	free(r->readings);
	free(r);
}

size_t sched_rig_count(const struct sched_rig *r, size_t sensor, bool is_gap)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n_readings; i++)
		n += r->readings[i].sensor == sensor && isnan(r->readings[i].value) == is_gap;
	return n;
}

struct sensor_status sched_rig_status(const struct sched_rig *r, size_t i)
{
	struct sensor_status s;

	sched_get_status(r->sched, i, &s);
	return s;
}

static FILE *log_file;
static int saved_stderr;

void sched_rig_log_begin(void)
{
	log_file = tmpfile();
	assert_non_null(log_file);
	saved_stderr = dup(STDERR_FILENO);
	dup2(fileno(log_file), STDERR_FILENO);
}

size_t sched_rig_log_count(const char *words)
{
	char line[1024];
	size_t n = 0;

	rewind(log_file);
	while (fgets(line, sizeof(line), log_file))
		n += strstr(line, words) != NULL;
	fseek(log_file, 0, SEEK_END);
	return n;
}

void sched_rig_log_end(void)
{
	dup2(saved_stderr, STDERR_FILENO);
	close(saved_stderr);
	fclose(log_file);
}
