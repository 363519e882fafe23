/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows are checked by hand from RFC 4180. Every file is read in three ways, because they take different paths: whole,
 * through a pipe byte by byte, and from memory.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/csv.h"
#include "base/fileio.h"
#include "base/timestamp.h"

static struct csv csv;
static char buffer[CSV_BUFFER_BYTES];

/** Rows as "cell|cell/" with line numbers in front: "1:a|b/2:c|d/", then how many were skipped. */
static const char *rows_of(struct csv *c)
{
	static char text[4096];
	size_t n = 0;
	int r;

	while ((r = csv_next(c)) == 1) {
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%" PRIu64 ":", c->line);
		for (size_t i = 0; i < c->n_cells; i++)
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%.*s", i ? "|" : "", (int)c->cells[i].len,
					      c->cells[i].text);
		n += (size_t)snprintf(text + n, sizeof(text) - n, "/");
		assert_true(n < sizeof(text));
	}
	assert_int_equal(r, 0);
	assert_int_equal(csv_next(c), 0);
	snprintf(text + n, sizeof(text) - n, "-%" PRIu64, c->n_skipped);
	return text;
}

static const char *through_a_pipe(const char *data, size_t bytes)
{
	static char text[4096];
	size_t given = 0;
	int ends[2], r;
	size_t n = 0;

	assert_int_equal(pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
	csv_init_fd(&csv, ends[0], buffer);
	for (;;) {
		r = csv_next(&csv);
		if (r == -EAGAIN) {
			if (given < bytes)
				assert_int_equal(write(ends[1], data + given++, 1), 1);
			else
				close(ends[1]);
			continue;
		}
		if (r == 0)
			break;
		assert_int_equal(r, 1);
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%" PRIu64 ":", csv.line);
		for (size_t i = 0; i < csv.n_cells; i++)
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%.*s", i ? "|" : "", (int)csv.cells[i].len,
					      csv.cells[i].text);
		n += (size_t)snprintf(text + n, sizeof(text) - n, "/");
	}
	close(ends[0]);
	snprintf(text + n, sizeof(text) - n, "-%" PRIu64, csv.n_skipped);
	return text;
}

/** From a file that is gone once it is closed. */
static FILE *file_with(const char *data, size_t bytes)
{
	FILE *f = tmpfile();

	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, bytes, f), bytes);
	rewind(f);
	return f;
}

static void check_bytes(const char *data, size_t bytes, const char *expected)
{
	char *copy = malloc(bytes ? bytes : 1);
	FILE *f = file_with(data, bytes);

	csv_init_fd(&csv, fileno(f), buffer);
	assert_string_equal(rows_of(&csv), expected);
	fclose(f);

	memcpy(copy, data, bytes);
	csv_init_memory(&csv, copy, bytes);
	assert_string_equal(rows_of(&csv), expected);
	free(copy);

	assert_string_equal(through_a_pipe(data, bytes), expected);
}

static void check(const char *data, const char *expected)
{
	check_bytes(data, strlen(data), expected);
}

static void rows_end_with_lf_or_crlf_or_the_file(void **state)
{
	(void)state;
	check("a,b\n1,2\n", "1:a|b/2:1|2/-0");
	check("a,b\r\n1,2\r\n", "1:a|b/2:1|2/-0");
	check("a,b\n1,2", "1:a|b/2:1|2/-0");
	check("a,b\r\n1,2\r", "1:a|b/2:1|2/-0");
	check("1700000000.010,21.534\n1700000001.010,21.535\n1700000002.010,21.536",
	      "1:1700000000.010|21.534/2:1700000001.010|21.535/3:1700000002.010|21.536/-0");
	check("", "-0");
	check("x", "1:x/-0");
}

/* Short files end before the quick path begins, which wants 16 characters ahead. */
static void rows_within_a_long_file_are_read_the_same(void **state)
{
	char data[2000], expected[2000];
	int n = 0, m = 0;
	(void)state;

	for (int i = 1; i <= 40; i++) {
		n += snprintf(data + n, sizeof(data) - (size_t)n, "%d,,21.5%s%s", i, i % 3 ? "\r\n" : "\n",
			      i % 5 ? "" : "\r\n");
		m += snprintf(expected + m, sizeof(expected) - (size_t)m, "%d:%d||21.5/", i + (i - 1) / 5, i);
	}
	snprintf(expected + m, sizeof(expected) - (size_t)m, "-0");
	check(data, expected);
}

static void empty_cells_are_cells_and_blank_lines_are_no_rows(void **state)
{
	(void)state;
	check("1,,3\n,\n,,\n", "1:1||3/2:|/3:||/-0");
	check("\n\r\n  \t \n1,2\n\n\n3,4\n\n", "4:1|2/7:3|4/-0");
	check("a,", "1:a|/-0");
	check("\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n", "-0");
}

