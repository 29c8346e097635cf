/* SPDX-License-Identifier: MIT */
#include "lastcall/http_answers.h"

#include "core/status/status.h"

#include <string.h>
#include <sys/socket.h>

#define HEADER_BYTES 256
_Static_assert(HEADER_BYTES + STATUS_BYTES <= METRICS_ANSWER_BYTES, "a status has no room");

void http_answers_count(struct http_shared *shared, int http_status, bool is_refusal)
{
	shared->answers[http_status - 200]++;
	if (is_refusal)
		shared->counts.refused++;
	else
		shared->counts.served++;
}

static size_t compose_metrics(struct http_shared *shared, const struct http_request *request)
{
	struct metrics metrics;
	size_t len;

	shared->setup.metrics(shared->setup.arg, &metrics);
	metrics.refused = shared->counts.refused;
	metrics.answers = shared->answers;
	len = metrics_answer(shared->buffers->answer, METRICS_ANSWER_BYTES, request, &metrics);
	http_answers_count(shared, 200, false);
	return len;
}

/* A process of this pid namespace, by PID 1's own socket: of any other peer, and of one by TCP, the kernel makes the
 * pid 0 (unix(7), SO_PEERCRED). */
static bool is_peer_near(int fd)
{
	struct ucred peer = {0};
	socklen_t len = sizeof peer;

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 && peer.pid > 0;
}

/* The body is written first, with room for the header before it. */
static size_t compose_page(struct http_shared *shared, bool is_json)
{
	char *answer = shared->buffers->answer, header[HEADER_BYTES];
	struct text text, body;
	uint64_t key;

	text_init(&body, answer + sizeof header, STATUS_BYTES);
	key = shared->setup.page(shared->setup.page_arg, is_json, &body);
	text_init(&text, header, sizeof header);
	text_printf(&text,
		"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %u\r\n"
		"ETag: \"%08x%08x\"\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n",
		is_json ? "application/json" : "text/plain; charset=utf-8", (unsigned)body.len,
		(unsigned)(key >> 32), (unsigned)key);
	memmove(answer + text.len, body.buf, body.len);
	memcpy(answer, header, text.len);
	http_answers_count(shared, 200, false);
	return text.len + body.len;
}

static size_t compose_health(
	struct http_shared *shared, const struct http_request *request, bool is_refusal)
{
	struct health_status status = {0};
	int http_status;
	size_t len;

	if (!is_refusal)
		shared->setup.status(shared->setup.arg, &status);
	len = health_answer(shared->buffers->answer, HEALTH_ANSWER_BYTES, request,
		&shared->setup.health, &status, &http_status);
	http_answers_count(shared, http_status, is_refusal);
	return len;
}

size_t http_answers_compose(
	struct http_shared *shared, const struct http_request *request, int fd, bool *ret_is_last)
{
	enum health_page page = health_page_of(request, &shared->setup.health);
	bool is_status = page == HEALTH_PAGE_STATUS || page == HEALTH_PAGE_STATUS_JSON;

	*ret_is_last = !request->keep_alive;
	if (is_status && shared->setup.page != NULL && request->method == HTTP_GET &&
		is_peer_near(fd)) {
		*ret_is_last = true;
		return compose_page(shared, page == HEALTH_PAGE_STATUS_JSON);
	}
	if (page == HEALTH_PAGE_METRICS)
		return compose_metrics(shared, request);
	return compose_health(shared, request, is_status || page == HEALTH_PAGE_NONE);
}

void http_answers_add_http2(
	struct http_shared *shared, struct http2_health *http2, struct text *out)
{
	struct health_status status = {0};
	int http_status;

	shared->setup.status(shared->setup.arg, &status);
	http_status = health_ready_status(status.state, shared->setup.health.drain_status);
	http2_health_answer(http2, out, http_status, health_state_name(status.state));
	http_answers_count(shared, http_status, false);
}
