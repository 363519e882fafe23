/* SPDX-License-Identifier: Apache-2.0 */
/* publisher_spool.c - what the publisher has the spool keep: rows, the number of this start, the contract. */
#include <errno.h>
#include <stdio.h>

#include "agent/boot.h"
#include "agent/publisher_private.h"
#include "agent/spool_merge.h"
#include "base/log.h"

enum { NOMINAL_BYTES = 64 * 1024 };

int publisher_open_spool(struct publisher *p, char error[static MQTT_ERROR_BYTES])
{
	const struct conf *c = p->o.conf;
	struct spool_options o = { .path = c->spool.path, .max_bytes = (size_t)c->spool.max_size };
	int r;

	if (p->o.is_backfill) /* the agent has the file, and the input is still there */
		o = (struct spool_options){ .max_bytes = SIZE_MAX };
	r = spool_open(&p->spool, &o);
	if (r == -EBUSY)
		snprintf(error, MQTT_ERROR_BYTES,
			 "spool %s: another agent is using it; give this one its own spool: {path: ...}",
			 c->spool.path);
	return r < 0 ? r : spool_writer_create(&p->writer, p->loop, p->spool, publisher_written, p);
}

/* Before anything can be sent that bears it, and in two places. */
static void take_boot(struct publisher *p)
{
	const char *path = p->o.conf->spool.path, *error = NULL;
	struct spool_stats s;

	publisher_take_spool(p);
	p->id.boot = p->o.boot;
	if (p->o.is_backfill)
		return;
	spool_get_stats(p->spool, &s);
	p->id.boot = boot_take(path, s.boot, loop_wall_us(), &error);
	if (spool_note_boot(p->spool, p->id.boot) < 0)
		return; /* the spool has told what is wrong with the place */
	if (error)
		log_warning("cannot keep the number of starts in %s.boot: %s; it is kept in the spool alone", path,
			    error);
}

uint32_t publisher_take_boot(struct publisher *p)
{
	take_boot(p);
	p->seq = 0;
	return p->id.boot;
}

int publisher_keep_contract(struct publisher *p)
{
	struct dynbuf nominal;
	struct spool_contract c;
	int r;

	publisher_take_spool(p);
	contract_to_json(p->o.contract, &p->contract);
	if (p->contract.overflow)
		return -EMSGSIZE;
	p->id.contract = contract_hash(p->contract.data, p->contract.len);
	dynbuf_init(&nominal, NOMINAL_BYTES);
	spool_merge_nominal(p->o.contract, &nominal);
	c = (struct spool_contract){ p->id.contract, p->contract.data, p->contract.len, dynbuf_text(&nominal),
				     nominal.len };
	r = spool_keep_contract(p->spool, &c);
	dynbuf_free(&nominal);
	return r;
}
