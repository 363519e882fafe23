/* SPDX-License-Identifier: Apache-2.0 */
#include "pipelines/humid.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/unit.h"
#include "pipelines/series.h"

#define COLDEST_CELSIUS (-100.0)
#define HOTTEST_CELSIUS 150.0

int humid_setup(struct humid *h, struct op_setup *s)
{
	const struct unit *celsius = unit_find("Cel"), *unit;

	h->humidity = strcmp(s->inputs[0].unit->code, "%") == 0 ? 0 : 1;
	h->temperature = 1 - h->humidity;
	unit = s->inputs[h->temperature].unit;
	if (strcmp(s->inputs[h->humidity].unit->code, "%") != 0 ||
	    unit_conversion_find(unit, celsius, &h->to_celsius) < 0 ||
	    unit_conversion_find(celsius, unit, &h->from_celsius) < 0) {
		snprintf(s->error, sizeof(s->error),
			 "expected a temperature (Cel, K or [degF]) and a relative humidity (%%), found %s and %s",
			 s->inputs[0].unit->code, s->inputs[1].unit->code);
		return -EINVAL;
	}
	s->output->unit = unit;
	s->output->kind = SERIES_GAUGE;
	return align_setup(&h->align, s, h->within_us);
}

static void give(struct humid *h, const struct emitter *out,
		 double (*result)(const struct humid *h, double celsius, double percent))
{
	double values[OP_MAX_INPUTS], celsius, percent;
	struct sample s;

	if (!align_take(&h->align, &s, values)) {
		emit(out, &s);
		return;
	}
	celsius = unit_convert(&h->to_celsius, values[h->temperature]);
	percent = fmin(values[h->humidity], 100.0); /* sensors read a little more in fog */
	if (percent > 0.0 && celsius >= COLDEST_CELSIUS && celsius <= HOTTEST_CELSIUS)
		series_emit(out, &s, result(h, celsius, percent));
	else
		series_emit(out, &s, NAN);
}

void humid_push(struct humid *h, unsigned input, const struct sample *in, const struct emitter *out,
		double (*result)(const struct humid *h, double celsius, double percent))
{
	if (align_is_over(&h->align, in))
		give(h, out, result);
	if (align_add(&h->align, input, in))
		give(h, out, result);
}

void humid_advance(struct humid *h, int64_t watermark_us, const struct emitter *out,
		   double (*result)(const struct humid *h, double celsius, double percent))
{
	if (align_has_waited(&h->align, watermark_us))
		give(h, out, result);
}
