/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_envelope.c - any bytes as a pushed config and as files of keys. Nothing is read beyond the bytes, and whatever is taken as signed by
 * the sample key says exactly what minisign signed: there is no second text with a good signature to be found.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/envelope.h"
#include "tests/minisign_sample.h"

static void check_payload(const char *payload, size_t bytes)
{
	struct minisign_public key;
	struct envelope e = { 0 };
	const char *why = NULL;

	if (envelope_split(payload, bytes, &e, &why) < 0) {
		assert(why && why[0] && !e.text);
		return;
	}
	assert(e.text == payload && e.text_bytes < bytes && bytes <= ENVELOPE_MAX_BYTES);
	assert(e.text_bytes == 0 || e.text[e.text_bytes - 1] == '\n');
	assert(memchr(e.signature.trusted, '\0', sizeof(e.signature.trusted)));
	assert(minisign_read_public(sample_key, strlen(sample_key), &key) == 0);
	if (minisign_verify(&key, e.text, e.text_bytes, &e.signature) == 0)
		assert(e.text_bytes == strlen(sample_text) && memcmp(e.text, sample_text, e.text_bytes) == 0);
}

/* The same bytes after a text, each line as a comment, as whoever signs by hand does it. */
static void check_joined(const char *minisig, size_t bytes)
{
	struct dynbuf out;
	struct envelope e;
	const char *why;

	dynbuf_init(&out, ENVELOPE_MAX_BYTES);
	if (envelope_join(sample_text, strlen(sample_text), minisig, bytes, &out) == 0) {
		assert(envelope_split(out.data, out.len, &e, &why) == 0);
		assert(e.text_bytes == strlen(sample_text));
	}
	dynbuf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct minisign_public public;
	struct minisign_secret secret;
	char *copy = malloc(size + (size == 0)); /* no terminator: a read beyond is found */

	if (!copy)
		return 0;
	memcpy(copy, data, size);
	check_payload(copy, size);
	check_joined(copy, size);
	(void)!minisign_read_public(copy, size, &public);
	(void)!minisign_read_secret(copy, size, NULL, &secret);
	free(copy);
	return 0;
}
