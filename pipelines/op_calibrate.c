/* SPDX-License-Identifier: Apache-2.0 */
/*
 * calibrate - from what the sensor says to what is true, by points where both are known.
 *
 *     linear      the straight line through two points; of more, the one of least squares
 *     piecewise   straight from each point to the next
 *     polynomial  of least squares, of the given degree
 *
 * or by the coefficients of a polynomial, lowest power first. Beyond the outermost points the curve goes on, or the value at the
 * end holds, or there is a gap. Of two points and of pieces each point is met exactly: a mean of its neighbours with weights
 * (1 - t) and t. Search among pieces takes log2(points) steps.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/text.h"
#include "pipelines/op.h"
#include "pipelines/polyfit.h"
#include "pipelines/series.h"

enum method { LINEAR, PIECEWISE, POLYNOMIAL };
enum beyond { EXTRAPOLATE, CLAMP, GAP };

static const char *const methods[] = { "linear", "piecewise", "polynomial", NULL };
static const char *const beyonds[] = { "extrapolate", "clamp", "gap", NULL };

enum { POINTS_MAX = 1024 };

struct calibrate {
	struct opt_points given;
	struct opt_doubles coefficients;
	int method, beyond;
	int64_t degree;
	const struct unit *unit;

	struct opt_point *points; /* ascending by x */
	size_t n;
	bool is_piecewise;
	struct polyfit fit;
};

static const struct opt options[] = {
	{ "points", OPT_POINTS, offsetof(struct calibrate, given), .min = -1e100, .max = 1e100, .min_items = 2,
	  .max_items = POINTS_MAX, .example = "[[0.3, 0], [98.7, 100]]", .help = "[what is read, what is true]" },
	{ "method", OPT_ENUM, offsetof(struct calibrate, method), .choices = methods, .def = "linear",
	  .help = "one line for all points, lines from point to point, or a polynomial" },
	{ "degree", OPT_INT, offsetof(struct calibrate, degree), .min = 2, .max = POLYFIT_DEGREE_MAX, .def = "2",
	  .help = "of the polynomial" },
	{ "coefficients", OPT_DOUBLE_LIST, offsetof(struct calibrate, coefficients), .max_items = 16,
	  .help = "of a polynomial, lowest power first; instead of points" },
	{ "beyond", OPT_ENUM, offsetof(struct calibrate, beyond), .choices = beyonds, .def = "extrapolate",
	  .help = "outside of the points: go on, hold the value at the end, or a gap" },
	{ "unit", OPT_UNIT, offsetof(struct calibrate, unit),
	  .help = "unit of the result; default: that of the input" },
};

static int compare(const void *a, const void *b)
{
	double x = ((const struct opt_point *)a)->x, y = ((const struct opt_point *)b)->x;

	return (x > y) - (x < y);
}

static int take_points(struct calibrate *c, struct op_setup *s)
{
	char number[32];

	c->n = c->given.n;
	c->points = arena_alloc(s->arena, c->n * sizeof(*c->points));
	memcpy(c->points, c->given.points, c->n * sizeof(*c->points));
	qsort(c->points, c->n, sizeof(*c->points), compare);
	for (size_t i = 1; i < c->n; i++) {
		if (c->points[i].x == c->points[i - 1].x) {
			snprintf(s->error, sizeof(s->error), "two points say what is read as %s",
				 text_from_double(c->points[i].x, number, sizeof(number)));
			return -EINVAL;
		}
	}
	if (c->method == POLYNOMIAL && c->n <= (size_t)c->degree) {
		snprintf(s->error, sizeof(s->error), "a polynomial of degree %d needs %d points, found %zu",
			 (int)c->degree, (int)c->degree + 1, c->n);
		return -EINVAL;
	}
	c->is_piecewise = c->method == PIECEWISE || c->n == 2;
	if (!c->is_piecewise)
		polyfit_make(&c->fit, c->points, c->n, c->method == LINEAR ? 1 : (size_t)c->degree);
	return 0;
}

static int calibrate_setup(void *state, struct op_setup *s)
{
	struct calibrate *c = state;

	if (s->inputs[0].kind == SERIES_COUNTER) {
		snprintf(s->error, sizeof(s->error),
			 "a counter restarts from 0, which must stay 0; use scale with a factor");
		return -EINVAL;
	}
	if ((c->given.n > 0) == (c->coefficients.n > 0)) {
		snprintf(s->error, sizeof(s->error), "expected one of points and coefficients, found %s",
			 c->given.n > 0 ? "both" : "neither");
		return -EINVAL;
	}
	if (c->coefficients.n > 0 && (c->method != LINEAR || c->beyond != EXTRAPOLATE)) {
		snprintf(s->error, sizeof(s->error), "method and beyond go with points, not with coefficients");
		return -EINVAL;
	}
	if (c->unit)
		s->output->unit = c->unit;
	s->output->kind = SERIES_GAUGE;
	return c->given.n > 0 ? take_points(c, s) : 0;
}

static double by_coefficients(const struct opt_doubles *coefficients, double x)
{
	double y = 0.0;

	for (size_t i = coefficients->n; i-- > 0;)
		y = y * x + coefficients->values[i];
	return y;
}

static double by_pieces(const struct calibrate *c, double x)
{
	size_t low = 0, high = c->n - 1;
	double t;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (x < c->points[middle].x)
			high = middle;
		else
			low = middle;
	}
	t = (x - c->points[low].x) / (c->points[high].x - c->points[low].x);
	return (1.0 - t) * c->points[low].y + t * c->points[high].y;
}

static double calibrated(const struct calibrate *c, double x)
{
	double first, last;

	if (c->n == 0)
		return by_coefficients(&c->coefficients, x);
	first = c->points[0].x;
	last = c->points[c->n - 1].x;
	if (c->beyond == GAP && (x < first || x > last))
		return NAN;
	if (c->beyond == CLAMP)
		x = x < first ? first : x > last ? last : x;
	return c->is_piecewise ? by_pieces(c, x) : polyfit_value(&c->fit, x);
}

static void calibrate_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	const struct calibrate *c = state;

	(void)input;
	series_emit(out, in, series_is_gap(in->value) ? NAN : calibrated(c, in->value));
}

const struct op_class op_calibrate = {
	.name = "calibrate",
	.family = OP_SHAPING,
	.help = "from what the sensor reads to what is true, by points where both are known",
	.formula = "y = a line or polynomial of least squares, or straight pieces, through the points; or c0 + c1 x + "
		   "... + cn x^n",
	.memory = "16 B a point",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct calibrate),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = calibrate_setup,
	.push = calibrate_push,
};
