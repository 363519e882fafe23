/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/http_post.h"

#ifdef RUNNEL_WITH_LIBCURL
#include <curl/curl.h>
#endif
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "collector/sorted.h"

#ifdef RUNNEL_WITH_LIBCURL

enum { CONNECT_S = 5, ANSWER_S = 30 };

struct http_post {
	CURL *curl;
	struct curl_slist *headers;
	const atomic_bool *stop;
	struct http_post_answer *answer; /* of the request that is under way */
	size_t len;
};

static void initialise(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

bool http_post_is_built(void)
{
	return true;
}

static size_t take(char *data, size_t size, size_t n, void *ctx)
{
	struct http_post *h = ctx;
	size_t room = sizeof(h->answer->text) - 1 - h->len, bytes = size * n < room ? size * n : room;

	memcpy(h->answer->text + h->len, data, bytes);
	h->len += bytes;
	h->answer->text[h->len] = '\0';
	return size * n;
}

static int progress(void *ctx, curl_off_t a UNUSED, curl_off_t b UNUSED, curl_off_t c UNUSED, curl_off_t d UNUSED)
{
	const struct http_post *h = ctx;

	return atomic_load(h->stop) ? 1 : 0;
}

static void set_up(struct http_post *h, const struct http_post_options *o)
{
	curl_easy_setopt(h->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(h->curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(h->curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S);
	curl_easy_setopt(h->curl, CURLOPT_TIMEOUT, (long)ANSWER_S);
	curl_easy_setopt(h->curl, CURLOPT_USERAGENT, "runnel-collector/" RUNNEL_VERSION);
	curl_easy_setopt(h->curl, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(h->curl, CURLOPT_WRITEDATA, h);
	curl_easy_setopt(h->curl, CURLOPT_XFERINFOFUNCTION, progress);
	curl_easy_setopt(h->curl, CURLOPT_XFERINFODATA, h);
	curl_easy_setopt(h->curl, CURLOPT_NOPROGRESS, 0L);
	if (o->username)
		curl_easy_setopt(h->curl, CURLOPT_USERNAME, o->username);
	if (o->password)
		curl_easy_setopt(h->curl, CURLOPT_PASSWORD, o->password);
	if (o->ca_file)
		curl_easy_setopt(h->curl, CURLOPT_CAINFO, o->ca_file);
}

int http_post_open(struct http_post **out, const struct http_post_options *o)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct http_post *h = sorted_alloc(sizeof(*h));
	char header[512];

	pthread_once(&once, initialise);
	h->stop = o->stop;
	h->curl = curl_easy_init();
	if (!h->curl || curl_easy_setopt(h->curl, CURLOPT_URL, o->url) != CURLE_OK) {
		http_post_close(h);
		return -ENOMEM;
	}
	set_up(h, o);
	/* No "Expect: 100-continue": one round trip less, and servers that do not know it. */
	h->headers = curl_slist_append(curl_slist_append(NULL, "Expect:"), "Content-Type: text/plain; charset=utf-8");
	if (o->authorization) {
		snprintf(header, sizeof(header), "Authorization: %s", o->authorization);
		h->headers = curl_slist_append(h->headers, header);
		explicit_bzero(header, sizeof(header));
	}
	curl_easy_setopt(h->curl, CURLOPT_HTTPHEADER, h->headers);
	*out = h;
	return 0;
}

void http_post_close(struct http_post *h)
{
	if (!h)
		return;
	curl_slist_free_all(h->headers);
	if (h->curl)
		curl_easy_cleanup(h->curl);
	free(h);
}

int http_post_send(struct http_post *h, const void *body, size_t bytes, struct http_post_answer *out)
{
	CURLcode code;

	*out = (struct http_post_answer){ 0 };
	h->answer = out;
	h->len = 0;
	curl_easy_setopt(h->curl, CURLOPT_POST, 1L);
	curl_easy_setopt(h->curl, CURLOPT_POSTFIELDS, body);
	curl_easy_setopt(h->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)bytes);
	code = curl_easy_perform(h->curl);
	if (code != CURLE_OK) {
		snprintf(out->text, sizeof(out->text), "%s", curl_easy_strerror(code));
		return -EAGAIN;
	}
	curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &out->status);
	out->text[strcspn(out->text, "\r\n")] = '\0';
	text_make_printable(out->text);
	return 0;
}

#else

bool http_post_is_built(void)
{
	return false;
}

int http_post_open(struct http_post **out UNUSED, const struct http_post_options *o UNUSED)
{
	return -ENOSYS;
}

void http_post_close(struct http_post *h UNUSED)
{
}

int http_post_send(struct http_post *h UNUSED, const void *body UNUSED, size_t bytes UNUSED,
		   struct http_post_answer *out UNUSED)
{
	return -ENOSYS;
}

#endif
