/* SPDX-License-Identifier: MIT */
#include "core/http/health.h"

#include "core/text/json_text.h"

#include <stdint.h>
#include <string.h>

#define BODY_BYTES 512

static const char state_names[][sizeof "starting"] = {
	[HEALTH_STARTING] = "starting",
	[HEALTH_SERVING] = "serving",
	[HEALTH_STUCK] = "stuck",
	[HEALTH_DRAINING] = "draining",
	[HEALTH_STOPPING] = "stopping",
};
_Static_assert(
	sizeof(state_names) / sizeof(state_names[0]) == HEALTH_STATE_COUNT, "a state has no name");

const char *health_state_name(enum health_state state)
{
	return state_names[state];
}

/* RFC 9110 15. A status that stands only in --drain-status gets the name of its class: no client
 * reads it. */
static const char *reason_phrase(int http_status)
{
	static const struct {
		int http_status;
		const char *phrase;
	} phrases[] = {
		{200, "OK"},
		{503, "Service Unavailable"},
		{400, "Bad Request"},
		{404, "Not Found"},
		{405, "Method Not Allowed"},
		{408, "Request Timeout"},
		{413, "Content Too Large"},
		{414, "URI Too Long"},
		{429, "Too Many Requests"},
		{431, "Request Header Fields Too Large"},
		{500, "Internal Server Error"},
		{501, "Not Implemented"},
		{502, "Bad Gateway"},
		{505, "HTTP Version Not Supported"},
	};

	for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++) {
		if (phrases[i].http_status == http_status)
			return phrases[i].phrase;
	}
	return http_status < 300 ? "Success" : http_status < 400 ? "Redirection" : "Error";
}

/* RFC 9110 15.3.5, 15.3.6, 15.4.5: a client would take a body of these for the next response. */
static bool is_without_body(int http_status)
{
	return http_status == 204 || http_status == 205 || http_status == 304;
}

/* This is written for every probe, and printf would be half of the work. */
static void add_number(struct text *text, int64_t number)
{
	char digits[24];
	size_t at = sizeof(digits);
	uint64_t left = number < 0 ? -(uint64_t)number : (uint64_t)number;

	do {
		digits[--at] = (char)('0' + left % 10);
		left /= 10;
	} while (left > 0);
	if (number < 0)
		digits[--at] = '-';
	text_add_bytes(text, digits + at, sizeof(digits) - at);
}

static void add_number_or_null(struct text *text, const char *name, bool is_known, int64_t number)
{
	text_add(text, name);
	if (is_known)
		add_number(text, number);
	else
		text_add(text, "null");
}

static void add_status(struct text *text, const struct health_status *status)
{
	text_add(text, "{\"status\":\"");
	text_add(text, state_names[status->state]);
	add_number_or_null(text, "\",\"since_ms\":", true, status->since_ms);
	add_number_or_null(text, ",\"busy\":", status->connections_known, status->busy);
	add_number_or_null(text, ",\"unsure\":", status->connections_known, status->unsure);
	add_number_or_null(text, ",\"idle\":", status->connections_known, status->idle);
	add_number_or_null(text, ",\"age_ms\":", status->connections_known && status->age_ms >= 0,
		status->age_ms);
	add_number_or_null(text, ",\"jobs\":", true, status->jobs);
	add_number_or_null(
		text, ",\"deadline_ms\":", status->deadline_ms != MSEC_NEVER, status->deadline_ms);
	text_add(text, ",\"app_status\":");
	if (status->status != NULL && status->status[0] != '\0')
		text_add_json(text, status->status);
	else
		text_add(text, "null");
	text_add(text, "}\n");
}

static void add_error(struct text *text, int http_status)
{
	text_add(text, "{\"error\":\"");
	text_add(text, reason_phrase(http_status));
	text_add(text, "\"}\n");
}

