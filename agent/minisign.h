/* SPDX-License-Identifier: Apache-2.0 */
/*
 * minisign.h - signatures as Debian's minisign makes and checks them: Ed25519 over BLAKE2b-512 of the text ("ED") or over the text itself
 * ("Ed", old), and a second one over the first and the trusted comment. Its key files are ours, and so are its habits of keeping
 * secret keys; there is nothing to invent here.
 */
#ifndef RUNNEL_AGENT_MINISIGN_H
#define RUNNEL_AGENT_MINISIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"

enum {
	MINISIGN_NUMBER_BYTES = 8,
	MINISIGN_KEY_BYTES = 32,
	MINISIGN_SIGNATURE_BYTES = 64,
	MINISIGN_COMMENT_BYTES = 1024, /* of a trusted comment, with its NUL */
	MINISIGN_LINE_BYTES = 112,     /* base64 of any of its values, with a NUL */
	MINISIGN_NAME_BYTES = 17,      /* the number of a key as minisign prints it */
};

/** All texts of one signature. */
struct minisign_signature {
	bool is_prehashed; /* "ED" */
	uint8_t number[MINISIGN_NUMBER_BYTES];
	uint8_t text[MINISIGN_SIGNATURE_BYTES];	   /* over the text */
	uint8_t comment[MINISIGN_SIGNATURE_BYTES]; /* over the one before and the trusted comment */
	char trusted[MINISIGN_COMMENT_BYTES];
};

struct minisign_public {
	uint8_t number[MINISIGN_NUMBER_BYTES];
	uint8_t key[MINISIGN_KEY_BYTES];
};

struct minisign_secret {
	uint8_t number[MINISIGN_NUMBER_BYTES];
	uint8_t seed[MINISIGN_KEY_BYTES];
};

/** Of a public key file: its last line, or that line alone. @return 0 or -EINVAL */
NODISCARD int minisign_read_public(const char *file, size_t bytes, struct minisign_public *out);

/**
 * Of a secret key file. @password: of one that is encrypted, else NULL; takes 1 GiB of memory and some seconds, as in minisign.
 * @return 0, -EINVAL: no such file, -ENOKEY: encrypted and no password, -EKEYREJECTED: not this password, -ENOMEM
 */
NODISCARD int minisign_read_secret(const char *file, size_t bytes, const char *password, struct minisign_secret *out);

/** The second line of a signature, and the fourth; without line ends. @return 0 or -EINVAL */
NODISCARD int minisign_read_signature(const char *line, size_t len, struct minisign_signature *out);
NODISCARD int minisign_read_comment_signature(const char *line, size_t len, struct minisign_signature *out);

/** @return 0; -ENOKEY: by a key that is not @key; -EBADMSG: not what was signed; -ENOMEM */
NODISCARD int minisign_verify(const struct minisign_public *key, const void *text, size_t bytes,
			      const struct minisign_signature *s);

/** @s->trusted is given. @return 0 or -ENOMEM */
NODISCARD int minisign_sign(const struct minisign_secret *key, const void *text, size_t bytes,
			    struct minisign_signature *s);

/** The second and the fourth line. */
void minisign_write(const struct minisign_signature *s, char line[static MINISIGN_LINE_BYTES],
		    char comment_line[static MINISIGN_LINE_BYTES]);

/** As minisign prints it: 16 hexadecimal digits. */
void minisign_name(const uint8_t number[static MINISIGN_NUMBER_BYTES], char out[static MINISIGN_NAME_BYTES]);

#endif
