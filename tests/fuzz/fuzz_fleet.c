/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fleet of two devices that say anything: the input is a list of messages, each a byte for topic and device, a byte for the
 * length (times 4), and the payload. A good contract is there from the start, so that partials get past the door. What counts is
 * that nothing breaks and that every partial has exactly one fate.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "collector/fleet_kpi.h"
#include "collector/intake.h"

static const char contract[] = "{\"metrics\":[{\"id\":0,\"name\":\"t@1\",\"unit\":\"Cel\",\"kind\":\"gauge\",\"K\":20,"
			       "\"q\":0.01,\"sketch\":{\"kind\":\"lin\","
			       "\"width\":10},\"period_ms\":1000,\"window\":60},{\"id\":1,\"name\":\"c@1\",\"unit\":"
			       "\"1\",\"kind\":\"counter\",\"K\":0,\"q\":1,"
			       "\"sketch\":null,\"period_ms\":0,\"window\":60}],\"kpis\":[{\"name\":\"m\","
			       "\"expression\":\"quantile(t, 0.5) * rate(c)\","
			       "\"unit\":\"1\",\"window\":300}]}";

static void check_told(void *ctx, const struct fleet_kpi *k, bool is_newest)
{
	struct dynbuf *out = ctx;

	(void)is_newest;
	if (k->complete_devices > k->expected_devices || k->devices > k->expected_devices || k->version == 0 ||
	    !(k->coverage >= 0.0 && k->coverage <= 1.0))
		abort();
	dynbuf_reset(out);
	fleet_kpi_to_json(k, out);
}

static void start(struct fleet *f)
{
	struct fleet_message m = { .site = "s", .device = "d0", .payload = contract, .bytes = sizeof(contract) - 1 };

	fleet_contract(f, &m, contract_hash(contract, sizeof(contract) - 1));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const topics[] = {
		"p/s/d0/partial", "p/s/d1/partial", "p/s/d0/birth",	"p/s/d1/birth",
		"p/s/d0/status",  "p/s/d1/status",  "p/s/d1/contract/", "p/s/d0/partial"
	};
	struct fleet *f = fleet_new(60);
	struct dynbuf out;
	struct fleet_kpi_sink sink = { check_told, &out };
	const struct counters *c = &f->counters;

	log_set_level(LOG_LEVEL_ERROR);
	dynbuf_init(&out, 4096);
	start(f);
	while (size >= 2) {
		size_t bytes = (size_t)data[1] * 4 < size - 2 ? (size_t)data[1] * 4 : size - 2;
		char topic[64];
		struct mqtt_message m = { .topic = topic,
					  .payload = data + 2,
					  .payload_bytes = bytes,
					  .qos = 1,
					  .retained = data[0] & 0x80 };

		snprintf(topic, sizeof(topic), "%s", topics[data[0] & 7]);
		if ((data[0] & 7) == 6)
			snprintf(topic, sizeof(topic), "p/s/d1/contract/%08x",
				 contract_hash((const char *)data + 2, bytes));
		intake_message(f, "p", &m, 1763700000000000 + (int64_t)(data[0] & 0x70) * 10000000);
		fleet_kpi_update(f, data[0] & 0x40, &sink);
		data += 2 + bytes;
		size -= 2 + bytes;
	}
	/* bad counts other messages too */
	if (c->messages > c->parts + c->duplicates + c->conflicts + c->bad + c->unsynced + c->future + c->late +
				  c->dropped + c->refused + c->clocks + 2 * DEVICE_MAX_WAITING)
		abort();
	fleet_free(f);
	dynbuf_free(&out);
	return 0;
}
