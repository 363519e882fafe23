/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/page.h"

#include <stdlib.h>

#include "collector/sorted.h"
#include "collector/web.h"

struct page {
	struct web web;
	struct http *http;
};

int page_open(struct page **out, struct loop *loop, const struct page_options *o, struct fleet *f, const struct mqtt *m)
{
	struct page *p = sorted_alloc(sizeof(*p));
	int r;

	p->web = (struct web){ .fleet = f,
			       .mqtt = m,
			       .broker = o->broker,
			       .store_path = o->store,
			       .sinks = o->sinks,
			       .store_problem = "",
			       .started_us = loop_wall_us() };
	r = http_open(&p->http, loop, &o->http, &p->web);
	if (r < 0) {
		free(p);
		return r;
	}
	f->keeps_texts = true;
	*out = p;
	return 0;
}

void page_close(struct page *p)
{
	if (p)
		http_close(p->http);
	free(p);
}

void page_count_told(struct page *p)
{
	if (p)
		p->web.n_told++;
}

void page_beat(struct page *p, const char *store_problem)
{
	const struct counters *c;

	if (!p)
		return;
	c = &p->web.fleet->counters;
	p->web.store_problem = store_problem;
	pulse_beat(&p->web.pulse,
		   (const uint64_t[]){
			   [PULSE_MESSAGES] = c->messages, [PULSE_PARTS] = c->parts, [PULSE_TOLD] = p->web.n_told });
}

const char *page_where(const struct page *p)
{
	return http_where(p ? p->http : NULL);
}
