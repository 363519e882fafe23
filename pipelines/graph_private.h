/* SPDX-License-Identifier: Apache-2.0 */
/* graph_private.h - the inside of a graph, shared by graph.c (running), graph_message.c (what comes out) and graph_build.c. */
#ifndef RUNNEL_PIPELINES_GRAPH_PRIVATE_H
#define RUNNEL_PIPELINES_GRAPH_PRIVATE_H

#include "pipelines/alarm.h"
#include "pipelines/graph.h"
#include "pipelines/kpi.h"
#include "pipelines/window.h"

/* The end of a chain of operators: the stream itself. Its node passes samples on to other streams. */
struct stream {
	struct op_node node, tap; /* tap: before the first operator, only with events */
	const struct graph_stream *plan;
	struct graph *graph;
	struct window_lane *lane; /* NULL: not published */
	size_t slot;		  /* in its window */
	struct alarm *alarm;	  /* NULL: nobody wants to hear of its state */
	double latest_value;
	int64_t latest_us; /* INT64_MIN: none yet */
	double input_value;
};

struct kpi_user {
	struct kpi *kpi;
	size_t slot;
};

/* An operator that learns from the watermark. */
struct waiter {
	const struct op_class *class;
	struct op_node *node;
};

/* All published streams of one window length. */
struct group {
	struct window *window;
	uint32_t length_s;
	size_t n;
	uint32_t *ids; /* metric id of each slot */
	struct cell_spec *specs;
};

struct held; /* graph_hold.c */

/* A window length no stream has any more; part numbers of its last windows must not come again if one has it later. */
struct ended_length {
	uint32_t length_s;
	struct part_mark mark;
};

enum { MAX_ENDED_LENGTHS = 16 }; /* more than there are lengths */

struct graph {
	const struct graph_plan *plan;
	struct graph_sink sink;
	struct emitter *sources;
	struct stream *streams;
	struct group *groups;
	size_t n_groups;
	struct metric_def *metrics;
	struct kpi_def *kpi_defs;
	struct contract contract;
	struct kpi **kpis;
	struct kpi_user *users; /* by metric id: users[first_user[id]] .. users[first_user[id + 1]] */
	size_t *first_user;
	struct waiter *waiters; /* each after those it takes from */
	size_t n_waiters;
	struct alarm *alarms; /* of streams, then those of KPIs from n_stream_alarms */
	size_t n_alarms, n_stream_alarms;
	struct partial message, waiting;
	bool is_waiting;
	uint64_t wm_s;
	int64_t quiet_until_us; /* no window ends before; wall */
	int64_t shift_us;	/* wall = time of samples + shift */
	uint32_t marks;		/* flags of parts to come */
	int64_t started_us;	/* time of samples */
	struct held *held;	/* NULL: windows get what comes */
	struct ended_length ended[MAX_ENDED_LENGTHS];
	size_t n_ended;
	size_t *from; /* room for graph_adopt(), one per stream */
};

/* graph.c: what the nodes of a stream do. */
void graph_tap_push(void *state, unsigned input, const struct sample *in, const struct emitter *out);
void graph_stream_push(void *state, unsigned input, const struct sample *in, const struct emitter *out);

/* Make the alarms of a plan, before the KPIs. */
void graph_make_alarms(struct graph *g, struct arena *a);
struct alarm *graph_find_alarm(const struct graph *g, bool is_kpi, size_t i);

/* All of them, in the time of samples. */
void graph_start_alarms(struct graph *g, int64_t at_us);
void graph_advance_alarms(struct graph *g, int64_t watermark_us);

/* The watermark at which one may have something to tell. */
int64_t graph_alarms_due_us(const struct graph *g);

/* The same, also after input that is not older than @watermark_us. */
int64_t graph_alarms_quiet_until_us(const struct graph *g, int64_t watermark_us);

/* In wall time: close windows that end by then. */
void graph_advance_windows(struct graph *g, int64_t wall_us);

/* graph_hold.c: keep the watermark too. */
void graph_hold_watermark(struct graph *g, int64_t watermark_us);

/* graph_message.c: a window gave a part; the last message so far goes out with this watermark; KPIs whose windows are over. */
void graph_part_closed(void *ctx, const struct window *w, const struct window_part *part);
void graph_send_waiting(struct graph *g, uint64_t wm_s);
void graph_tell_kpis(struct graph *g, int64_t watermark_us);

#endif
