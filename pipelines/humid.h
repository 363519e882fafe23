/* SPDX-License-Identifier: Apache-2.0 */
/*
 * humid.h - what operators on a temperature and a relative humidity share: which input is which (by its unit, so the order does
 * not matter), degree Celsius whatever the thermometer gives, and the pressure of water vapour.
 */
#ifndef RUNNEL_PIPELINES_HUMID_H
#define RUNNEL_PIPELINES_HUMID_H

#include <stdint.h>

#include "base/unit_convert.h"
#include "pipelines/align.h"

/*
 * Magnus formula over water, WMO-No. 8 (Guide to Instruments and Methods of Observation), volume I, annex 4.B:
 * e_w(t) = 6.112 hPa exp(17.62 t / (243.12 + t)), t from -45 to 60 degC.
 */
#define HUMID_MAGNUS_A 17.62
#define HUMID_MAGNUS_B 243.12
#define HUMID_MAGNUS_E0_HPA 6.112

struct humid {
	int64_t within_us;

	struct align align;
	unsigned temperature, humidity; /* which input */
	struct unit_conversion to_celsius, from_celsius;
};

/** @return 0, or -EINVAL: not a temperature and a relative humidity */
NODISCARD int humid_setup(struct humid *h, struct op_setup *s);

/** 17.62 t / (243.12 + t) */
static inline double humid_exponent(double celsius)
{
	return HUMID_MAGNUS_A * celsius / (HUMID_MAGNUS_B + celsius);
}

/** @result: from a temperature of -100 to 150 degC and a humidity above 0, at most 100 %. Anything else is a gap. */
void humid_push(struct humid *h, unsigned input, const struct sample *in, const struct emitter *out,
		double (*result)(const struct humid *h, double celsius, double percent));
void humid_advance(struct humid *h, int64_t watermark_us, const struct emitter *out,
		   double (*result)(const struct humid *h, double celsius, double percent));

#endif
