/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spool_writer.h - commits a spool on a thread of its own, so that a card which takes seconds for an fsync holds up no sensor.
 *
 * From spool_writer_start() until `written` is called, or spool_writer_wait() has returned, the spool is the thread's: nobody else may
 * call a function of it. What comes meanwhile is put here, and told from here. At any other time all this is as if it were the spool's.
 */
#ifndef RUNNEL_AGENT_SPOOL_WRITER_H
#define RUNNEL_AGENT_SPOOL_WRITER_H

#include "agent/spool.h"
#include "base/loop.h"

struct spool_writer;

/**
 * @spool stays the caller's, and must outlive it. @written is called from the loop when a commit has ended, and the spool, with what
 * was put meanwhile, is the caller's again.
 * @return 0 or -ENOMEM
 */
NODISCARD int spool_writer_create(struct spool_writer **out, struct loop *loop, struct spool *spool,
				  void (*written)(void *ctx), void *ctx);

/** Waits for a commit that runs. NULL is fine. */
void spool_writer_free(struct spool_writer *w);

bool spool_writer_is_busy(struct spool_writer *w);

/** spool_commit(), over there; not while busy. Where no thread can be had, here: then it is not busy when this returns, and @written is not called. */
void spool_writer_start(struct spool_writer *w, int64_t now_us, bool with_acks);

/** Until it is not busy; then @written is not called for this commit. @return whether it was busy */
bool spool_writer_wait(struct spool_writer *w);

/** spool_append(), now or after the commit. Who puts more than 2 MiB, or half of what the spool may have, waits for it, as by spool_writer_wait(). */
void spool_writer_put(struct spool_writer *w, const struct spool_row *row);

/** spool_get_stats(), as of the beginning of a commit that runs, and what was put since. A disk that takes long is a problem there. */
void spool_writer_get_stats(struct spool_writer *w, struct spool_stats *out);

#endif
