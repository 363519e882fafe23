/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "agent/cmd.h"
#include "agent/cmd_list.h"
#include "agent/exits.h"
#include "agent/scan.h"
#include "base/args.h"

static const char help[] =
	"Usage: runnel scan [--write FILE [--force]] [--json] [--bus BUS]\n"
	"\n"
	"What is connected here: chips on I2C buses, GPIO lines, what hwmon, IIO and 1-wire give; and\n"
	"a config that reads it. Without --write it is one YAML text on standard output, with what was\n"
	"found as comments in front.\n"
	"\n"
	"      --write FILE    the config to FILE, which must not exist; the report to standard output\n"
	"      --force         replace FILE\n"
	"      --json          all of it as JSON\n"
	"      --bus BUS       this I2C bus alone, also one that is left alone otherwise: i2c-1; or\n"
	"                      i2c-1/0x70.3: channel 3 of a mux that the kernel does not drive\n"
	"      --root DIR      look at DIR/dev and DIR/sys, for tests\n"
	"\n"
	"Chips are told by reading, which changes no setting of them. Addresses that a driver of the\n"
	"kernel has are left alone, as are buses of displays and of PC boards. Chips that cannot be told\n"
	"safely are listed with all that they may be. Stop the agent before: a chip that both talk to\n"
	"at once may fail it a reading.\n"
	"\n"
	"Exit status: 0 done, also when there is nothing; 64 usage; 69 something cannot be looked at, with\n"
	"the reason in the report; 74 output failed, or FILE exists.\n";

enum { TEXT_MAX_BYTES = 4 << 20 };

struct arguments {
	const char *path;
	bool is_json, is_help, is_forced;
	struct scan_world world;
};

static void sleep_us(int64_t us)
{
	struct timespec t = { (time_t)(us / 1000000), (long)(us % 1000000 * 1000) };

	while (nanosleep(&t, &t) < 0 && errno == EINTR)
		;
}

static int parse(int argc, char **argv, struct arguments *a)
{
	static const struct option options[] = {
		{ "write", required_argument, NULL, 'w' },
		{ "force", no_argument, NULL, 'f' },
		{ "json", no_argument, NULL, 'j' },
		{ "bus", required_argument, NULL, 'b' },
		{ "root", required_argument, NULL, 'r' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = args_next(argc, argv, "runnel", "h", options)) != -1) {
		if (c == 'w')
			a->path = optarg;
		else if (c == 'f')
			a->is_forced = true;
		else if (c == 'j')
			a->is_json = true;
		else if (c == 'b')
			a->world.bus = optarg;
		else if (c == 'r')
			a->world.root = optarg;
		else if (c == 'h')
			a->is_help = true;
		else
			return EXIT_USAGE;
	}
	if (optind < argc)
		return cmd_usage_error("scan", "unexpected '%s'", argv[optind]);
	return a->is_forced && !a->path ? cmd_usage_error("scan", "--force goes with --write FILE") : EXIT_DONE;
}

/* --- the file --- */

static int explain(const char *path, int error)
{
	if (error == -EEXIST)
		fprintf(stderr, "runnel scan: %s is there already; --force replaces it\n", path);
	else
		fprintf(stderr, "runnel scan: cannot write %s: %s\n", path, strerror(-error));
	return EXIT_IO;
}

static int write_all(int fd, const char *text, size_t bytes)
{
	while (bytes > 0) {
		ssize_t n = write(fd, text, bytes);

		if (n < 0 && errno != EINTR)
			return -errno;
		text += n > 0 ? n : 0;
		bytes -= n > 0 ? (size_t)n : 0;
	}
	return 0;
}

static int write_to(const char *path, int flags, const struct dynbuf *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | flags, 0644), r;

	if (fd < 0)
		return -errno;
	r = write_all(fd, dynbuf_text(text), text->len);
	if (close(fd) < 0 && r == 0)
		r = -errno;
	if (r < 0 && flags)
		unlink(path);
	return r;
}

