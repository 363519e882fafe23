/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/look.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "agent/limits.h"
#include "base/check.h"
#include "base/loop.h"

enum {
	LONGEST_WAIT_US = 10000000, /* the slowest chips take 5 s for their first value */
	GRACE_US = 1000000,	    /* beyond the time the driver announced, as the agent has it */
	ASK_AGAIN_US = 2000,
	NEXT_READING_US = 1000000, /* after one without any value: a chip that is being set up */
	MAX_READINGS = 3,
	SLICE_US = 50000,
	FETCH_AT_ONCE = 64,
	MAX_FETCHES = 32,
};

static void fail(struct look *l, int error, const char *text)
{
	const struct sensor_driver *d = l->sensor->driver;

	if (text && text[0])
		snprintf(l->reason, sizeof(l->reason), "%s", text);
	else
		trouble_text(l->sensor, error, l->reason, sizeof(l->reason));
	l->trouble = trouble_of(error);
	l->state = LOOK_FAULT;
	l->is_probed = false;
	if (d->close)
		d->close(l->sensor->state);
}

/* Events are not shown, but what they count is. */
static void fetch(struct look *l)
{
	const struct sensor_watch *watch = l->sensor->driver->watch;
	struct sensor_event events[FETCH_AT_ONCE];
	int n = 1;

	if (!watch || !l->is_probed)
		return;
	for (int i = 0; n > 0 && i < MAX_FETCHES; i++)
		n = watch->fetch(l->sensor->state, loop_kernel_us(), events, FETCH_AT_ONCE);
	if (n < 0)
		fail(l, n, NULL);
}

static bool has_value(const struct look *l)
{
	for (size_t i = 0; i < l->sensor->n_channels; i++)
		if (!isnan(l->values[i]))
			return true;
	return false;
}

static int64_t soonest(int64_t a_us, int64_t b_us)
{
	return a_us < b_us ? a_us : b_us;
}

static void trigger(struct look *l, int64_t now_us, int64_t end_us)
{
	int64_t wait_us;

	fetch(l);
	if (l->state == LOOK_FAULT)
		return;
	wait_us = l->sensor->driver->trigger(l->sensor->state, now_us);
	if (wait_us < 0) {
		fail(l, (int)wait_us, NULL);
		return;
	}
	l->state = LOOK_WAITING;
	l->at_us = now_us;
	l->ready_us = soonest(now_us + wait_us, end_us);
	l->give_up_us = soonest(l->ready_us + GRACE_US, end_us);
}

static void begin(struct look *l, int64_t now_us, int64_t end_us)
{
	struct sensor_error err = { "" };
	int r;

	l->n_readings = 0;
	l->at_us = now_us;
	l->reason[0] = '\0';
	if (l->state == LOOK_ENDED)
		return;
	l->state = LOOK_STARTING;
	if (!l->is_probed) {
		r = l->sensor->driver->probe(l->sensor->state, now_us, &err);
		if (r < 0) {
			fail(l, r, err.text);
			return;
		}
		l->is_probed = true;
	}
	trigger(l, now_us, end_us);
}

/* What the agent would refuse. */
static void refuse(struct look *l)
{
	for (size_t i = 0; i < l->sensor->n_channels; i++) {
		l->is_refused[i] = !limits_in_range(l->sensor, i, l->values[i], l->reason);
		if (l->is_refused[i])
			l->values[i] = NAN;
	}
}

static void collect(struct look *l, int64_t now_us, int64_t end_us)
{
	char text[64];
	int r = l->sensor->driver->collect(l->sensor->state, now_us, l->values);

	if (r == -EAGAIN && now_us < l->give_up_us) {
		l->ready_us = now_us + ASK_AGAIN_US;
	} else if (r == -EAGAIN) {
		snprintf(text, sizeof(text), "no result within %.1f s", (double)(l->give_up_us - l->at_us) / 1e6);
		fail(l, -ETIMEDOUT, text);
	} else if (r == SENSOR_END) {
		l->state = LOOK_ENDED;
	} else if (r < 0) {
		fail(l, r, NULL);
	} else if (!has_value(l) && ++l->n_readings < MAX_READINGS && now_us + NEXT_READING_US < end_us) {
		l->state = LOOK_STARTING;
		l->ready_us = now_us + NEXT_READING_US;
	} else {
		l->state = LOOK_OK;
		refuse(l);
	}
}

static void sleep_us(int64_t us)
{
	struct timespec t = { (time_t)(us / 1000000), (long)(us % 1000000 * 1000) };

	while (nanosleep(&t, &t) < 0 && errno == EINTR)
		;
}

void look_away(struct look looks[], size_t n, const struct clock *clock, int64_t for_us)
{
	int64_t end_us = clock_now_us(clock) + for_us, left_us;

	while ((left_us = end_us - clock_now_us(clock)) > 0) {
		sleep_us(soonest(left_us, SLICE_US));
		for (size_t i = 0; i < n; i++)
			fetch(&looks[i]);
	}
}

/* @return when the next sensor is to be asked; INT64_MAX: all are done */
static int64_t ask_all(struct look looks[], size_t n, const struct clock *clock, int64_t end_us)
{
	int64_t next_us = INT64_MAX;

	for (size_t i = 0; i < n; i++) {
		struct look *l = &looks[i];
		int64_t now_us = clock_now_us(clock);

		if (l->state == LOOK_STARTING && l->ready_us <= now_us)
			trigger(l, now_us, end_us);
		if (l->state == LOOK_WAITING && l->ready_us <= now_us)
			collect(l, now_us, end_us);
		if (l->state == LOOK_STARTING || l->state == LOOK_WAITING)
			next_us = soonest(next_us, l->ready_us);
	}
	return next_us;
}

void look_at(struct look looks[], size_t n, const struct clock *clock)
{
	int64_t end_us = clock_now_us(clock) + LONGEST_WAIT_US, next_us;

	for (size_t i = 0; i < n; i++)
		begin(&looks[i], clock_now_us(clock), end_us);
	while ((next_us = ask_all(looks, n, clock, end_us)) != INT64_MAX)
		look_away(looks, n, clock, next_us - clock_now_us(clock));
}

void look_close(struct look looks[], size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (looks[i].sensor->driver->close)
			looks[i].sensor->driver->close(looks[i].sensor->state);
}
