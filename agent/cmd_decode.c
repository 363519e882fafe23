/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One message in, one line out, with the decoder and the checks of the collector: what decodes here will be merged there.
 * A partial names its contract but does not carry it, so the line has ids and integers, not names and units.
 */
#include "agent/cmd_decode.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "agent/cmd.h"
#include "base/args.h"
#include "base/check.h"
#include "base/dynbuf.h"
#include "base/fileio.h"
#include "pipelines/partial_json.h"
#include "pipelines/wire.h"

enum { LINE_MAX_BYTES = 256 * 1024 }; /* 8 KiB of message cannot give more than about 40 KiB of text */

static const char usage[] =
	"Usage: runnel decode [FILE]\n"
	"\n"
	"Prints one partial message (protobuf runnel.v1.Partial, as published on .../partial) as one JSON line.\n"
	"FILE: the payload of one message; - or nothing reads standard input.\n"
	"\n"
	"  mosquitto_sub -t 'runnel/1/+/+/partial' -C 1 -N | runnel decode\n"
	"\n"
	"Without the contract the line has ids and exact integers alone; expected and covered_ms are shown if they "
	"were sent.\n"
	"Exit codes: 0 printed, 1 not a partial, 64 usage, 74 I/O.\n";

static int fail(int code, const char *name, const char *what, const char *why)
{
	fprintf(stderr, "runnel decode: %s: %s%s\n", name, what, why);
	return code;
}

/* Reads one byte more than a message may have, so that one that is too long is seen. @return bytes, or negative errno */
static ssize_t read_all(int fd, uint8_t *buf, size_t cap)
{
	size_t used = 0;

	while (used < cap) {
		ssize_t r = fileio_read(fd, (char *)buf + used, cap - used);

		if (r < 0)
			return r;
		if (r == 0)
			break;
		used += (size_t)r;
	}
	return (ssize_t)used;
}

static ssize_t read_message(const char *path, uint8_t *buf, size_t cap)
{
	int fd = path ? fileio_open(path) : STDIN_FILENO;
	ssize_t bytes;

	if (fd < 0)
		return fd;
	bytes = read_all(fd, buf, cap);
	if (path)
		fileio_close(fd);
	return bytes;
}

static int print_partial(const struct partial *p, const struct wire_presence *present)
{
	struct dynbuf line;
	bool written;

	dynbuf_init(&line, LINE_MAX_BYTES);
	partial_to_json(p, NULL, 0, present, &line);
	assert(!line.overflow);
	written = fwrite(line.data, 1, line.len, stdout) == line.len && fflush(stdout) == 0;
	dynbuf_free(&line);
	return written ? EX_OK : fail(EX_IOERR, "standard output", "cannot be written", "");
}

static void free_metrics(struct partial_metric **metrics)
{
	free(*metrics);
}

static int decode(const char *path)
{
	CLEANUP(free_metrics) struct partial_metric *metrics = calloc(PARTIAL_MAX_METRICS, sizeof(*metrics));
	uint8_t message[PARTIAL_MAX_BYTES + 1];
	struct partial p = { .metrics = metrics };
	struct wire_presence present;
	const char *name = path ? path : "standard input", *why;
	ssize_t bytes = read_message(path, message, sizeof(message));

	if (!metrics)
		return fail(EXIT_FAILURE, name, "out of memory", "");
	if (bytes < 0)
		return fail(EX_IOERR, name, strerror((int)-bytes), "");
	if (bytes == 0)
		return fail(EXIT_FAILURE, name, "not a partial: ", "it is empty");
	if (wire_decode(&p, &present, message, (size_t)bytes, &why) < 0)
		return fail(EXIT_FAILURE, name, "not a partial: ", why);
	return print_partial(&p, &present);
}

/* @return an exit code, or -1: go on with *path, which is NULL for standard input */
static int parse_arguments(int argc, char **argv, const char **path)
{
	static const struct option options[] = { { "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 } };
	int c;

	*path = NULL;
	while ((c = args_next(argc, argv, "runnel", "h", options)) != -1) {
		if (c != 'h')
			return EX_USAGE;
		fputs(usage, stdout);
		return fflush(stdout) == 0 ? EX_OK : EX_IOERR;
	}
	if (argc - optind > 1)
		return cmd_usage_error("decode", "one FILE at most");
	if (optind < argc && strcmp(argv[optind], "-") != 0)
		*path = argv[optind];
	return -1;
}

int cmd_decode(int argc, char **argv)
{
	const char *path;
	int code = parse_arguments(argc, argv, &path);

	return code < 0 ? decode(path) : code;
}
