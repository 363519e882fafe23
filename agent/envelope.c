/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/envelope.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/fileio.h"
#include "base/text.h"

enum { N_LINES = 4, KEY_FILE_BYTES = 1024 };

static const char untrusted_prefix[] = "# untrusted comment:", trusted_prefix[] = "# trusted comment: ";

struct line {
	const char *at;
	size_t len;
};

static bool begins_with(const struct line *l, const char *prefix)
{
	size_t len = strlen(prefix);

	return l->len >= len && memcmp(l->at, prefix, len) == 0;
}

/* The last four lines, and how many bytes there are before them. */
static bool find_lines(const char *payload, size_t bytes, struct line lines[static N_LINES], size_t *before)
{
	size_t end = bytes;

	if (end > 0 && payload[end - 1] == '\n')
		end--;
	for (size_t i = N_LINES; i-- > 0;) {
		size_t begin = end;

		while (begin > 0 && payload[begin - 1] != '\n')
			begin--;
		lines[i] = (struct line){ payload + begin, end - begin };
		if (lines[i].len > 0 && payload[end - 1] == '\r')
			lines[i].len--;
		if (begin == 0)
			return false;
		end = begin - 1;
		*before = begin;
	}
	return true;
}

static bool take_comment(const struct line *l, struct minisign_signature *s)
{
	size_t skip = strlen(trusted_prefix);

	if (!begins_with(l, trusted_prefix) || l->len - skip >= sizeof(s->trusted) || memchr(l->at, '\0', l->len))
		return false;
	memcpy(s->trusted, l->at + skip, l->len - skip);
	s->trusted[l->len - skip] = '\0';
	return true;
}

int envelope_split(const char *payload, size_t bytes, struct envelope *out, const char **why)
{
	struct line lines[N_LINES];
	struct envelope e = { .text = payload };

	*why = "larger than 256 KiB";
	if (bytes > ENVELOPE_MAX_BYTES)
		return -EBADMSG;
	*why = "not signed: expected the four lines of a minisign signature at the end, each after '# '";
	if (!find_lines(payload, bytes, lines, &e.text_bytes) || !begins_with(&lines[0], untrusted_prefix) ||
	    !begins_with(&lines[1], "# ") || !begins_with(&lines[3], "# "))
		return -EBADMSG;
	*why = "the signature cannot be read: expected what minisign writes";
	if (minisign_read_signature(lines[1].at + 2, lines[1].len - 2, &e.signature) < 0 ||
	    !take_comment(&lines[2], &e.signature) ||
	    minisign_read_comment_signature(lines[3].at + 2, lines[3].len - 2, &e.signature) < 0)
		return -EBADMSG;
	*out = e;
	return 0;
}

static int read_key(const char *path, struct minisign_public *out)
{
	char text[KEY_FILE_BYTES];
	int fd = fileio_open(path);
	ssize_t n;

	if (fd < 0)
		return fd;
	n = fileio_read(fd, text, sizeof(text));
	fileio_close(fd);
	if (n < 0)
		return (int)n;
	return minisign_read_public(text, (size_t)n, out);
}

int envelope_verify(const struct envelope *e, const struct opt_list *keys, char reason[static ENVELOPE_REASON_BYTES])
{
	char name[MINISIGN_NAME_BYTES];
	struct minisign_public key;

	minisign_name(e->signature.number, name);
	snprintf(reason, ENVELOPE_REASON_BYTES, "signed by key %s, which this board does not trust", name);
	for (size_t i = 0; i < keys->n; i++) {
		int r = read_key(keys->items[i], &key);

		if (r < 0) {
			snprintf(reason, ENVELOPE_REASON_BYTES,
				 "signed by key %s, which this board does not trust; the key %.80s cannot be read: %s",
				 name, keys->items[i], r == -EINVAL ? "no public key of minisign" : strerror(-r));
			continue;
		}
		r = minisign_verify(&key, e->text, e->text_bytes, &e->signature);
		if (r == 0)
			return 0;
		if (r == -EBADMSG)
			snprintf(reason, ENVELOPE_REASON_BYTES,
				 "the signature is wrong: this is not what was signed by key %s", name);
		else if (r != -ENOKEY)
			snprintf(reason, ENVELOPE_REASON_BYTES, "cannot verify: %s", strerror(-r));
	}
	return -EBADMSG;
}

int envelope_join(const char *text, size_t bytes, const char *minisig, size_t minisig_bytes, struct dynbuf *out)
{
	struct envelope e;
	const char *why;

	dynbuf_add(out, text, bytes);
	while (minisig_bytes > 0) {
		const char *end = memchr(minisig, '\n', minisig_bytes);
		size_t len = end ? (size_t)(end - minisig) + 1 : minisig_bytes;

		dynbuf_adds(out, "# ");
		dynbuf_add(out, minisig, len);
		minisig += len;
		minisig_bytes -= len;
	}
	return !out->overflow && envelope_split(dynbuf_text(out), out->len, &e, &why) == 0 && e.text_bytes == bytes
		       ? 0
		       : -EBADMSG;
}

int envelope_sign(const char *text, size_t bytes, const char *trusted, const struct minisign_secret *key,
		  struct dynbuf *out)
{
	char line[MINISIGN_LINE_BYTES], comment_line[MINISIGN_LINE_BYTES];
	struct minisign_signature s = { .is_prehashed = true };
	int r;

	snprintf(s.trusted, sizeof(s.trusted), "%s", trusted);
	text_make_printable(s.trusted);
	r = minisign_sign(key, text, bytes, &s);
	if (r < 0)
		return r;
	minisign_write(&s, line, comment_line);
	dynbuf_add(out, text, bytes);
	dynbuf_addf(out, "%s signature from runnel push\n# %s\n%s%s\n# %s\n", untrusted_prefix, line, trusted_prefix,
		    s.trusted, comment_line);
	return out->overflow ? -ENOMEM : 0;
}
