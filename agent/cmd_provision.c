/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_provision.c - `runnel provision`: from the arguments to files in the boot partition of a card; provision.h says which. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/cmd.h"
#include "agent/exits.h"
#include "agent/provision.h"
#include "base/args.h"
#include "base/fileio.h"
#include "base/text.h"

static const char help[] =
	"Usage: runnel provision -c FILE --boot DIR [OPTION...]\n"
	"\n"
	"Write files into the boot partition of a freshly flashed card, by which the board installs the agent\n"
	"with this config when it starts for the first time: no keyboard, no login.\n"
	"\n"
	"  -c, --config FILE   the config of the board; is checked\n"
	"      --boot DIR      where the boot partition is mounted\n"
	"      --package FILE  the package runnel_..._ARCH.deb; more than one for cards of several boards; without\n"
	"                      one the board takes it from its own package sources\n"
	"      --hostname NAME the board's, and so its `device:` if the config has none\n"
	"      --secret N=FILE N is password, ca, cert or key: becomes /etc/credstore/runnel.N, which the service\n"
	"                      finds as /run/credentials/runnel.service/runnel.N\n"
	"      --file TO=FILE  another file of the board, such as /etc/runnel/ops.pub\n"
	"      --force         replace a user-data that is not ours\n"
	"\n"
	"With a cmdline.txt and no user-data in DIR the image has no cloud-init: it is started by firstrun.sh then.\n"
	"Until its first start the card holds the secrets in runnel-setup.sh, which removes itself.\n"
	"Exit status: 0 done, 64 usage, 74 a file cannot be read or written, 78 config.\n";

enum { FILE_MAX_BYTES = 256 * 1024, PACKAGE_MAX_BYTES = 32 * 1024 * 1024, MAX_PACKAGES = 4, PATH_BYTES = 4096 };

struct arguments {
	struct provision p;
	const char *config, *boot, *packages[MAX_PACKAGES];
	size_t n_packages;
	bool is_forced, is_help;
	char places[PROVISION_MAX_FILES][512];
	void *owned[PROVISION_MAX_FILES];
};

static int cannot(const char *path, int error)
{
	fprintf(stderr, "runnel provision: %s: %s\n", path, strerror(error));
	return EXIT_IO;
}

/* @return 0 or a positive errno */
static int read_open(int fd, size_t max_bytes, char **out, size_t *bytes)
{
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) < 0)
		return errno;
	if (!S_ISREG(st.st_mode))
		return EINVAL;
	if ((size_t)st.st_size > max_bytes)
		return EFBIG;
	*out = malloc((size_t)st.st_size + 1);
	if (!*out)
		return ENOMEM;
	n = fileio_reread(fd, *out, (size_t)st.st_size);
	if (n < 0)
		return (int)-n;
	(*out)[n] = '\0';
	*bytes = (size_t)n;
	return 0;
}

static int read_whole(const char *path, size_t max_bytes, void **out, size_t *bytes)
{
	char *data = NULL;
	int fd = fileio_open(path), r;

	if (fd < 0)
		return cannot(path, -fd);
	r = read_open(fd, max_bytes, &data, bytes);
	fileio_close(fd);
	if (r != 0) {
		free(data);
		return cannot(path, r);
	}
	*out = data;
	return EXIT_DONE;
}

static int add(struct arguments *a, const char *to, const char *from, bool is_secret)
{
	struct provision_file *f = &a->p.files[a->p.n_files];
	void *data;
	int r;

	if (a->p.n_files == PROVISION_MAX_FILES)
		return cmd_usage_error("provision", "more than %d files", PROVISION_MAX_FILES);
	r = read_whole(from, FILE_MAX_BYTES, &data, &f->bytes);
	if (r != EXIT_DONE)
		return r;
	snprintf(a->places[a->p.n_files], sizeof(a->places[0]), "%s", to);
	f->to = a->places[a->p.n_files];
	f->is_secret = is_secret;
	f->data = a->owned[a->p.n_files] = data;
	a->p.n_files++;
	return EXIT_DONE;
}

static int add_secret(struct arguments *a, const char *arg)
{
	static const char *const names[] = { "password", "ca", "cert", "key" };
	char to[64];

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		size_t n = strlen(names[i]);

		if (strncmp(arg, names[i], n) != 0 || arg[n] != '=')
			continue;
		snprintf(to, sizeof(to), "/etc/credstore/runnel.%s", names[i]);
		return add(a, to, arg + n + 1, true);
	}
	return cmd_usage_error("provision", "--secret takes password, ca, cert or key, = and a file, found '%s'", arg);
}

static int add_other(struct arguments *a, const char *arg)
{
	const char *from = strchr(arg, '=');
	char to[512] = "";

	if (from)
		snprintf(to, sizeof(to), "%.*s", (int)(from - arg), arg);
	if (!from || !provision_is_path(to))
		return cmd_usage_error("provision", "--file takes an absolute path, = and a file, found '%s'", arg);
	return add(a, to, from + 1, false);
}

static int take_option(struct arguments *a, int c)
{
	switch (c) {
	case 'c':
		a->config = optarg;
		return EXIT_DONE;
	case 'b':
		a->boot = optarg;
		return EXIT_DONE;
	case 'p':
		if (a->n_packages == MAX_PACKAGES)
			return cmd_usage_error("provision", "more than %d packages", MAX_PACKAGES);
		a->packages[a->n_packages++] = optarg;
		return EXIT_DONE;
	case 'n':
		a->p.host_name = optarg;
		return provision_is_host_name(optarg)
			       ? EXIT_DONE
			       : cmd_usage_error("provision", "'%s' is no host name: letters, digits and hyphens",
						 optarg);
	case 's':
		return add_secret(a, optarg);
	case 'f':
		return add_other(a, optarg);
	case 'F':
		a->is_forced = true;
		return EXIT_DONE;
	case 'h':
		a->is_help = true;
		return EXIT_DONE;
	default:
		return EXIT_USAGE;
	}
}

