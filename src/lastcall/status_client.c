/* SPDX-License-Identifier: MIT */
#include "lastcall/status_client.h"

#include "core/http/health.h"
#include "core/http/metrics.h"
#include "lastcall/http_client.h"
#include "sys/fd.h"
#include "sys/init_socket.h"
#include "sys/monoclock.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TIMEOUT_MS 2000
#define PAUSE_MS 1000
#define ETAG_BYTES 20

/* ECMA-48: to the first place; erase to the end of the line; erase to the end of the screen. */
#define HOME "\033[H"
#define ERASE_LINE "\033[K"
#define ERASE_BELOW "\033[J"

struct answer {
	char bytes[METRICS_ANSWER_BYTES];
	const char *body;
	char etag[ETAG_BYTES];
};

static int fail(struct log *log, const char *what)
{
	log_event(log, LOG_ERROR, "no_status", "%s", what);
	return EXIT_FAILURE;
}

/* Returns 0, or the exit status. */
static int ask(bool is_json, struct answer *ret_answer, struct log *log)
{
	msec_t deadline = msec_add(monoclock_now(), TIMEOUT_MS);
	struct http_target target = {.fd = init_socket_connect(TIMEOUT_MS),
		.path = is_json ? HEALTH_STATUS_JSON_PATH : HEALTH_STATUS_PATH};
	const char *etag;
	int status;

	if (target.fd < 0 && target.fd != -EAGAIN)
		return fail(log, "no lastcall with a health endpoint is PID 1 here");
	status = target.fd < 0 ? -ETIMEDOUT
			       : http_client_ask(&target, ret_answer->bytes,
					 sizeof ret_answer->bytes, deadline);
	if (status == 404)
		return fail(log, "the lastcall that is PID 1 here is older, and has no status");
	if (status != 200)
		return fail(
			log, status < 0 ? http_client_error(-status) : "PID 1 refuses to answer");
	ret_answer->body = http_client_find(ret_answer->bytes, "\r\n\r\n");
	if (ret_answer->body == NULL)
		return fail(log, "PID 1 has closed the connection");
	ret_answer->body += 4;
	etag = http_client_find(ret_answer->bytes, "\r\nETag: ");
	memset(ret_answer->etag, 0, sizeof ret_answer->etag);
	if (etag != NULL)
		memcpy(ret_answer->etag, etag + strlen("\r\nETag: "),
			strnlen(etag + strlen("\r\nETag: "), ETAG_BYTES - 1));
	return 0;
}

static bool write_string(const char *string)
{
	return fd_write_all(STDOUT_FILENO, string, strlen(string)) == 0;
}

/* Line by line over what was there, so that nothing flickers. */
static bool redraw(const char *body)
{
	bool is_written = write_string(HOME);

	while (is_written && *body != '\0') {
		size_t len = strcspn(body, "\n");

		is_written = fd_write_all(STDOUT_FILENO, body, len) == 0 &&
			     write_string(ERASE_LINE "\n");
		body += len + (body[len] != '\0');
	}
	return is_written && write_string(ERASE_BELOW);
}

static bool print(const struct answer *answer, const struct options *options, bool is_first)
{
	if (options->watch && isatty(STDOUT_FILENO))
		return redraw(answer->body);
	if (!is_first && options->status == STATUS_TEXT && !write_string("\n"))
		return false;
	return write_string(answer->body);
}

/* Waits before the next question. Returns false when nobody reads what is printed. */
static bool pause_questions(void)
{
	struct pollfd output = {.fd = STDOUT_FILENO};

	return poll(&output, 1, PAUSE_MS) == 0;
}

int status_client_run(
	const struct options *options, const struct signal_state *inherited, struct log *log)
{
	static struct answer answer;
	char printed[ETAG_BYTES] = "";
	int status;

	signals_restore(inherited);
	do {
		bool is_first = printed[0] == '\0';

		status = ask(options->status == STATUS_JSON, &answer, log);
		if (status != 0)
			return status;
		if (!is_first && !isatty(STDOUT_FILENO) && strcmp(printed, answer.etag) == 0)
			continue;
		if (!print(&answer, options, is_first))
			return EXIT_FAILURE;
		memcpy(printed, answer.etag, sizeof printed);
	} while (options->watch && pause_questions());
	return EXIT_SUCCESS;
}
