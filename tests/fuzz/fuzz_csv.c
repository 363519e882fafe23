/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reader, numbers and times on any bytes. Numbers are held against strtod(3), and each row is read a second time from
 * a file, through the buffer: both readings must give the same rows.
 */
#define _GNU_SOURCE
#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/csv.h"
#include "base/timestamp.h"

static struct csv from_memory, from_file;
static char buffer[CSV_BUFFER_BYTES];

/** Does strtod(3) take all of it, and is it of our syntax? */
static int reference(const char *text, double *x)
{
	char *end;

	if (text[strspn(text, "+-.0123456789eE")])
		return -1;
	*x = strtod(text, &end);
	return *end || end == text || isinf(*x) ? -1 : 0;
}

static void check_number(struct csv_cell cell)
{
	char *text = malloc(cell.len + 1);
	double ours = 42, theirs = 42;
	int r = csv_cell_to_double(cell, &ours);

	memcpy(text, cell.text, cell.len);
	text[cell.len] = '\0';
	if (r < 0)
		assert(ours == 42);
	if (strlen(text) == cell.len && cell.len && !isnan(ours) && !strpbrk(text, " \t")) {
		assert((reference(text, &theirs) == 0) == (r == 0));
		assert(r < 0 || memcmp(&ours, &theirs, sizeof(ours)) == 0);
	}
	free(text);
}

static void check_time(struct csv_cell cell)
{
	int64_t us = -1, again = -1;
	char text[32];

	if (timestamp_parse(cell.text, cell.len, &us) < 0) {
		assert(us == -1);
		return;
	}
	assert(us >= 0);
	timestamp_format(us, text, sizeof(text));
	assert(timestamp_parse(text, strlen(text), &again) == 0);
	assert(again == us - us % 1000);
}

static void check_same_rows(int a, int b)
{
	assert(a == b);
	assert(from_memory.line == from_file.line && from_memory.n_skipped == from_file.n_skipped);
	if (a != 1)
		return;
	assert(from_memory.n_cells == from_file.n_cells && from_memory.n_cells <= CSV_MAX_COLUMNS);
	for (size_t i = 0; i < from_memory.n_cells; i++) {
		struct csv_cell m = from_memory.cells[i], f = from_file.cells[i];

		assert(m.len == f.len && memcmp(m.text, f.text, m.len) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = malloc(size ? size : 1);
	int fd = memfd_create("fuzz", MFD_CLOEXEC), a, b;

	if (size)
		memcpy(copy, data, size);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET) != 0)
		abort();
	csv_init_memory(&from_memory, copy, size);
	csv_init_fd(&from_file, fd, buffer);
	do {
		a = csv_next(&from_memory);
		b = csv_next(&from_file);
		if (size < CSV_BUFFER_BYTES)
			check_same_rows(a, b);
		for (size_t i = 0; a == 1 && i < from_memory.n_cells; i++) {
			check_number(from_memory.cells[i]);
			check_time(from_memory.cells[i]);
		}
	} while (a == 1 || b == 1);
	close(fd);
	free(copy);
	return 0;
}
