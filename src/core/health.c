/* SPDX-License-Identifier: MIT */
#include "core/health.h"

#include "core/text.h"

#include <inttypes.h>
#include <string.h>

#define BODY_BYTES 192

static const struct {
	const char *name;
	int http_status;
} states[] = {
	[HEALTH_STARTING] = {"starting", 503},
	[HEALTH_SERVING] = {"serving", 200},
	[HEALTH_DRAINING] = {"draining", 503},
};
_Static_assert(sizeof(states) / sizeof(states[0]) == HEALTH_STATE_COUNT, "a state has no name");

const char *health_state_name(enum health_state state)
{
	return states[state].name;
}

/* RFC 9110 15 */
static const char *reason_phrase(int http_status)
{
	switch (http_status) {
	case 200:
		return "OK";
	case 400:
		return "Bad Request";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 408:
		return "Request Timeout";
	case 413:
		return "Content Too Large";
	case 414:
		return "URI Too Long";
	case 431:
		return "Request Header Fields Too Large";
	case 501:
		return "Not Implemented";
	case 503:
		return "Service Unavailable";
	case 505:
		return "HTTP Version Not Supported";
	}
	return "Error";
}

static void add_number_or_null(struct text *text, const char *name, bool is_known, int64_t number)
{
	if (is_known)
		text_printf(text, ",\"%s\":%" PRId64, name, number);
	else
		text_printf(text, ",\"%s\":null", name);
}

static void add_status(struct text *text, const struct health_status *status)
{
	text_printf(text, "{\"status\":\"%s\"", health_state_name(status->state));
	add_number_or_null(text, "since_ms", true, status->since_ms);
	add_number_or_null(text, "busy", status->connections_known, status->busy);
	add_number_or_null(text, "idle", status->connections_known, status->idle);
	add_number_or_null(
		text, "deadline_ms", status->deadline_ms != MSEC_NEVER, status->deadline_ms);
	text_add(text, "}\n");
}

static void add_error(struct text *text, int http_status)
{
	text_printf(text, "{\"error\":\"%s\"}\n", reason_phrase(http_status));
}

/* Content-Length is the body's also where the body itself is left out (HEAD). */
static void add_header(struct text *text, int http_status, size_t body_bytes, bool keep_alive)
{
	text_printf(text,
		"HTTP/1.1 %d %s\r\n"
		"Content-Type: application/json\r\n"
		"Content-Length: %zu\r\n"
		"Cache-Control: no-store\r\n"
		"%s"
		"Connection: %s\r\n"
		"\r\n",
		http_status, reason_phrase(http_status), body_bytes,
		http_status == 405 ? "Allow: GET, HEAD\r\n" : "",
		keep_alive ? "keep-alive" : "close");
}

static int decide_http_status(
	const struct http_request *request, const char *path, const struct health_status *status)
{
	if (request->method == HTTP_OTHER)
		return 405;
	if (request->path_len != strlen(path) ||
		memcmp(request->path, path, request->path_len) != 0)
		return 404;
	return states[status->state].http_status;
}

size_t health_answer(char *buf, size_t cap, const struct http_request *request, const char *path,
	const struct health_status *status, int *ret_http_status)
{
	int http_status = decide_http_status(request, path, status);
	char body_buf[BODY_BYTES];
	struct text body, answer;

	text_init(&body, body_buf, sizeof(body_buf));
	if (http_status == states[status->state].http_status)
		add_status(&body, status);
	else
		add_error(&body, http_status);
	text_init(&answer, buf, cap);
	add_header(&answer, http_status, body.len, request->keep_alive);
	if (request->method != HTTP_HEAD)
		text_add_bytes(&answer, body.buf, body.len);
	*ret_http_status = http_status;
	return answer.len;
}

size_t health_answer_error(char *buf, size_t cap, int http_status)
{
	char body_buf[BODY_BYTES];
	struct text body, answer;

	text_init(&body, body_buf, sizeof(body_buf));
	add_error(&body, http_status);
	text_init(&answer, buf, cap);
	add_header(&answer, http_status, body.len, false);
	text_add_bytes(&answer, body.buf, body.len);
	return answer.len;
}