static void quotes_follow_rfc_4180(void **state)
{
	(void)state;
	check("\"a\",\"b,c\"\n", "1:a|b,c/-0");
	check("\"say \"\"hi\"\"\",\"\",\"\"\"\"\n", "1:say \"hi\"||\"/-0");
	check("\"two\nlines\",x\r\ny,z\n", "1:two\nlines|x/3:y|z/-0");
	check("1,\"21,5\"\n", "1:1|21,5/-0");
	check("\"a\"\r\n\"b\"\r", "1:a/2:b/-0");
	check("5\" pipe,x\"y\"\n", "1:5\" pipe|x\"y\"/-0");
}

static void a_stray_quote_costs_its_line_alone(void **state)
{
	(void)state;
	check("1,2\n3,\"4\n5,6\n7,8\n", "1:1|2/3:5|6/4:7|8/-1");
	check("1,2\n3,\"4\"x\n5,6\n", "1:1|2/3:5|6/-1");
	check("3,\"4", "-1");
	check("1,\"2\"\r3\n4,5\n", "2:4|5/-1");
}

static void a_decimal_comma_shows_in_the_number_of_cells(void **state)
{
	double x = 7;
	char data[] = "time,t\n1700000000,21,5\n1700000001,\"21,5\"\n";
	(void)state;

	csv_init_memory(&csv, data, sizeof(data) - 1);
	assert_int_equal(csv_next(&csv), 1);
	assert_int_equal(csv.n_cells, 2);
	assert_int_equal(csv_next(&csv), 1);
	assert_int_equal(csv.n_cells, 3);
	assert_int_equal(csv.line, 2);
	assert_int_equal(csv_next(&csv), 1);
	assert_int_equal(csv.n_cells, 2);
	assert_int_equal(csv_cell_to_double(csv.cells[1], &x), -EINVAL);
	assert_true(x == 7);
}

static void a_byte_order_mark_is_not_part_of_the_first_cell(void **state)
{
	(void)state;
	check("\xEF\xBB\xBFtime,x\n1,2\n", "1:time|x/2:1|2/-0");
	check("\xEF\xBB\xBF", "-0");
	check("\xEF\xBB", "1:\xEF\xBB/-0");
	check("\xEF\xBB\xBF\"time\",x\n", "1:time|x/-0");
}

static void a_row_with_a_nul_is_left_out(void **state)
{
	(void)state;
	check_bytes("1,2\n3,\0004\n5,6\n", 13, "1:1|2/3:5|6/-1");
	check_bytes("1,2\n\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 24, "1:1|2/-1");
	check_bytes("1,\"\0\n2\"\n5,6\n", 12, "3:5|6/-1");
}

static void more_cells_than_fit_are_left_out(void **state)
{
	char data[CSV_MAX_COLUMNS * 2 + 16];
	size_t n = 0;
	(void)state;

	for (int i = 0; i < CSV_MAX_COLUMNS; i++) {
		data[n++] = '7';
		data[n++] = i < CSV_MAX_COLUMNS - 1 ? ',' : '\n';
	}
	csv_init_memory(&csv, data, n);
	assert_int_equal(csv_next(&csv), 1);
	assert_int_equal(csv.n_cells, CSV_MAX_COLUMNS);
	assert_int_equal(csv_next(&csv), 0);

	n--;
	memcpy(data + n, ",7\n8,9\n", 7);
	csv_init_memory(&csv, data, n + 7);
	assert_string_equal(rows_of(&csv), "2:8|9/-1");

	memset(data, ',', sizeof(data)); /* far more, and not in the first row, which is never read the quick way */
	memcpy(data, "1,2\n", 4);
	memcpy(data + sizeof(data) - 5, "\n8,9\n", 5);
	csv_init_memory(&csv, data, sizeof(data));
	assert_string_equal(rows_of(&csv), "1:1|2/3:8|9/-1");
}

/** Gives a line of 100 MB without ever having it. */
static int write_long_line(int fd)
{
	static char block[1 << 16];
	ssize_t left = 100 * 1000 * 1000;

	memset(block, '7', sizeof(block));
	if (write(fd, "1,2\n", 4) != 4)
		return 1;
	while (left > 0) {
		ssize_t n = write(fd, block, left < (ssize_t)sizeof(block) ? (size_t)left : sizeof(block));

		if (n < 0)
			return 1;
		left -= n;
	}
	return write(fd, ",8\n3,4\n", 7) == 7 ? 0 : 1;
}

static void a_line_of_100_mb_is_skipped_in_the_same_buffer(void **state)
{
	int ends[2];
	pid_t child;
	(void)state;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		close(ends[0]);
		_exit(write_long_line(ends[1]));
	}
	close(ends[1]);
	csv_init_fd(&csv, ends[0], buffer);
	assert_string_equal(rows_of(&csv), "1:1|2/3:3|4/-1");
	close(ends[0]);
	assert_int_equal(waitpid(child, NULL, 0), child);
}

