/* SPDX-License-Identifier: MIT */
/* The bytes of a connection: pipelined requests, each parsed at once and in growing pieces, and
 * answered. The sanitizers watch the copy, which is as long as its content. */
#include "core/http/health.h"
#include "core/http/http_request.h"
#include "core/http/metrics.h"

#include "require.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A copy without a byte to spare. */
static int parse_copy(const char *bytes, size_t len, char **ret_copy, struct http_request *request)
{
	char *copy = malloc(len);

	require(copy != NULL || len == 0);
	if (len > 0)
		memcpy(copy, bytes, len);
	*ret_copy = copy;
	return copy == NULL ? 0 : http_request_parse(copy, len, request);
}

/* What the parser makes of the bytes if they come piece by piece, asked at the end of each line as
 * the server does. */
static int parse_in_pieces(const char *bytes, size_t len)
{
	struct http_request request;
	int result = 0;

	for (size_t seen = 1; seen <= len && result == 0; seen++) {
		char *copy;

		if (seen > 1 && seen < len && seen != HTTP_REQUEST_MAX_BYTES &&
			bytes[seen - 1] != '\n')
			continue;
		result = parse_copy(bytes, seen, &copy, &request);
		free(copy);
	}
	return result;
}

static void check_request(const struct http_request *request, const char *copy, int taken)
{
	bool is_inside = request->path >= copy && request->path + request->path_len <= copy + taken;

	require(request->path_len > 0);
	require(is_inside || (request->path_len == 1 && request->path[0] == '/'));
	require(request->method == HTTP_OTHER || request->path[0] == '/');
	require(memchr(request->path, '?', request->path_len) == NULL ||
		request->method == HTTP_OTHER);
}

static void check_answer(const struct http_request *request)
{
	static const struct health_settings settings = {
		.path = "/healthcheck",
		.drain_status = 503,
	};
	static const struct health_status status = {.deadline_ms = MSEC_NEVER};
	static const uint64_t answers[METRICS_STATUS_COUNT];
	static const struct metrics metrics = {.version = "1.2.3", .answers = answers};
	char answer[METRICS_ANSWER_BYTES];
	int http_status = 200;
	size_t len;

	if (health_page_of(request, &settings) == HEALTH_PAGE_METRICS)
		len = metrics_answer(answer, sizeof(answer), request, &metrics);
	else
		len = health_answer(
			answer, HEALTH_ANSWER_BYTES, request, &settings, &status, &http_status);
	require(len > 0 && len < sizeof(answer));
	require(memcmp(answer, "HTTP/1.1 ", 9) == 0 && atoi(answer + 9) == http_status);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *rest = (const char *)data;
	int taken = 1;

	while (size > 0 && taken > 0) {
		struct http_request request;
		char *copy;

		taken = parse_copy(rest, size, &copy, &request);
		require(parse_in_pieces(rest, size) == taken);
		require(taken <= (int)size && taken <= HTTP_REQUEST_MAX_BYTES);
		require(taken >= 0 || (taken <= -400 && taken > -600));
		if (taken > 0) {
			check_request(&request, copy, taken);
			check_answer(&request);
			rest += taken;
			size -= (size_t)taken;
		}
		free(copy);
	}
	return 0;
}