static int parse(int argc, char **argv, struct arguments *a)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "boot", required_argument, NULL, 'b' },
		{ "package", required_argument, NULL, 'p' },
		{ "hostname", required_argument, NULL, 'n' },
		{ "secret", required_argument, NULL, 's' },
		{ "file", required_argument, NULL, 'f' },
		{ "force", no_argument, NULL, 'F' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c, r;

	while ((c = args_next(argc, argv, "runnel", "c:h", options)) != -1) {
		r = take_option(a, c);
		if (r != EXIT_DONE || a->is_help)
			return r;
	}
	if (optind < argc)
		return cmd_usage_error("provision", "unexpected '%s'", argv[optind]);
	return a->config && a->boot ? EXIT_DONE : cmd_usage_error("provision", "-c and --boot are needed");
}

/* --- what is written --- */

static int put(const struct arguments *a, const char *name, const void *data, size_t bytes)
{
	char path[PATH_BYTES];
	int r;

	snprintf(path, sizeof(path), "%s/%s", a->boot, name);
	r = fileio_replace(path, data, bytes);
	if (r < 0)
		return cannot(path, -r);
	printf("%s\n", path);
	return EXIT_DONE;
}

static bool is_there(const struct arguments *a, const char *name)
{
	char path[PATH_BYTES];

	snprintf(path, sizeof(path), "%s/%s", a->boot, name);
	return access(path, F_OK) == 0;
}

static int put_packages(const struct arguments *a)
{
	for (size_t i = 0; i < a->n_packages; i++) {
		const char *slash = strrchr(a->packages[i], '/'), *name = slash ? slash + 1 : a->packages[i];
		size_t bytes;
		void *data;
		int r;

		if (strncmp(name, "runnel_", 7) != 0 || !strstr(name, ".deb"))
			return cmd_usage_error("provision", "'%s' is not called runnel_..._ARCH.deb", name);
		r = read_whole(a->packages[i], PACKAGE_MAX_BYTES, &data, &bytes);
		if (r != EXIT_DONE)
			return r;
		r = put(a, name, data, bytes);
		free(data);
		if (r != EXIT_DONE)
			return r;
	}
	return EXIT_DONE;
}

static bool is_ours(const struct arguments *a)
{
	char path[PATH_BYTES], line[64];
	FILE *f;
	bool is_ours = false;

	snprintf(path, sizeof(path), "%s/user-data", a->boot);
	f = fopen(path, "re");
	if (f && fgets(line, sizeof(line), f) && fgets(line, sizeof(line), f))
		is_ours = strcmp(line, "# Made by runnel provision.\n") == 0;
	if (f)
		fclose(f);
	return is_ours;
}

static int put_cloud_init(const struct arguments *a, struct dynbuf *text)
{
	int r;

	if (is_there(a, "user-data") && !is_ours(a) && !a->is_forced) {
		fprintf(stderr,
			"runnel provision: %s/user-data is there and not ours; --force replaces it, or add to its "
			"runcmd: sh /boot/firmware/runnel-setup.sh\n",
			a->boot);
		return EXIT_IO;
	}
	provision_user_data(&a->p, text);
	r = put(a, "user-data", text->data, text->len);
	return r != EXIT_DONE || is_there(a, "meta-data") ? r : put(a, "meta-data", "instance-id: runnel\n", 20);
}

static int put_first_run(const struct arguments *a, struct dynbuf *text)
{
	char path[PATH_BYTES];
	size_t bytes;
	void *was;
	int r;

	provision_first_run(text);
	r = put(a, "firstrun.sh", text->data, text->len);
	snprintf(path, sizeof(path), "%s/cmdline.txt", a->boot);
	if (r == EXIT_DONE)
		r = read_whole(path, FILE_MAX_BYTES, &was, &bytes);
	if (r != EXIT_DONE)
		return r;
	dynbuf_reset(text);
	provision_command_line(was, text);
	free(was);
	return put(a, "cmdline.txt", text->data, text->len);
}

static int write_all(struct arguments *a)
{
	bool is_old = is_there(a, "cmdline.txt") && !is_there(a, "user-data");
	struct dynbuf text;
	int r;

	dynbuf_init(&text, PROVISION_SCRIPT_MAX_BYTES);
	r = is_old ? put_first_run(a, &text) : put_cloud_init(a, &text);
	if (r == EXIT_DONE)
		r = put_packages(a);
	dynbuf_reset(&text);
	if (r == EXIT_DONE && provision_script(&a->p, &text) < 0)
		r = cannot("runnel-setup.sh", ENOMEM);
	if (r == EXIT_DONE) /* last: without it nothing happens */
		r = put(a, "runnel-setup.sh", text.data, text.len);
	dynbuf_free(&text);
	return r;
}

int cmd_provision(int argc, char **argv)
{
	struct arguments a = { 0 };
	struct conf conf = { 0 };
	int r = parse(argc, argv, &a);

	if (r == EXIT_DONE && a.is_help) {
		fputs(help, stdout);
	} else if (r == EXIT_DONE) {
		r = cmd_load_conf(&conf, a.config);
		conf_free(&conf);
		if (r == EXIT_DONE)
			r = add(&a, "/etc/runnel/runnel.yaml", a.config, false);
		if (r == EXIT_DONE)
			r = write_all(&a);
	}
	for (size_t i = 0; i < a.p.n_files; i++)
		free(a.owned[i]);
	return r;
}
