/* SPDX-License-Identifier: Apache-2.0 */
/* ref_unit.c - units, and what follows from a unit's row of the wire contract. */
#include <stdio.h>

#include "agent/ref.h"
#include "base/text.h"
#include "pipelines/agg.h"

void ref_unit_range(const struct unit *unit, double *min, double *max)
{
	double reach = unit->quantum * (AGG_K_LIMIT - 1);

	*min = unit->reference - reach;
	*max = unit->reference + reach;
}

const char *ref_unit_sketch(const struct unit *unit, char *buf, size_t buf_bytes)
{
	if (unit->sketch == SKETCH_LIN)
		snprintf(buf, buf_bytes, "lin %g %s", unit->sketch_width, unit->code);
	else
		snprintf(buf, buf_bytes, "exp2 1.08 %%");
	return buf;
}

void ref_unit_text(struct dynbuf *out, const struct unit *unit)
{
	char number[32], sketch[64];
	double min, max;

	ref_unit_range(unit, &min, &max);
	dynbuf_addf(out, "%s\n  %s: %s\n\n", unit->code, unit->name, unit->quantity);
	dynbuf_addf(out, "  reference K  %s\n", text_from_double(unit->reference, number, sizeof(number)));
	dynbuf_addf(out, "  quantum q    %s\n", text_from_double(unit->quantum, number, sizeof(number)));
	dynbuf_addf(out, "  sketch       %s\n", ref_unit_sketch(unit, sketch, sizeof(sketch)));
	dynbuf_addf(out, "  range        %.10g to %.10g (|x - K| < q * 2^23); beyond, samples are clipped\n\n", min,
		    max);
	dynbuf_adds(
		out,
		"A sample x is counted as the integer k = (x - K) / q, so all sums are exact. A stream may say\n"
		"`quantum:` and `reference:`, on all devices alike. A state and a plain count have K = 0, q = 1.\n");
}

void ref_unit_json(struct json *j, const struct unit *unit)
{
	double min, max;

	ref_unit_range(unit, &min, &max);
	json_object_begin(j, NULL);
	json_text(j, "code", unit->code);
	json_text(j, "name", unit->name);
	json_text(j, "quantity", unit->quantity);
	json_double(j, "reference", unit->reference);
	json_double(j, "quantum", unit->quantum);
	json_object_begin(j, "sketch");
	json_text(j, "kind", unit->sketch == SKETCH_LIN ? "lin" : "exp2");
	if (unit->sketch == SKETCH_LIN)
		json_double(j, "width", unit->sketch_width);
	else
		json_int(j, "scale", 5);
	json_object_end(j);
	json_double(j, "min", min);
	json_double(j, "max", max);
	json_object_end(j);
}
