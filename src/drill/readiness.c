/* SPDX-License-Identifier: MIT */
#include "drill/readiness.h"

#include "core/text/duration.h"

#include <errno.h>
#include <string.h>

#define HEALTH_PERIOD_US INT64_C(20000)
#define EARLY_TIMEOUT_US INT64_C(1000000) /* does a server answer before the target is started? */

static bool is_container(const struct server *server)
{
	return server->settings->kind == SERVER_CONTAINER || server->settings->kind == SERVER_IMAGE;
}

/* What stands behind the host `container`, which is the container's own address, known only while
 * it runs; NULL: it is another host. */
static const char *behind_container(const char *url)
{
	static const char name[] = "://container";
	const char *at = strstr(url, name), *behind = at != NULL ? at + strlen(name) : NULL;

	return behind != NULL && strcspn(behind, ":/?") == 0 ? behind : NULL;
}

static void add_url(struct text *text, const struct readiness *readiness, const char *url)
{
	const char *behind = behind_container(url);

	if (behind == NULL || readiness->server->address[0] == '\0') {
		text_add(text, url);
		return;
	}
	text_add_bytes(text, url, strcspn(url, ":"));
	text_printf(text, "://%s%s", readiness->server->address, behind);
}

static void add_stage(struct text *error, const char *url, enum target_stage stage)
{
	static const char *const texts[] = {
		[TARGET_URL] = "it is no URL",
		[TARGET_LOOKUP] = "the name has no address",
		[TARGET_SOCKET] = "the path of --unix-socket is too long (107 bytes at most)",
		[TARGET_REMOTE] = "it is not this host; --allow-remote is for other ones",
	};

	text_printf(error, "cannot ask '%s': %s", url, texts[stage]);
}

static int start_tls(struct target *target, const struct drill_options *options, struct text *error)
{
	int r = target_start_tls(target, options->cacert, options->insecure);

	if (r < 0) {
		text_printf(error, "cannot read certificates from '%s'", options->cacert);
		return r;
	}
	if (options->cert != NULL)
		r = target_use_certificate(target, options->cert, options->key);
	if (r < 0)
		text_printf(error,
			"cannot use the certificate of '%s' with the key of '%s'; give both in "
			"PEM, as --cert and --key",
			options->cert, options->key != NULL ? options->key : options->cert);
	return r;
}

static int open_target(const struct readiness *readiness, const char *given,
	struct target *ret_target, struct text *error)
{
	const struct drill_options *options = readiness->options;
	bool allow_remote = options->allow_remote;
	struct target_way way = {.unix_socket = options->unix_socket,
		.detours = options->detours,
		.detour_count = options->detour_count};
	char bytes[TARGET_URL_HOST_BYTES + TARGET_URL_PATH_BYTES + 32];
	enum target_stage stage;
	struct target_url url;
	struct text text;
	int r;

	text_init(&text, bytes, sizeof(bytes));
	add_url(&text, readiness, given);
	if (is_container(readiness->server) && target_url_parse(bytes, &url) == 0 &&
		strcmp(url.host, readiness->server->address) == 0)
		allow_remote = true; /* it was the engine that said where it is */
	way.allow_remote = allow_remote;
	r = target_open(ret_target, bytes, &way, &stage);
	if (r < 0) {
		add_stage(error, bytes, stage);
		return r;
	}
	ret_target->is_http2 = options->is_http2;
	if (ret_target->url.is_tls)
		r = start_tls(ret_target, options, error);
	if (r < 0)
		target_close(ret_target);
	return r;
}

/* A load balancer wants 2xx of the health endpoint. The URL under load may say whatever it is expected to. */
static bool is_good(const struct readiness *readiness, const struct health_answer *answer)
{
	if (readiness->has_health_url)
		return answer->http_status >= 200 && answer->http_status < 300;
	if (readiness->options->expect_status > 0)
		return answer->http_status == readiness->options->expect_status;
	return answer->http_status > 0 && answer->http_status < 400;
}

/* So that the name may have a better address. */
static bool is_nobody_there(const struct health_answer *answer)
{
	return answer->error == ECONNREFUSED || answer->error == ETIMEDOUT ||
	       answer->error == EHOSTUNREACH || answer->error == ENETUNREACH ||
	       answer->error == EADDRNOTAVAIL;
}

/* A probe that the drill could not send excuses no refusal. What answers when the target has ended is another
 * server. */
