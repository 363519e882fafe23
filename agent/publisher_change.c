/* SPDX-License-Identifier: Apache-2.0 */
/* publisher_change.c - another config, while messages are on their way; and what the agent tells of it. */
#include <errno.h>
#include <string.h>

#include "agent/publisher_private.h"

static void keep_due(struct kpi_board *to, struct kpi_board *from)
{
	for (size_t i = 0; i < to->n; i++)
		for (size_t j = 0; j < from->n; j++)
			if (from->entries[j].is_due && strcmp(to->entries[i].name, from->entries[j].name) == 0) {
				struct dynbuf json = to->entries[i].json;

				to->entries[i].json = from->entries[j].json;
				from->entries[j].json = json;
				to->entries[i].is_due = true;
			}
}

int publisher_change(struct publisher *p, const struct conf *conf, const struct contract *contract)
{
	const struct contract *was = p->o.contract;
	struct kpi_board kpis;
	int r = kpi_board_init(&kpis, contract);

	if (r < 0)
		return r;
	publisher_take_spool(p);
	p->o.contract = contract;
	dynbuf_reset(&p->contract);
	r = publisher_keep_contract(p);
	if (r == -EMSGSIZE || r == -ENOMEM) {
		p->o.contract = was;
		dynbuf_reset(&p->contract);
		(void)!publisher_keep_contract(p);
		kpi_board_free(&kpis);
		return r;
	}
	keep_due(&kpis, &p->kpis);
	kpi_board_free(&p->kpis);
	p->kpis = kpis;
	p->o.conf = conf;
	p->is_contract_too_large = false;
	p->is_contract_refused = false;
	if (p->is_connected) {
		publisher_retract_discovery(p, was);
		publisher_tell_all_contracts(p);
		publisher_tell_birth(p);
	}
	return 0;
}

bool publisher_is_contract_refused(const struct publisher *p)
{
	return p->is_contract_refused;
}

void publisher_tell_config(struct publisher *p, const char *json)
{
	dynbuf_reset(&p->config_state);
	dynbuf_adds(&p->config_state, json);
	p->is_config_due = true;
	publisher_flow_soon(p);
}

void publisher_tell_due(struct publisher *p)
{
	struct mqtt_message state = { .payload = p->config_state.data,
				      .payload_bytes = p->config_state.len,
				      .retained = true };

	if (p->is_birth_due)
		publisher_tell_birth(p);
	publisher_tell_discovery(p);
	if (p->is_status_due && !p->is_finishing)
		publisher_tell_status(p, "online");
	if (p->is_config_due) {
		int r = publisher_send(p, PUBLISHER_CONFIG_ROW, "config/state", &state);

		p->is_config_due = r < 0 && r != -EMSGSIZE;
	}
}
