/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/push_text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "agent/conf.h"
#include "agent/envelope.h"
#include "agent/yaml.h"
#include "base/text.h"

enum { PASSWORD_BYTES = 1024, DEFAULT_WINDOW_US = 60000000 };

static const struct node *parse(const char *file, const char *text, size_t bytes, struct arena *a)
{
	struct diag d = { .file = file };
	const struct node *root = NULL;

	if (yaml_parse(text, bytes, a, &d, &root) < 0 || d.n_errors > 0 || root->kind != NODE_MAP) {
		diag_print(&d, stderr);
		root = NULL;
	}
	diag_free(&d);
	return root;
}

bool push_text_head(const char *file, const char *text, size_t bytes, struct push_head *out)
{
	struct arena arena = { 0 };
	const struct node *root = parse(file, text, bytes, &arena), *n;

	*out = (struct push_head){ .window_us = DEFAULT_WINDOW_US };
	n = node_get(root, "window");
	if (n && n->kind == NODE_SCALAR && text_to_duration_us(n->text, &out->window_us) < 0)
		out->window_us = DEFAULT_WINDOW_US;
	n = node_get(root, "target");
	if (n && n->kind == NODE_SCALAR)
		snprintf(out->target, sizeof(out->target), "%.300s", n->text);
	n = node_get(root, "revision");
	if (n && n->kind == NODE_SCALAR && text_to_int64(n->text, &out->revision) < 0)
		out->revision = 0;
	arena_free(&arena);
	return root != NULL;
}

/* The line of a key whose value is on it. @return its number, 0: none */
static unsigned line_of(const struct node *root, const char *key)
{
	const struct node *n = node_get(root, key);

	return n && n->key_at.column == 1 && n->at.line == n->key_at.line ? n->key_at.line : 0;
}

/* Lines of the two keys; 0: it has none. */
struct head_lines {
	unsigned target, revision;
};

/* @return whether both, if they are there, can be taken out as lines */
static bool find_lines(const char *text, size_t bytes, struct head_lines *out)
{
	struct arena arena = { 0 };
	const struct node *root = parse("config", text, bytes, &arena);
	bool is_good = false;

	if (root) {
		*out = (struct head_lines){ line_of(root, "target"), line_of(root, "revision") };
		is_good = (out->target || !node_get(root, "target")) &&
			  (out->revision || !node_get(root, "revision")) && root->children &&
			  root->children->key_at.column == 1;
	}
	arena_free(&arena);
	return is_good;
}

/* What is signed is for @target and nobody else, whatever was done to the text. */
static bool says(const struct dynbuf *text, const char *target, int64_t revision)
{
	struct push_head head;

	return push_text_head("config", text->data, text->len, &head) && strcmp(head.target, target) == 0 &&
	       (revision <= 0 || head.revision == revision);
}

/* The lines of @text with those of the two keys replaced; @revision of 0 leaves its line. */
static void replace_lines(const char *text, size_t bytes, const char *target, int64_t revision,
			  const struct head_lines *lines, struct dynbuf *out)
{
	unsigned line = 1;

	for (const char *at = text, *end = text + bytes; at < end; line++) {
		const char *nl = memchr(at, '\n', (size_t)(end - at)), *next = nl ? nl + 1 : end;

		if (line == lines->target)
			dynbuf_addf(out, "target: %s\n", target);
		else if (line == lines->revision && revision > 0)
			dynbuf_addf(out, "revision: %lld\n", (long long)revision);
		else
			dynbuf_add(out, at, (size_t)(next - at));
		at = next;
	}
	if (out->len > 0 && out->data[out->len - 1] != '\n')
		dynbuf_adds(out, "\n");
}

bool push_text_address(const char *text, size_t bytes, const char *target, int64_t revision, struct dynbuf *out)
{
	struct head_lines lines;

	if (!find_lines(text, bytes, &lines))
		return false;
	replace_lines(text, bytes, target, revision, &lines, out);
	if (!lines.target)
		dynbuf_addf(out, "target: %s\n", target); /* last, so that the lines of errors are those of the file */
	if (!lines.revision && revision > 0)
		dynbuf_addf(out, "revision: %lld\n", (long long)revision);
	return !out->overflow && says(out, target, revision);
}

bool push_text_is_good(const char *file, const char *text, size_t bytes)
{
	static const char local[] = "device: any\nremote_config: {local_files: yes}\n";
	const struct conf_text board = { local, sizeof(local) - 1 }, measure = { text, bytes };
	struct diag d = { .file = file };
	struct conf c;
	bool is_good = conf_parse_parts(&c, &board, &measure, CONF_OF_PUSHED, &d) == 0;

	diag_print(&d, stderr);
	diag_free(&d);
	conf_free(&c);
	return is_good;
}

/* --- signing --- */

/* @return whether there is one */
static bool ask_password(char out[static PASSWORD_BYTES])
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
	struct termios was, silent;
	ssize_t n;

	if (fd < 0)
		fd = STDIN_FILENO;
	else
		(void)!write(fd, "Password of the key: ", 21);
	if (tcgetattr(fd, &was) == 0) {
		silent = was;
		silent.c_lflag &= ~(tcflag_t)ECHO;
		tcsetattr(fd, TCSAFLUSH, &silent);
		n = read(fd, out, PASSWORD_BYTES - 1);
		tcsetattr(fd, TCSAFLUSH, &was);
	} else {
		n = read(fd, out, PASSWORD_BYTES - 1);
	}
	if (fd != STDIN_FILENO) {
		(void)!write(fd, "\n", 1);
		close(fd);
	}
	if (n <= 0)
		return false;
	out[n] = '\0';
	out[strcspn(out, "\r\n")] = '\0';
	return true;
}

static int read_secret(const char *path, struct minisign_secret *out)
{
	char text[1024], password[PASSWORD_BYTES];
	int fd = open(path, O_RDONLY | O_CLOEXEC), r;
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, text, sizeof(text));
	r = n < 0 ? -errno : minisign_read_secret(text, (size_t)n, NULL, out);
	close(fd);
	if (r == -ENOKEY && ask_password(password))
		r = minisign_read_secret(text, (size_t)n, password, out);
	explicit_bzero(text, sizeof(text));
	explicit_bzero(password, sizeof(password));
	return r;
}

bool push_text_sign(const char *text, size_t bytes, const char *key, struct dynbuf *out)
{
	struct minisign_secret secret;
	char trusted[64];
	int r = read_secret(key, &secret);

	snprintf(trusted, sizeof(trusted), "timestamp:%lld", (long long)time(NULL));
	if (r == 0)
		r = envelope_sign(text, bytes, trusted, &secret, out);
	explicit_bzero(&secret, sizeof(secret));
	if (r < 0)
		fprintf(stderr, "runnel push: %s: %s\n", key,
			r == -EINVAL	     ? "no secret key of minisign (minisign -G makes one)"
			: r == -EKEYREJECTED ? "the password is wrong"
			: r == -ENOKEY	     ? "it needs its password"
					     : strerror(-r));
	return r == 0;
}
