/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two hours of a real BME280, quantised, cut into minutes, merged backwards: against numbers computed from the same
 * file with other means. Skipped where the recordings are not there.
 *
 * Expected values, with 40 decimal digits, c the column (t1 4, RH1 5, p1 6, RHref 10):
 *   python3 -c "import csv, math; from decimal import Decimal as D, getcontext; getcontext().prec = 40
 *   x = [D(r[c]) for r in csv.reader(open('../shared/data/rpi_2x_bme280_1hz.csv')) if r[0] != 'Datetime']
 *   n = len(x); m = sum(x) / n; s = sorted(x)
 *   print(n, float(sum(x)), float(m), float((sum((v - m)**2 for v in x) / (n - 1)).sqrt()), s[0], s[-1], x[0], x[-1],
 *         [s[math.ceil(D(p) * n) - 1] for p in ('0.5', '0.9', '0.95', '0.99')])"
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <math.h>
#include <unistd.h>

#include "base/csv.h"
#include "pipelines/agg.h"

enum { MAX_MINUTES = 200, SECONDS = 60 };

static const char path[] = "../shared/data/rpi_2x_bme280_1hz.csv";
static const double ps[] = { 0.5, 0.9, 0.95, 0.99 };

static const struct metric_def temperature = {
	.reference = 20.0,
	.quantum = 0.01,
	.has_sketch = true,
	.sketch = { SKETCH_LIN, 0.01, 20.0, 10 },
};
static const struct metric_def humidity = {
	.reference = 50.0,
	.quantum = 0.01,
	.has_sketch = true,
	.sketch = { SKETCH_LIN, 0.01, 50.0, 50 },
};
static const struct metric_def pressure = {
	.reference = 1000.0,
	.quantum = 0.01,
	.has_sketch = true,
	.sketch = { SKETCH_LIN, 0.01, 1000.0, 10 },
};

struct column {
	size_t index;
	const struct metric_def *def;
	double tolerance; /* 0 where the recording has the resolution of q */
	double sum, mean, stddev, min, max, first, last;
	double quantiles[4];
};

static const struct column columns[] = {
	{ 4,
	  &temperature,
	  0,
	  148393.86,
	  19.727979260834886,
	  0.12169966190193643,
	  19.48,
	  20.06,
	  19.5,
	  19.64,
	  { 19.71, 19.89, 19.93, 20.01 } },
	{ 5,
	  &humidity,
	  0,
	  467063.97,
	  62.09305636798724,
	  24.94114178303746,
	  19.01,
	  93.76,
	  19.35,
	  93.55,
	  { 67.21, 91.68, 92.94, 93.52 } },
	{ 6,
	  &pressure,
	  0,
	  7660829.61,
	  1018.456475671364,
	  0.07009355160294183,
	  1018.16,
	  1018.7,
	  1018.4,
	  1018.47,
	  { 1018.46, 1018.54, 1018.56, 1018.61 } },
	/* Six decimals: each sample is off by at most q/2. */
	{ 10,
	  &humidity,
	  0.005,
	  505436.763154,
	  67.19446465753789,
	  27.010066813966404,
	  19.875776,
	  98.45945,
	  20.019251,
	  98.458641,
	  { 74.010963, 97.748215, 98.183617, 98.420731 } },
};

static struct agg minutes[MAX_MINUTES];

static void add(struct agg *a, struct sketch_ring *ring, const struct metric_def *def, double x, int64_t at_ms)
{
	int32_t k = (int32_t)llround((x - def->reference) / def->quantum);

	if (a->n == 0) {
		a->first = a->min = a->max = k;
		a->first_at_ms = at_ms;
	}
	a->min = k < a->min ? k : a->min;
	a->max = k > a->max ? k : a->max;
	a->last = k;
	a->last_at_ms = at_ms;
	a->n++;
	a->s1 += k;
	a->s2.lo += (uint64_t)((int64_t)k * k);
	a->has_sketch = true;
	sketch_ring_add(ring, k);
}

/** Minutes filled. */
static size_t read_minutes(const struct column *column)
{
	static char buf[CSV_BUFFER_BYTES];
	static struct sketch_ring ring;
	static struct csv csv;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t row = 0;

	assert_true(fd >= 0);
	csv_init_fd(&csv, fd, buf);
	assert_int_equal(csv_next(&csv), 1); /* header */
	while (csv_next(&csv) == 1) {
		size_t minute = row / SECONDS;
		double x;

		assert_true(minute < MAX_MINUTES);
		assert_int_equal(csv_cell_to_double(csv.cells[column->index], &x), 0);
		if (row % SECONDS == 0) {
			minutes[minute] = (struct agg){ 0 };
			sketch_ring_init(&ring, &column->def->sketch);
		}
		add(&minutes[minute], &ring, column->def, x, (int64_t)row * 1000);
		sketch_ring_read(&ring, &minutes[minute].sketch);
		row++;
	}
	close(fd);
	return (row + SECONDS - 1) / SECONDS;
}

static void check_near(const char *what, size_t column, double got, double expected, double tolerance)
{
	if (!(fabs(got - expected) <= tolerance + 4e-16 * fabs(expected)))
		fail_msg("%s of column %zu: got %.17g, expected %.17g", what, column, got, expected);
}

static void minutes_of_a_real_sensor_merge_to_the_statistics_of_the_whole(void **state)
{
	(void)state;
	if (access(path, R_OK) < 0)
		skip();
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
		const struct column *c = &columns[i];
		struct agg all = { 0 };

		for (size_t m = read_minutes(c); m-- > 0;)
			agg_merge(&all, &minutes[m]);
		assert_int_equal(all.n, 7522);
		check_near("sum", c->index, agg_sum(&all, c->def), c->sum, c->tolerance * 7522);
		check_near("mean", c->index, agg_mean(&all, c->def), c->mean, c->tolerance);
		check_near("stddev", c->index, agg_stddev(&all, c->def), c->stddev, c->tolerance);
		check_near("min", c->index, agg_min(&all, c->def), c->min, c->tolerance);
		check_near("max", c->index, agg_max(&all, c->def), c->max, c->tolerance);
		check_near("first", c->index, agg_first(&all, c->def), c->first, c->tolerance);
		check_near("last", c->index, agg_last(&all, c->def), c->last, c->tolerance);
		for (size_t p = 0; p < 4; p++) /* half a bucket */
			check_near("quantile", c->index, agg_quantile(&all, c->def, ps[p]), c->quantiles[p],
				   c->def->sketch.width * 0.01 / 2 + c->tolerance);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(minutes_of_a_real_sensor_merge_to_the_statistics_of_the_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