static void note_health(struct readiness *readiness, const struct health_answer *answer)
{
	unsigned threshold = readiness->options->health_threshold;

	if (answer->is_drills_fault)
		return;
	readiness->failures = readiness->is_healthy ? 0 : readiness->failures + 1;
	readiness->successes = readiness->is_healthy ? readiness->successes + 1 : 0;
	if (readiness->failures == threshold && readiness->unhealthy_us == INT64_MAX)
		readiness->unhealthy_us = answer->answered_us;
	if (readiness->successes >= threshold && !readiness->server->has_ended)
		readiness->unhealthy_us = INT64_MAX;
}

static void on_answer(void *user, const struct health_answer *answer)
{
	struct readiness *readiness = user;

	readiness->last_answer = *answer;
	readiness->is_healthy = is_good(readiness, answer);
	if (answer->asked_us < readiness->stopped_us) {
		if (readiness->stopped_us == INT64_MAX && is_nobody_there(answer))
			target_try_next_address(readiness->probed);
		return;
	}
	note_health(readiness, answer);
}

static bool is_healthy_or_ended(void *arg)
{
	const struct readiness *readiness = arg;

	return readiness->is_healthy || readiness->server->has_ended;
}

/* What OpenSSL says, and the option that changes it. */
static void add_tls_reason(struct text *error, const struct health_answer *answer)
{
	const char *reason = answer->tls_reason;

	text_printf(error, "TLS: %s", reason);
	if (answer->error == EKEYREJECTED)
		text_add(error, strstr(reason, "mismatch") != NULL
					? "; the certificate is for another name: give that in "
					  "--url, with --connect-to, or --insecure"
					: "; give its authority's certificate as --cacert, or "
					  "--insecure");
	else if (strstr(reason, "wrong version") != NULL)
		text_add(error, "; it may be http:// there");
	else if (strstr(reason, "alert") != NULL &&
		 (strstr(reason, "certificate") != NULL || strstr(reason, "handshake") != NULL))
		text_add(error, "; the server may ask for a client's certificate: give --cert and "
				"--key");
}

static void add_answer(struct text *error, const struct health_answer *answer, bool is_http2)
{
	if (answer->http_status != 0)
		text_printf(error, "status %d", answer->http_status);
	else if (answer->tls_reason != NULL)
		add_tls_reason(error, answer);
	else if (answer->error == EBADMSG)
		text_printf(error, "what comes is no answer in HTTP/%c", is_http2 ? '2' : '1');
	else if (answer->error == EPROTONOSUPPORT)
		text_add(error, "the server does not speak HTTP/2 there (ALPN)");
	else if (answer->error == EPIPE)
		text_printf(error, "the connection is closed without an answer%s",
			is_http2 ? " in HTTP/2" : "");
	else
		text_add(error, strerror(answer->error));
}

static void add_not_healthy(
	struct text *error, struct readiness *readiness, const char *url, bool is_http2)
{
	if (readiness->server->has_ended) {
		server_add_early_end(readiness->server, "before it answered", error);
		return;
	}
	text_printf(error, "'%s' does not answer well within ", url);
	duration_add(error, readiness->server->settings->start_timeout_us / 1000);
	if (readiness->options->unix_socket != NULL)
		text_printf(error, " by the socket '%s'", readiness->options->unix_socket);
	text_add(error, ": ");
	add_answer(error, &readiness->last_answer, is_http2);
}

/* Asks until the answer is good. The probe stays: it is what looks for the first bad one. */
static int wait_healthy(
	struct readiness *readiness, struct target *target, const char *url, struct text *error)
{
	/* a load balancer probes with GET */
	const struct request_form *asked = &readiness->options->form;
	const struct request_form probe = {
		.headers = asked->headers, .grpc_path = asked->grpc_path};
	int r = health_probe_new(readiness->server->wait->loop, target,
		readiness->has_health_url ? &probe : asked, HEALTH_PERIOD_US,
		readiness->options->health_timeout_us, on_answer, readiness, &readiness->probe);

	if (r < 0) {
		text_printf(error, "cannot ask '%s': %s", url, strerror(-r));
		return r;
	}
	readiness->is_healthy = false;
	readiness->probed = target;
	readiness->last_answer = (struct health_answer){.error = ETIMEDOUT};
	health_probe_start(readiness->probe);
	r = event_wait_until(readiness->server->wait, is_healthy_or_ended, readiness,
		readiness->server->settings->start_timeout_us);
	health_probe_stop(readiness->probe);
	if (r == 0 && !readiness->is_healthy)
		r = -ECHILD;
	if (r < 0 && r != -EINTR)
		add_not_healthy(error, readiness, url, target->is_http2);
	return r;
}

struct early_answer {
	bool has_come;
	struct health_answer answer;
};

/* A connection that is closed or reset without an answer may be one that a server took with its last breath,
 * or a proxy with no server behind it. */
