/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signatures against minisign itself: what it made (recorded here, of a key that is used nowhere else) is taken, and nothing but that.
 * The other direction, and every kind of key file, is in tests/e2e/config_push.sh, which runs it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/envelope.h"

#include "tests/minisign_sample.h"

static char key_path[] = "/tmp/runnel-test-key-XXXXXX";

static const char *const key_paths[] = { key_path };
static const char *const missing_then_key[] = { "/nowhere/ops.pub", key_path };

static int verify_with(const char *payload, size_t bytes, const char *const paths[], size_t n,
		       char reason[static ENVELOPE_REASON_BYTES])
{
	const struct opt_list keys = { paths, n };
	struct envelope e;
	const char *why;

	if (envelope_split(payload, bytes, &e, &why) < 0) {
		snprintf(reason, ENVELOPE_REASON_BYTES, "%s", why);
		return -EBADMSG;
	}
	return envelope_verify(&e, &keys, reason);
}

static int verify(const char *payload, char reason[static ENVELOPE_REASON_BYTES])
{
	return verify_with(payload, strlen(payload), key_paths, 1, reason);
}

static int write_key(void **state)
{
	int fd = mkstemp(key_path);

	(void)state;
	return fd < 0 || write(fd, sample_key, strlen(sample_key)) < 0 || close(fd) < 0 ? -1 : 0;
}

static int remove_key(void **state)
{
	(void)state;
	return unlink(key_path);
}

static void what_minisign_signed_is_taken(void **state)
{
	char reason[ENVELOPE_REASON_BYTES];
	const char *why;
	struct envelope e;

	(void)state;
	assert_int_equal(verify(sample_prehashed, reason), 0);
	assert_int_equal(verify(sample_legacy, reason), 0);
	assert_int_equal(envelope_split(sample_prehashed, strlen(sample_prehashed), &e, &why), 0);
	assert_int_equal(e.text_bytes, strlen(sample_text));
	assert_memory_equal(e.text, sample_text, e.text_bytes);
	assert_string_equal(e.signature.trusted, "rollout 7");
}

static void the_last_line_end_may_be_missing(void **state)
{
	char reason[ENVELOPE_REASON_BYTES];

	(void)state;
	assert_int_equal(verify_with(sample_prehashed, strlen(sample_prehashed) - 1, key_paths, 1, reason), 0);
}

static void any_changed_byte_is_refused(void **state)
{
	char reason[ENVELOPE_REASON_BYTES], *copy = strdup(sample_prehashed);
	size_t len = strlen(copy);

	(void)state;
	for (size_t i = 0; i < len; i++) {
		size_t untrusted = strlen(sample_text);

		if (i >= untrusted + strlen("# untrusted comment:") && strchr(copy + untrusted, '\n') > copy + i)
			continue; /* the comment nobody trusts */
		if (i == len - 1)
			continue; /* the last line end */
		copy[i] ^= 1;
		if (verify(copy, reason) == 0)
			fail_msg("byte %zu of %zu was changed and not missed", i, len);
		copy[i] ^= 1;
	}
	free(copy);
}

static void every_truncation_is_refused(void **state)
{
	char reason[ENVELOPE_REASON_BYTES];

	(void)state;
	for (size_t len = 0; len + 1 < strlen(sample_prehashed); len++)
		assert_int_equal(verify_with(sample_prehashed, len, key_paths, 1, reason), -EBADMSG);
}

static void a_text_without_signature_is_told_as_such(void **state)
{
	char reason[ENVELOPE_REASON_BYTES];

	(void)state;
	assert_int_equal(verify(sample_text, reason), -EBADMSG);
	assert_non_null(strstr(reason, "not signed"));
	assert_int_equal(verify("", reason), -EBADMSG);
	assert_int_equal(verify("\n\n\n\n\n\n", reason), -EBADMSG);
}

static void a_key_that_is_not_trusted_is_named(void **state)
{
	char reason[ENVELOPE_REASON_BYTES];

	(void)state;
	assert_int_equal(verify(sample_of_another_key, reason), -EBADMSG);
	assert_non_null(strstr(reason, sample_other_name));
	assert_non_null(strstr(reason, "does not trust"));
}

static void a_key_file_that_is_missing_does_not_stop_the_next(void **state)
{
	char reason[ENVELOPE_REASON_BYTES];

	(void)state;
	assert_int_equal(verify_with(sample_prehashed, strlen(sample_prehashed), missing_then_key,
				     ARRAY_LEN(missing_then_key), reason),
			 0);
	assert_int_equal(verify_with(sample_prehashed, strlen(sample_prehashed), missing_then_key, 1, reason),
			 -EBADMSG);
	assert_non_null(strstr(reason, "/nowhere/ops.pub"));
}

static void more_than_256_kib_are_refused_unread(void **state)
{
	size_t len = ENVELOPE_MAX_BYTES + 1;
	char *big = malloc(len), reason[ENVELOPE_REASON_BYTES];

	(void)state;
	memset(big, '\n', len);
	assert_int_equal(verify_with(big, len, key_paths, 1, reason), -EBADMSG);
	assert_non_null(strstr(reason, "256 KiB"));
	free(big);
}

static void what_is_signed_here_is_what_is_verified(void **state)
{
	char reason[ENVELOPE_REASON_BYTES];
	struct minisign_secret secret;
	struct dynbuf out;

	(void)state;
	dynbuf_init(&out, ENVELOPE_MAX_BYTES);
	assert_int_equal(minisign_read_secret(sample_secret, strlen(sample_secret), NULL, &secret), 0);
	assert_int_equal(envelope_sign(sample_text, strlen(sample_text), "rollout 7", &secret, &out), 0);
	assert_int_equal(verify(dynbuf_text(&out), reason), 0);
	/* Ed25519 is deterministic: the same text and key give minisign's very bytes. */
	assert_string_equal(strstr(dynbuf_text(&out), "\n# RU"), strstr(sample_prehashed, "\n# RU"));
	dynbuf_free(&out);
}

static void a_secret_key_with_a_password_needs_it(void **state)
{
	struct minisign_secret secret;

	(void)state;
	assert_int_equal(minisign_read_secret(sample_locked, strlen(sample_locked), NULL, &secret), -ENOKEY);
	assert_int_equal(minisign_read_secret("garbage", 7, NULL, &secret), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_minisign_signed_is_taken),
		cmocka_unit_test(the_last_line_end_may_be_missing),
		cmocka_unit_test(any_changed_byte_is_refused),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(a_text_without_signature_is_told_as_such),
		cmocka_unit_test(a_key_that_is_not_trusted_is_named),
		cmocka_unit_test(a_key_file_that_is_missing_does_not_stop_the_next),
		cmocka_unit_test(more_than_256_kib_are_refused_unread),
		cmocka_unit_test(what_is_signed_here_is_what_is_verified),
		cmocka_unit_test(a_secret_key_with_a_password_needs_it),
	};

	return cmocka_run_group_tests(tests, write_key, remove_key);
}
