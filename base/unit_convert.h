/* SPDX-License-Identifier: Apache-2.0 */
/* unit_convert.h - from one unit of a quantity to another. */
#ifndef RUNNEL_BASE_UNIT_CONVERT_H
#define RUNNEL_BASE_UNIT_CONVERT_H

#include <stddef.h>

#include "base/check.h"
#include "base/unit.h"

/** y = (x - from_zero) * multiply / divide + to_zero. The factors are whole, so that one of 10 or of 1/10 rounds once. */
struct unit_conversion {
	double from_zero, multiply, divide, to_zero;
};

/** @return 0, or -EINVAL: they are not units of one quantity, @out is untouched */
NODISCARD int unit_conversion_find(const struct unit *from, const struct unit *to, struct unit_conversion *out);

/** "Cel, K, [degF]": what @from can become, itself left out; "" when there is nothing. Cut to fit. Returns @buf. */
const char *unit_conversion_list(const struct unit *from, char *buf, size_t buf_bytes);

static inline double unit_convert(const struct unit_conversion *c, double x)
{
	return (x - c->from_zero) * c->multiply / c->divide + c->to_zero;
}

#endif