static bool is_from_a_server(const struct health_answer *answer)
{
	return answer->http_status > 0 || answer->error == EBADMSG ||
	       (answer->was_connected && answer->error == ETIMEDOUT);
}

static void on_early_answer(void *user, const struct health_answer *answer)
{
	*(struct early_answer *)user = (struct early_answer){true, *answer};
}

static bool has_come(void *arg)
{
	return ((const struct early_answer *)arg)->has_come;
}

/* Asks once, with a probe of its own. Returns 0, with what came, or -errno; no answer in time is one. */
static int ask_once(struct event_wait *wait, const struct target *target,
	const struct request_form *form, int64_t timeout_us, struct early_answer *ret_answer)
{
	struct health_probe *probe;
	int r;

	*ret_answer = (struct early_answer){.answer = {.error = ETIMEDOUT}};
	r = health_probe_new(wait->loop, target, form, HEALTH_PERIOD_US, timeout_us,
		on_early_answer, ret_answer, &probe);
	if (r < 0)
		return r;
	health_probe_start(probe);
	r = event_wait_until(wait, has_come, ret_answer, 2 * timeout_us);
	health_probe_free(probe);
	return r == -ETIMEDOUT ? 0 : r;
}

bool readiness_still_answers(struct readiness *readiness)
{
	struct early_answer answer;

	return ask_once(readiness->server->wait, &readiness->target, &readiness->options->form,
		       EARLY_TIMEOUT_US, &answer) == 0 &&
	       is_from_a_server(&answer.answer);
}

bool readiness_answers_well(struct readiness *readiness)
{
	const struct drill_options *options = readiness->options;
	struct early_answer answer;

	return ask_once(readiness->server->wait, &readiness->target, &options->form,
		       options->health_timeout_us, &answer) == 0 &&
	       is_good(readiness, &answer.answer);
}

int readiness_check_free(const struct drill_options *options,
	const struct server_settings *settings, struct event_wait *wait, const char *url,
	struct text *error)
{
	struct server server = {.settings = settings, .wait = wait};
	const struct readiness readiness = {.options = options, .server = &server};
	struct early_answer answer = {0};
	struct target target;
	int r;

	if ((settings->kind != SERVER_COMMAND && settings->kind != SERVER_IMAGE) ||
		behind_container(url) != NULL)
		return 0;
	r = open_target(&readiness, url, &target, error);
	if (r < 0)
		return r;
	for (unsigned i = 0; i < target.address_count && r == 0; i++) {
		r = ask_once(wait, &target, &options->form, EARLY_TIMEOUT_US, &answer);
		if (is_from_a_server(&answer.answer))
			break;
		target_try_next_address(&target);
	}
	target_close(&target);
	if (r < 0 && r != -EINTR)
		text_printf(error, "cannot ask '%s': %s", url, strerror(-r));
	if (is_from_a_server(&answer.answer)) {
		text_printf(
			error, "'%s' is answered before the target was started: by another", url);
		return -EADDRINUSE;
	}
	return r;
}

/* Health endpoints speak HTTP/1.1, unless they are a path of the target's own. */
static bool is_same_server(const struct target_url *a, const struct target_url *b)
{
	return a->is_tls == b->is_tls && strcmp(a->authority, b->authority) == 0;
}

int readiness_open(struct readiness *readiness, const struct drill_options *options,
	struct server *server, const char *url, const char *health_url, struct text *error)
{
	int r;

	*readiness = (struct readiness){
		.options = options,
		.server = server,
		.stopped_us = INT64_MAX,
		.unhealthy_us = INT64_MAX,
	};
	r = open_target(readiness, url, &readiness->target, error);
	if (r == 0)
		r = wait_healthy(readiness, &readiness->target, url, error);
	if (r < 0 || health_url == NULL)
		return r;
	health_probe_free(readiness->probe);
	readiness->probe = NULL;
	readiness->has_health_url = true;
	r = open_target(readiness, health_url, &readiness->health, error);
	readiness->health.is_http2 =
		options->is_http2 && is_same_server(&readiness->target.url, &readiness->health.url);
	return r < 0 ? r : wait_healthy(readiness, &readiness->health, health_url, error);
}

void readiness_watch(struct readiness *readiness, int64_t stopped_us)
{
	readiness->stopped_us = stopped_us;
	health_probe_start(readiness->probe);
}

void readiness_close(struct readiness *readiness)
{
	if (readiness->probe != NULL)
		health_probe_free(readiness->probe);
	readiness->probe = NULL;
	target_close(&readiness->target);
	target_close(&readiness->health);
}