void health_add_answer(struct text *text, int http_status, const char *content_type,
	const struct text *body, enum http_method method, bool keep_alive)
{
	bool has_content = method != HTTP_OPTIONS; /* RFC 9110 9.3.7 */

	text_add(text, "HTTP/1.1 ");
	add_number(text, http_status);
	text_add(text, " ");
	text_add(text, reason_phrase(http_status));
	if (has_content && http_status != 204) {
		text_add(text, "\r\nContent-Type: ");
		text_add(text, content_type);
	}
	if (http_status != 204) { /* RFC 9110 8.6 */
		text_add(text, "\r\nContent-Length: ");
		add_number(text, has_content ? (int64_t)body->len : 0);
	}
	text_add(text, "\r\nCache-Control: no-store");
	if (http_status == 405 || method == HTTP_OPTIONS)
		text_add(text, "\r\nAllow: GET, HEAD, OPTIONS");
	text_add(text, keep_alive ? "\r\nConnection: keep-alive\r\n\r\n"
				  : "\r\nConnection: close\r\n\r\n");
	if (has_content && method != HTTP_HEAD)
		text_add_bytes(text, body->buf, body->len);
}

static bool is_path(const struct http_request *request, const char *path)
{
	return request->path_len == strlen(path) &&
	       memcmp(request->path, path, request->path_len) == 0;
}

/* A health endpoint that was given the name of another page takes its place. */
enum health_page health_page_of(
	const struct http_request *request, const struct health_settings *settings)
{
	if (request->method == HTTP_OTHER)
		return HEALTH_PAGE_NONE;
	if (is_path(request, settings->path) || is_path(request, "/readyz") ||
		(request->method == HTTP_OPTIONS && is_path(request, "*")))
		return HEALTH_PAGE_READY;
	if (is_path(request, "/livez"))
		return HEALTH_PAGE_LIVE;
	if (is_path(request, "/metrics"))
		return HEALTH_PAGE_METRICS;
	if (is_path(request, HEALTH_STATUS_PATH))
		return HEALTH_PAGE_STATUS;
	if (is_path(request, HEALTH_STATUS_JSON_PATH))
		return HEALTH_PAGE_STATUS_JSON;
	return HEALTH_PAGE_NONE;
}

int health_ready_status(enum health_state state, int drain_status)
{
	switch (state) {
	case HEALTH_SERVING:
		return 200;
	case HEALTH_DRAINING:
	case HEALTH_STOPPING:
		return drain_status;
	case HEALTH_STARTING:
	case HEALTH_STUCK:
	case HEALTH_STATE_COUNT:
		break;
	}
	return 503;
}

static int decide_http_status(const struct http_request *request, enum health_page page,
	const struct health_settings *settings, const struct health_status *status)
{
	if (request->method == HTTP_OTHER)
		return 405;
	if (page == HEALTH_PAGE_READY)
		return health_ready_status(status->state, settings->drain_status);
	if (page == HEALTH_PAGE_LIVE)
		return status->state == HEALTH_STUCK &&
				       status->since_ms >= settings->live_patience_ms
			       ? 503
			       : 200;
	return 404;
}

size_t health_answer(char *buf, size_t cap, const struct http_request *request,
	const struct health_settings *settings, const struct health_status *status,
	int *ret_http_status)
{
	enum health_page page = health_page_of(request, settings);
	int http_status = decide_http_status(request, page, settings, status);
	char body_buf[BODY_BYTES];
	struct text body, answer;

	text_init(&body, body_buf, sizeof(body_buf));
	if (page != HEALTH_PAGE_READY && page != HEALTH_PAGE_LIVE)
		add_error(&body, http_status);
	else if (!is_without_body(http_status))
		add_status(&body, status);
	text_init(&answer, buf, cap);
	health_add_answer(&answer, http_status, "application/json", &body, request->method,
		request->keep_alive);
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
	health_add_answer(&answer, http_status, "application/json", &body, HTTP_OTHER, false);
	return answer.len;
}
