/* SPDX-License-Identifier: Apache-2.0 */
/* agent_clock.c - what the agent does when it learns what time it is, or that it was wrong. See trust.h for when. */
#include "agent/agent_private.h"

#include "base/log.h"

enum {
	WAITING_SAMPLES = 16384, /* 384 KiB while they wait, touched as they come */
	ROOM_MIN = 2048,	 /* more may come before the next look */
};

/* A clock with a battery is good enough until there is a better one. */
static bool is_synchronised(struct agent *a)
{
	if (clock_is_synchronised()) {
		a->was_synchronised = true;
		return true;
	}
	return a->conf->clock.trust == CONF_TRUST_AUTO && !a->was_synchronised && clock_has_battery();
}

static struct trust_view look(struct agent *a, bool has_stepped)
{
	return (struct trust_view){
		.now_us = clock_now_us(&a->clock),
		.has_stepped = has_stepped,
		.is_synchronised = trust_needs_kernel(&a->trust, has_stepped) && is_synchronised(a),
		.is_full = graph_is_holding(a->graph) && graph_hold_room(a->graph) < ROOM_MIN,
	};
}

static void begin_stretch(struct agent *a)
{
	stretches_begin(&a->stretches, a->boot, a->seq + 1, a->clock.shift_us);
}

void agent_init_clock(struct agent *a)
{
	const struct conf_clock *o = &a->conf->clock;
	struct trust_view v;

	/* Who only prints needs no other's time. */
	trust_init(&a->trust, !a->o->is_publishing || o->trust == CONF_TRUST_ALWAYS, o->wait_us,
		   clock_now_us(&a->clock));
	v = look(a, false);
	trust_look(&a->trust, &v);
	if (a->trust.state == TIME_SYNCHRONISED)
		return;
	log_notice("the kernel does not say that the clock is synchronised: samples wait for that, for at most %.0f s "
		   "(clock: {trust: always} if something else keeps it right)",
		   (double)o->wait_us / 1e6);
	if (graph_hold(a->graph, WAITING_SAMPLES) < 0) {
		log_warning("no memory to let samples wait: they are sent marked as of a clock that may be wrong");
		a->trust.state = TIME_UNSYNCHRONISED;
		begin_stretch(a);
		graph_set_clock(a->graph, 0, PARTIAL_UNSYNCED, clock_now_us(&a->clock));
	}
}

static uint32_t marks(const struct agent *a)
{
	return a->trust.state == TIME_UNSYNCHRONISED ? PARTIAL_UNSYNCED : 0;
}

/* Parts of the time before have promised that none would follow them: a collector must take what follows for another life. */
static void take_another_boot(struct agent *a)
{
	if (!a->publisher)
		return;
	a->boot = publisher_take_boot(a->publisher);
	a->seq = 0;
}

/*
 * The time is known: by how much what was sent before is off. Before the first message that is dated, so that who misses this one knows
 * by its number that something from before is missing. Its length is the longest, which no spool merges, and it has no window.
 */
static void tell_stretches(struct agent *a)
{
	struct partial p = { .version = PARTIAL_VERSION, .wl = 3600, .flags = PARTIAL_UNSYNCED };

	p.wm = graph_watermark_s(a->graph);
	while (stretches_take(&a->stretches, a->clock.shift_us, &p.clock)) {
		log_notice("messages %u to %u of boot %u were off by %+.6f s: told, so that a collector can date them",
			   p.clock.first, p.clock.last, p.clock.boot, (double)-p.clock.offset_us / 1e6);
		agent_sink.partial(a, &p);
	}
	if (a->stretches.n_given_up > 0)
		log_warning("the clock was set too often: what was sent before the last %d times stays without a date",
			    STRETCHES_MAX);
	a->stretches.n_given_up = 0;
}

/* What is open is closed at the old time, and windows begin anew at the new one. */
static void step(struct agent *a)
{
	int64_t now_us = clock_now_us(&a->clock);

	graph_advance(a->graph, sched_watermark_us(a->sched));
	graph_cut(a->graph, now_us, PARTIAL_STEP);
	clock_adopt(&a->clock);
	stretches_end(&a->stretches, a->seq);
	if (!marks(a))
		tell_stretches(a);
	if (graph_set_clock(a->graph, a->clock.shift_us, marks(a), now_us))
		take_another_boot(a);
	if (marks(a))
		begin_stretch(a);
	graph_start(a->graph, now_us);
	sched_replan(a->sched);
	agent_plan_tick(a);
}

static void give_up(struct agent *a)
{
	begin_stretch(a);
	graph_release(a->graph, a->clock.shift_us, PARTIAL_UNSYNCED, PARTIAL_UNSYNCED);
	log_warning("the clock is still not synchronised: partials are marked, and a collector keeps them apart");
}

static void date(struct agent *a, int64_t by_us)
{
	clock_adopt(&a->clock);
	if (by_us >
	    CLOCK_STEP_US) /* from a time so wrong it is not unique, if the one before was lost; nothing bears it yet */
		take_another_boot(a);
	graph_release(a->graph, a->clock.shift_us, PARTIAL_RETIMED, 0);
	log_notice("the clock is synchronised, %+.1f s from what it was: what waited is dated", (double)by_us / 1e6);
	sched_replan(a->sched);
	agent_plan_tick(a);
}

void agent_follow_clock(struct agent *a)
{
	enum time_state was = a->trust.state;
	int64_t by_us;
	bool has_stepped = clock_has_stepped(&a->clock, &by_us);
	struct trust_view v = look(a, has_stepped);

	switch (trust_look(&a->trust, &v)) {
	case TIME_KNOWN:
		date(a, by_us);
		break;
	case TIME_GIVE_UP:
		give_up(a);
		break;
	case TIME_STEP:
		log_notice("the clock was set by %+.1f s%s: windows begin anew", (double)by_us / 1e6,
			   was == TIME_UNSYNCHRONISED && !marks(a) ? " and is synchronised" : "");
		step(a);
		break;
	default:
		break;
	}
	if (a->trust.state == was)
		return;
	if (a->trust.state == TIME_HOLDOVER)
		log_warning("the clock was set by %+.1f s but is not synchronised: going on with the time from before",
			    (double)by_us / 1e6);
	agent_status_soon(a);
}

void agent_end_clock(struct agent *a)
{
	bool is_holding = graph_is_holding(a->graph);

	if (is_holding)
		give_up(a);
	if (is_holding || marks(a))
		log_warning("the time was never known: what was sent marked stays without a date");
}

int64_t agent_look_at_clock_us(const struct agent *a, int64_t now_us)
{
	enum { SOON_US = 1000000, LATER_US = 10000000 };

	if (a->trust.state == TIME_SYNCHRONISED)
		return INT64_MAX;
	return now_us + (a->trust.state == TIME_WAITING ? SOON_US : LATER_US);
}
