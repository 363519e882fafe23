/* SPDX-License-Identifier: Apache-2.0 */
/*
 * paho says "TCP/TLS connect failure" to its callback and the reason to its trace alone, which is one for the
 * process and has no context; hence the one static variable here. When two connections of a process fail
 * at the same time, one may get the other's words; no decision depends on them. A paho whose trace reads
 * differently leaves its general words.
 */
#include "base/mqtt_explain.h"

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
	pthread_mutex_t mutex;
	char words[MQTT_REASON_BYTES];
} explanation = { .mutex = PTHREAD_MUTEX_INITIALIZER };

/* "NAME:LINE (CODE)" at the leaving of a paho function: CODE, or 0. */
static int left_with(const char *line, const char *leaving)
{
	const char *p = strstr(line, leaving);

	p = p ? strchr(p, '(') : NULL;
	return p ? (int)strtol(p + 1, NULL, 10) : 0;
}

static const char *after(const char *line, const char *words)
{
	const char *p = strstr(line, words);

	return p ? p + strlen(words) : NULL;
}

/* What can not be loaded is named after the function of OpenSSL; the error itself is lost on the way. */
static const char *bad_file(const char *line)
{
	static const char *const files[][2] = {
		{ " in SSL_CTX_load_verify_locations ", "ca_file holds no certificate" },
		{ " in SSL_CTX_use_certificate_chain_file ", "cert_file holds no certificate" },
		{ " in SSL_CTX_use_PrivateKey_file ", "key_file holds no key, or not the one of cert_file" },
	};

	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		if (strstr(line, files[i][0]))
			return files[i][1];
	return NULL;
}

static bool explain_socket(const char *line, char *out, size_t out_bytes)
{
	const char *rc, *p = after(line, "getaddrinfo failed for addr ");
	int code = left_with(line, "< MQTTAsync_connecting:");

	if (code == 0)
		code = left_with(line, "< Socket_new:");
	if (code > 0 && code != EINPROGRESS) {
		snprintf(out, out_bytes, "%s", strerror(code));
		return true;
	}
	if (!p)
		return false;
	rc = after(p, " with rc ");
	snprintf(out, out_bytes, "host name not found (%s)", rc ? gai_strerror((int)strtol(rc, NULL, 10)) : "");
	return true;
}

static void explain_tls(const char *line, char *out, size_t out_bytes)
{
	const char *p;

	if ((p = after(line, "rc from X509_check_ip_asc is "))) {
		if (strtol(p, NULL, 10) != 1)
			snprintf(out, out_bytes, "the broker's certificate is for another host name");
	} else if ((p = bad_file(line))) {
		snprintf(out, out_bytes, "%s", p);
	} else if (strstr(line,
			  "SSL alert write:fatal:decode error")) { /* also what OpenSSL makes of an end in the middle */
		snprintf(out, out_bytes, "the broker ended or garbled the TLS handshake");
	} else if ((p = after(line, "SSL alert write:fatal:"))) {
		bool is_certificate = strstr(p, "certificate") || strstr(p, "CA");

		snprintf(out, out_bytes, "%s: %s",
			 is_certificate ? "the broker's certificate is not trusted" : "no TLS that both sides accept",
			 p);
	} else if ((p = after(line, "SSL alert read:fatal:"))) {
		snprintf(out, out_bytes, "the broker refused the TLS connection: %s", p);
	}
}

void mqtt_explain_start(void)
{
	pthread_mutex_lock(&explanation.mutex);
	explanation.words[0] = '\0';
	pthread_mutex_unlock(&explanation.mutex);
}

void mqtt_explain_line(const char *line)
{
	pthread_mutex_lock(&explanation.mutex);
	if (!explain_socket(line, explanation.words, sizeof(explanation.words)))
		explain_tls(line, explanation.words, sizeof(explanation.words));
	pthread_mutex_unlock(&explanation.mutex);
}

bool mqtt_explain_get(char *out, size_t out_bytes)
{
	bool is_known;

	pthread_mutex_lock(&explanation.mutex);
	is_known = explanation.words[0] != '\0';
	if (is_known)
		snprintf(out, out_bytes, "%s", explanation.words);
	pthread_mutex_unlock(&explanation.mutex);
	return is_known;
}
