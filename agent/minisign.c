/* SPDX-License-Identifier: Apache-2.0 */
/*
 * minisign.c - all that needs OpenSSL. Formats: https://jedisct1.github.io/minisign/#signature-format; of an encrypted secret key: the
 * key derivation is libsodium's crypto_pwhash_scryptsalsa208sha256 (pickparams() of its pwhash_scryptsalsa208sha256.c), the result is
 * XORed over number, key and checksum. Whether the password was right is seen by the public half of the key, not by the checksum.
 */
#include "agent/minisign.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "base/base64.h"

enum {
	PUBLIC_BYTES = 42,
	SIGNATURE_BYTES = 74,
	SECRET_BYTES = 158,
	HIDDEN_BYTES = 104, /* of a secret key: number, seed, public key, checksum */
	HIDDEN_AT = 54,
	SALT_AT = 6,
	SALT_BYTES = 32,
	HASH_BYTES = 64,
};

static uint64_t le64(const uint8_t *p)
{
	uint64_t x = 0;

	for (int i = 7; i >= 0; i--)
		x = x << 8 | p[i];
	return x;
}

/* The last line that is not empty. */
static size_t last_line(const char *file, size_t bytes, const char **out)
{
	size_t len = bytes;

	while (len > 0 && (file[len - 1] == '\n' || file[len - 1] == '\r'))
		len--;
	*out = file;
	for (size_t i = len; i-- > 0;) {
		if (file[i] != '\n')
			continue;
		*out = file + i + 1;
		return len - i - 1;
	}
	return len;
}

int minisign_read_public(const char *file, size_t bytes, struct minisign_public *out)
{
	uint8_t raw[PUBLIC_BYTES];
	const char *line;
	size_t len = last_line(file, bytes, &line);

	if (base64_decode(line, len, raw, sizeof(raw)) < 0 || raw[0] != 'E' || raw[1] != 'd')
		return -EINVAL;
	memcpy(out->number, raw + 2, sizeof(out->number));
	memcpy(out->key, raw + 10, sizeof(out->key));
	return 0;
}

/* --- secret keys --- */

/* pickparams() of libsodium: what opslimit and memlimit of the file mean for scrypt. */
static void scrypt_parameters(uint64_t ops, uint64_t memory, uint64_t *n, uint64_t *p)
{
	uint64_t max_n, max_rp;
	unsigned log2_n = 1;
	const uint64_t r = 8;

	if (ops < 32768)
		ops = 32768;
	max_n = ops < memory / 32 ? ops / (r * 4) : memory / (r * 128);
	while (log2_n < 63 && (UINT64_C(1) << log2_n) <= max_n / 2)
		log2_n++;
	*n = UINT64_C(1) << log2_n;
	max_rp = ops / 4 / *n;
	if (max_rp > 0x3fffffff)
		max_rp = 0x3fffffff;
	*p = ops < memory / 32 || max_rp / r == 0 ? 1 : max_rp / r;
}

static int uncover(uint8_t raw[static SECRET_BYTES], const char *password)
{
	enum { MOST_BYTES = 2000000000 };
	uint64_t ops = le64(raw + 38), memory = le64(raw + 46), n, p;
	uint8_t stream[HIDDEN_BYTES];

	if (ops > UINT64_C(1) << 32 || memory > MOST_BYTES)
		return -EINVAL;
	scrypt_parameters(ops, memory, &n, &p);
	if (EVP_PBE_scrypt(password, strlen(password), raw + SALT_AT, SALT_BYTES, n, 8, p, MOST_BYTES, stream,
			   sizeof(stream)) != 1)
		return -ENOMEM;
	for (size_t i = 0; i < HIDDEN_BYTES; i++)
		raw[HIDDEN_AT + i] ^= stream[i];
	explicit_bzero(stream, sizeof(stream));
	return 0;
}

static bool is_pair(const uint8_t *seed, const uint8_t *public)
{
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, MINISIGN_KEY_BYTES);
	uint8_t made[MINISIGN_KEY_BYTES];
	size_t n = sizeof(made);
	bool is_same = key && EVP_PKEY_get_raw_public_key(key, made, &n) == 1 && n == sizeof(made) &&
		       memcmp(made, public, n) == 0;

	EVP_PKEY_free(key);
	return is_same;
}

static int take_secret(uint8_t raw[static SECRET_BYTES], const char *password, struct minisign_secret *out)
{
	bool is_encrypted = memcmp(raw, "EdScB2", SALT_AT) == 0;
	int r = 0;

	if (!is_encrypted && memcmp(raw, "Ed\0\0B2", SALT_AT) != 0)
		return -EINVAL;
	if (is_encrypted)
		r = password ? uncover(raw, password) : -ENOKEY;
	if (r < 0)
		return r;
	if (!is_pair(raw + HIDDEN_AT + 8, raw + HIDDEN_AT + 40))
		return is_encrypted ? -EKEYREJECTED : -EINVAL;
	memcpy(out->number, raw + HIDDEN_AT, sizeof(out->number));
	memcpy(out->seed, raw + HIDDEN_AT + 8, sizeof(out->seed));
	return 0;
}

