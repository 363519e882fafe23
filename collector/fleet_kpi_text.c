/* SPDX-License-Identifier: Apache-2.0 */
/* fleet_kpi_text.c - fleet KPIs as text. */
#include <stdio.h>
#include <string.h>

#include "base/decimal.h"
#include "base/json.h"
#include "base/text.h"
#include "collector/fleet_kpi.h"

static const char *const states[] = {
	[FLEET_KPI_PROVISIONAL] = "PROVISIONAL", [FLEET_KPI_COMPLETE] = "COMPLETE", [FLEET_KPI_CLOSED] = "CLOSED"
};

const char *fleet_kpi_state_name(enum fleet_kpi_state state)
{
	return states[state];
}

enum fleet_kpi_state fleet_kpi_state_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(states); i++)
		if (strcmp(states[i], name) == 0)
			return (enum fleet_kpi_state)i;
	return FLEET_KPI_PROVISIONAL;
}

const char *fleet_kpi_worst_names(const struct fleet_kpi *k, char out[static FLEET_KPI_WORST_BYTES])
{
	char number[32];
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < k->spread.n_worst; i++)
		at += (size_t)snprintf(out + at, FLEET_KPI_WORST_BYTES - at, "%s%s=%s", i > 0 ? " " : "",
				       k->spread.worst[i].device,
				       text_from_double(k->spread.worst[i].value, number, sizeof(number)));
	return out;
}

void fleet_kpi_parse_worst(struct fleet_kpi *k, const char *text)
{
	struct fleet_spread *s = &k->spread;

	s->n_worst = 0;
	while (*text && s->n_worst < FLEET_KPI_N_WORST) {
		size_t len = strcspn(text, "="), all = strcspn(text, " ");

		if (len > 0 && len < all && len < sizeof(s->worst[0].device)) {
			memcpy(s->worst[s->n_worst].device, text, len);
			s->worst[s->n_worst].device[len] = '\0';
			if (decimal_parse(text + len + 1, all - len - 1, &s->worst[s->n_worst].value) == 0)
				s->n_worst++;
		}
		text += all + (text[all] == ' ');
	}
}

static void spread_to_json(struct json *j, const struct fleet_spread *s)
{
	json_object_begin(j, "spread");
	json_uint(j, "devices", s->n);
	json_double(j, "min", s->low);
	json_double(j, "median", s->median);
	json_double(j, "max", s->high);
	json_array_begin(j, "worst");
	for (size_t i = 0; i < s->n_worst; i++) {
		json_object_begin(j, NULL);
		json_text(j, "device", s->worst[i].device);
		json_double(j, "value", s->worst[i].value);
		json_object_end(j);
	}
	json_array_end(j);
	json_object_end(j);
}

void fleet_kpi_to_json(const struct fleet_kpi *k, struct dynbuf *out)
{
	struct json j = { .out = out };

	json_object_begin(&j, NULL);
	json_text(&j, "type", "fleet_kpi");
	json_text(&j, "site", k->site);
	json_text(&j, "name", k->name);
	json_uint(&j, "w0", k->w0);
	json_uint(&j, "wl", k->wl);
	json_double(&j, "value", k->value);
	json_text(&j, "unit", k->unit);
	json_uint(&j, "n", k->n);
	json_uint(&j, "expected", k->expected);
	json_uint(&j, "devices", k->devices);
	json_uint(&j, "expected_devices", k->expected_devices);
	json_uint(&j, "complete_devices", k->complete_devices);
	json_double(&j, "coverage", k->coverage);
	json_text(&j, "state", fleet_kpi_state_name(k->state));
	json_uint(&j, "version", k->version);
	if (k->spread.n > 0)
		spread_to_json(&j, &k->spread);
	json_object_end(&j);
}