/* A file that is replaced is written under another name first, so that there is never half a config. What is no file is written to as it is. */
static int write_file(const struct arguments *a, const struct dynbuf *text)
{
	char path[4096];
	struct stat is;
	int r;

	if (stat(a->path, &is) == 0 && !S_ISREG(is.st_mode))
		return write_to(a->path, 0, text);
	if (!a->is_forced)
		return write_to(a->path, O_CREAT | O_EXCL, text);
	if (snprintf(path, sizeof(path), "%s.new", a->path) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	r = write_to(path, O_CREAT | O_TRUNC, text);
	if (r == 0 && rename(path, a->path) < 0) {
		r = -errno;
		unlink(path);
	}
	return r;
}

static bool is_there(const char *path)
{
	struct stat is;

	return lstat(path, &is) == 0 && (S_ISREG(is.st_mode) || S_ISDIR(is.st_mode) || S_ISLNK(is.st_mode));
}

/* --- output --- */

static void add_introduction(struct dynbuf *out, const char *path)
{
	char file[80];

	snprintf(file, sizeof(file), "%s", path && strlen(path) < sizeof(file) ? path : "FILE");
	scan_clean(file);
	dynbuf_addf(out,
		    "# Made by `runnel scan`.\n"
		    "#   every mistake and its place:      runnel check %s\n"
		    "#   every sensor once, now:           runnel read -c %s\n"
		    "#   run it, without any broker:       runnel run -c %s --print\n",
		    file, file, file);
}

static int print(const struct scan *s, const struct dynbuf *config)
{
	struct dynbuf out;

	dynbuf_init(&out, TEXT_MAX_BYTES);
	add_introduction(&out, NULL);
	dynbuf_adds(&out, "#\n");
	scan_report(s, &out, "# ");
	dynbuf_adds(&out, "\n");
	dynbuf_adds(&out, dynbuf_text(config));
	return list_print(&out);
}

static int print_json(const struct scan *s, const struct dynbuf *config)
{
	struct dynbuf out;

	dynbuf_init(&out, TEXT_MAX_BYTES);
	scan_json(s, &out, dynbuf_text(config));
	return list_print(&out);
}

static int print_and_write(const struct scan *s, const struct arguments *a, const struct dynbuf *config)
{
	struct dynbuf out, file;
	int r;

	dynbuf_init(&out, TEXT_MAX_BYTES);
	scan_report(s, &out, "");
	r = a->is_json ? print_json(s, config) : EXIT_DONE;
	if (!a->is_json)
		r = list_print(&out);
	dynbuf_free(&out);
	if (r != EXIT_DONE)
		return r;
	dynbuf_init(&file, TEXT_MAX_BYTES);
	add_introduction(&file, a->path);
	dynbuf_adds(&file, "\n");
	dynbuf_adds(&file, dynbuf_text(config));
	r = write_file(a, &file);
	dynbuf_free(&file);
	if (r < 0)
		return explain(a->path, r);
	if (!a->is_json)
		printf("\nWrote %s. `runnel read -c %s` reads it once, `runnel run -c %s --print` runs it.\n", a->path,
		       a->path, a->path);
	return EXIT_DONE;
}

/* Nobody should get a config from us that we do not take ourselves. @return EXIT_DONE or EXIT_FAILED */
static int check(const struct dynbuf *config)
{
	struct diag d = { .file = "the config that was made" };
	struct conf conf;
	int r = conf_parse(&conf, dynbuf_text(config), config->len, &d);

	diag_print(&d, stderr);
	diag_free(&d);
	conf_free(&conf);
	return r < 0 || config->overflow ? EXIT_FAILED : EXIT_DONE;
}

static int run(const struct arguments *a)
{
	struct dynbuf config;
	struct scan scan;
	int r;

	scan_run(&scan, &a->world);
	dynbuf_init(&config, TEXT_MAX_BYTES);
	scan_config(&scan, &config);
	r = check(&config);
	if (r == EXIT_DONE && a->path)
		r = print_and_write(&scan, a, &config);
	else if (r == EXIT_DONE)
		r = a->is_json ? print_json(&scan, &config) : print(&scan, &config);
	if (r == EXIT_DONE && scan_is_incomplete(&scan))
		r = EXIT_UNAVAILABLE;
	dynbuf_free(&config);
	scan_free(&scan);
	return r;
}

int cmd_scan(int argc, char **argv)
{
	struct arguments a = { .world = { .root = "", .sleep_us = sleep_us } };
	int r = parse(argc, argv, &a);

	if (r != EXIT_DONE)
		return r;
	if (a.is_help) {
		fputs(help, stdout);
		return EXIT_DONE;
	}
	if (a.world.root[0])
		a.world.i2c_backend = (char *)a.world.root;
	if (a.path && !a.is_forced && is_there(a.path))
		return explain(a.path, -EEXIST);
	return run(&a);
}