static void the_longest_row_is_one_byte_less_than_the_buffer(void **state)
{
	static char data[CSV_BUFFER_BYTES + 8];
	FILE *f;
	(void)state;

	memset(data, '7', sizeof(data));
	memcpy(data + CSV_BUFFER_BYTES - 1, "\n1,2\n", 5);
	f = file_with(data, CSV_BUFFER_BYTES + 4);
	csv_init_fd(&csv, fileno(f), buffer);
	assert_int_equal(csv_next(&csv), 1);
	assert_int_equal(csv.cells[0].len, CSV_BUFFER_BYTES - 1);
	assert_string_equal(rows_of(&csv), "2:1|2/-0");
	fclose(f);

	memcpy(data + CSV_BUFFER_BYTES - 1, "77\n1,2\n", 7);
	f = file_with(data, CSV_BUFFER_BYTES + 6);
	csv_init_fd(&csv, fileno(f), buffer);
	assert_string_equal(rows_of(&csv), "2:1|2/-1");
	fclose(f);
}

static int refuse(void *arg)
{
	return *(int *)arg;
}

static void a_failing_read_is_reported_and_can_be_repeated(void **state)
{
	FILE *f = file_with("1,2\n", 4);
	int error = -EIO;
	(void)state;

	csv_init_fd(&csv, fileno(f), buffer);
	fileio_set_hook(refuse, &error);
	assert_int_equal(csv_next(&csv), -EIO);
	fileio_set_hook(NULL, NULL);
	assert_string_equal(rows_of(&csv), "1:1|2/-0");
	fclose(f);
}

/*
 * A real recording, with degree signs in its header:
 *   awk -F, 'NR > 1 { n++; for (i = 5; i <= 12; i++) s[i] += $i } END { print n; for (i = 5; i <= 12; i++)
 *     printf "%.6f\n", s[i] }' rpi_2x_bme280_1hz.csv
 *   python3 -c 'import csv,math; r=list(csv.reader(open("rpi_2x_bme280_1hz.csv")))[1:]
 *     print([math.fsum(float(x[i]) for x in r).hex() for i in range(4, 12)])'
 */
static void a_real_recording_has_the_rows_and_sums_that_awk_and_python_find(void **state)
{
	static const double sums[] = { 148393.860000, 467063.970000,  7660829.610000, 145736.400000,
				       483311.370000, 7657860.370000, 505436.763154,  150320.954394 };
	double sum[12] = { 0 };
	int64_t previous_us = 0, local_us, us;
	int fd = open("../shared/data/rpi_2x_bme280_1hz.csv", O_RDONLY | O_CLOEXEC);
	size_t n = 0;
	(void)state;

	if (fd < 0)
		skip();
	csv_init_fd(&csv, fd, buffer);
	assert_int_equal(csv_next(&csv), 1);
	assert_int_equal(csv.n_cells, 12);
	assert_memory_equal(csv.cells[4].text,
			    "t1 (\xC2\xB0"
			    "C)",
			    csv.cells[4].len);
	for (; csv_next(&csv) == 1; n++) {
		assert_int_equal(csv.n_cells, 12);
		assert_int_equal(timestamp_parse(csv.cells[0].text, csv.cells[0].len, &local_us), 0);
		assert_int_equal(timestamp_parse(csv.cells[1].text, csv.cells[1].len, &us), 0);
		assert_true(n == 0 || us > previous_us);
		previous_us = us;
		for (size_t i = 4; i < 12; i++) {
			double x;

			assert_int_equal(csv_cell_to_double(csv.cells[i], &x), 0);
			sum[i] += x;
		}
	}
	close(fd);
	assert_int_equal(n, 7522);
	assert_int_equal(csv.n_skipped, 0);
	for (size_t i = 4; i < 12; i++)
		if (fabs(sum[i] - sums[i - 4]) > 1e-6)
			fail_msg("column %zu: %.9f, not %.9f", i + 1, sum[i], sums[i - 4]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_end_with_lf_or_crlf_or_the_file),
		cmocka_unit_test(rows_within_a_long_file_are_read_the_same),
		cmocka_unit_test(empty_cells_are_cells_and_blank_lines_are_no_rows),
		cmocka_unit_test(quotes_follow_rfc_4180),
		cmocka_unit_test(a_stray_quote_costs_its_line_alone),
		cmocka_unit_test(a_decimal_comma_shows_in_the_number_of_cells),
		cmocka_unit_test(a_byte_order_mark_is_not_part_of_the_first_cell),
		cmocka_unit_test(a_row_with_a_nul_is_left_out),
		cmocka_unit_test(more_cells_than_fit_are_left_out),
		cmocka_unit_test(a_line_of_100_mb_is_skipped_in_the_same_buffer),
		cmocka_unit_test(the_longest_row_is_one_byte_less_than_the_buffer),
		cmocka_unit_test(a_failing_read_is_reported_and_can_be_repeated),
		cmocka_unit_test(a_real_recording_has_the_rows_and_sums_that_awk_and_python_find),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