int minisign_read_secret(const char *file, size_t bytes, const char *password, struct minisign_secret *out)
{
	uint8_t raw[SECRET_BYTES];
	const char *line;
	size_t len = last_line(file, bytes, &line);
	int r = base64_decode(line, len, raw, sizeof(raw));

	if (r == 0)
		r = take_secret(raw, password, out);
	explicit_bzero(raw, sizeof(raw));
	return r;
}

/* --- signatures --- */

int minisign_read_signature(const char *line, size_t len, struct minisign_signature *out)
{
	uint8_t raw[SIGNATURE_BYTES];

	if (base64_decode(line, len, raw, sizeof(raw)) < 0 || raw[0] != 'E' || (raw[1] != 'D' && raw[1] != 'd'))
		return -EINVAL;
	out->is_prehashed = raw[1] == 'D';
	memcpy(out->number, raw + 2, sizeof(out->number));
	memcpy(out->text, raw + 10, sizeof(out->text));
	return 0;
}

int minisign_read_comment_signature(const char *line, size_t len, struct minisign_signature *out)
{
	return base64_decode(line, len, out->comment, sizeof(out->comment));
}

static bool hash(const void *text, size_t bytes, uint8_t out[static HASH_BYTES])
{
	unsigned n = 0;

	return EVP_Digest(text, bytes, out, &n, EVP_blake2b512(), NULL) == 1 && n == HASH_BYTES;
}

/* What the second signature is over. @return bytes */
static size_t join_comment(const struct minisign_signature *s,
			   uint8_t out[static MINISIGN_SIGNATURE_BYTES + MINISIGN_COMMENT_BYTES])
{
	size_t len = strlen(s->trusted);

	memcpy(out, s->text, MINISIGN_SIGNATURE_BYTES);
	memcpy(out + MINISIGN_SIGNATURE_BYTES, s->trusted, len);
	return MINISIGN_SIGNATURE_BYTES + len;
}

static int verify(EVP_PKEY *key, const uint8_t *signature, const void *data, size_t bytes)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int r = -ENOMEM;

	if (ctx && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key) == 1)
		r = EVP_DigestVerify(ctx, signature, MINISIGN_SIGNATURE_BYTES, data, bytes) == 1 ? 0 : -EBADMSG;
	EVP_MD_CTX_free(ctx);
	return r;
}

int minisign_verify(const struct minisign_public *key, const void *text, size_t bytes,
		    const struct minisign_signature *s)
{
	uint8_t digest[HASH_BYTES], joined[MINISIGN_SIGNATURE_BYTES + MINISIGN_COMMENT_BYTES];
	EVP_PKEY *pkey;
	int r;

	if (memcmp(key->number, s->number, sizeof(key->number)) != 0)
		return -ENOKEY;
	pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key->key, sizeof(key->key));
	if (!pkey || (s->is_prehashed && !hash(text, bytes, digest)))
		r = -ENOMEM;
	else if (s->is_prehashed)
		r = verify(pkey, s->text, digest, sizeof(digest));
	else
		r = verify(pkey, s->text, text, bytes);
	if (r == 0)
		r = verify(pkey, s->comment, joined, join_comment(s, joined));
	EVP_PKEY_free(pkey);
	return r;
}

static int sign(EVP_PKEY *key, const void *data, size_t bytes, uint8_t out[static MINISIGN_SIGNATURE_BYTES])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t n = MINISIGN_SIGNATURE_BYTES;
	int r = -ENOMEM;

	if (ctx && EVP_DigestSignInit(ctx, NULL, NULL, NULL, key) == 1 &&
	    EVP_DigestSign(ctx, out, &n, data, bytes) == 1 && n == MINISIGN_SIGNATURE_BYTES)
		r = 0;
	EVP_MD_CTX_free(ctx);
	return r;
}

int minisign_sign(const struct minisign_secret *key, const void *text, size_t bytes, struct minisign_signature *s)
{
	uint8_t digest[HASH_BYTES], joined[MINISIGN_SIGNATURE_BYTES + MINISIGN_COMMENT_BYTES];
	EVP_PKEY *pkey = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, key->seed, sizeof(key->seed));
	int r = pkey && hash(text, bytes, digest) ? 0 : -ENOMEM;

	s->is_prehashed = true;
	memcpy(s->number, key->number, sizeof(s->number));
	if (r == 0)
		r = sign(pkey, digest, sizeof(digest), s->text);
	if (r == 0)
		r = sign(pkey, joined, join_comment(s, joined), s->comment);
	EVP_PKEY_free(pkey);
	return r;
}

void minisign_write(const struct minisign_signature *s, char line[static MINISIGN_LINE_BYTES],
		    char comment_line[static MINISIGN_LINE_BYTES])
{
	uint8_t raw[SIGNATURE_BYTES] = { 'E', s->is_prehashed ? 'D' : 'd' };

	memcpy(raw + 2, s->number, sizeof(s->number));
	memcpy(raw + 10, s->text, sizeof(s->text));
	base64_encode(raw, sizeof(raw), line);
	base64_encode(s->comment, sizeof(s->comment), comment_line);
}

void minisign_name(const uint8_t number[static MINISIGN_NUMBER_BYTES], char out[static MINISIGN_NAME_BYTES])
{
	snprintf(out, MINISIGN_NAME_BYTES, "%016llX", (unsigned long long)le64(number));
}
