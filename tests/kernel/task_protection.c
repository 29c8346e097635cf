/* SPDX-License-Identifier: MIT */
/* A protection that begins, is renewed, fails and ends, in a real loop and a network of our own. The agent is a
 * listening socket in this process; the times are short. */
#include "lastcall/task_protection.h"

#include "kernel/sandbox.h"
#include "sys/fd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define PATIENCE_S 20.0
#define MAX_REQUESTS 16

#define OK(body) "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n" body

static const char confirmed_on[] =
	OK("{\"protection\":{\"ExpirationDate\":\"2030-12-20T21:57:44Z\","
	   "\"ProtectionEnabled\":true,\"TaskArn\":\"arn\"}}");
static const char confirmed_off[] = OK("{\"protection\":{\"ExpirationDate\":null,"
				       "\"ProtectionEnabled\":false,\"TaskArn\":\"arn\"}}");
static const char refused[] = OK("{\"failure\":{\"Arn\":\"arn\",\"Detail\":null,\"Reason\":"
				 "\"DEPLOYMENT_BLOCKED\"}}");

static const struct protection_times quick = {
	.look = 20, .idle = 60, .expires = 400, .renew = 300, .pause = 20, .pause_max = 40};

struct fixture {
	struct ev_loop *loop;
	struct log log;
	struct task_protection protection;
	bool has_work;

	int listener;
	ev_io acceptor;
	ev_timer impatience;
	const char *refusal; /* the next answer; NULL: what was asked for is confirmed */
	char requests[MAX_REQUESTS][512];
	unsigned count;
	unsigned wanted; /* the loop ends at so many */
};

static bool has_work(void *arg, msec_t now)
{
	const struct fixture *f = arg;

	(void)now;
	return f->has_work;
}

/* One request, from its first byte to the end of its body: all of it comes at once. */
static void on_accept(struct ev_loop *loop, ev_io *io, int events)
{
	struct fixture *f = io->data;
	int fd = accept4(io->fd, NULL, NULL, SOCK_CLOEXEC);
	char *request = f->requests[f->count % MAX_REQUESTS];
	const char *reply;
	ssize_t got;

	(void)events;
	assert_true(fd >= 0);
	got = recv(fd, request, sizeof f->requests[0] - 1, 0);
	assert_true(got > 0);
	request[got] = '\0';
	f->count++;
	reply = f->refusal != NULL                                      ? f->refusal
		: strstr(request, "\"ProtectionEnabled\":true") != NULL ? confirmed_on
									: confirmed_off;
	assert_int_equal(send(fd, reply, strlen(reply), MSG_NOSIGNAL), strlen(reply));
	(void)close(fd);
	if (f->count >= f->wanted)
		ev_break(loop, EVBREAK_ALL);
}

static void on_impatience(struct ev_loop *loop, ev_timer *timer, int events)
{
	(void)loop;
	(void)timer;
	(void)events;
	fail_msg("nothing happened in %g s", PATIENCE_S);
}

/* Runs until so many requests have come in all, and the last one's answer was taken. */
static void run_until(struct fixture *f, unsigned wanted)
{
	f->wanted = wanted;
	ev_timer_again(f->loop, &f->impatience);
	if (f->count < wanted)
		ev_run(f->loop, 0);
	while (agent_exchange_is_under_way(&f->protection.exchange))
		ev_run(f->loop, EVRUN_ONCE);
	ev_timer_stop(f->loop, &f->impatience);
}

static int set_up(void **state)
{
	static struct fixture fixture;
	static char uri[64];
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t len = sizeof address;
	struct fixture *f = &fixture;

	*f = (struct fixture){.log = {.sink = {.fd = -1}}};
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	f->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (f->listener < 0 || bind(f->listener, (struct sockaddr *)&address, len) < 0 ||
		listen(f->listener, 8) < 0 ||
		getsockname(f->listener, (struct sockaddr *)&address, &len) < 0)
		return -1;
	(void)snprintf(uri, sizeof uri, "http://127.0.0.1:%u/api/id", ntohs(address.sin_port));
	f->loop = ev_loop_new(EVFLAG_NOENV);
	ev_io_init(&f->acceptor, on_accept, f->listener, EV_READ);
	f->acceptor.data = f;
	ev_io_start(f->loop, &f->acceptor);
	ev_timer_init(&f->impatience, on_impatience, 0., PATIENCE_S);
	task_protection_init(&f->protection, f->loop, uri, has_work, f, &f->log);
	task_protection_set_times(&f->protection, &quick);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	task_protection_stop(&f->protection);
	ev_loop_destroy(f->loop);
	(void)fd_close(f->listener);
	return 0;
}

static bool asks_for(const char *request, const char *is_on)
{
	return strstr(request, is_on) != NULL;
}

#define ON "\"ProtectionEnabled\":true"
#define OFF "\"ProtectionEnabled\":false"

static void work_is_protected_and_rest_is_not(void **state)
{
	struct fixture *f = *state;

	f->has_work = true;
	task_protection_start(&f->protection);
	run_until(f, 1);
	assert_true(task_protection_is_on(&f->protection));
	assert_true(asks_for(f->requests[0], "PUT /api/id/task-protection/v1/state HTTP/1.0\r\n"));
	assert_true(asks_for(f->requests[0], "\r\nContent-Type: application/json\r\n"));
	assert_true(asks_for(f->requests[0], "{" ON ",\"ExpiresInMinutes\":1}"));
	run_until(f, 2); /* renewed before it expires */
	assert_true(asks_for(f->requests[1], ON));
	f->has_work = false;
	run_until(f, 3);
	assert_true(asks_for(f->requests[2], "{" OFF "}"));
	assert_false(task_protection_is_on(&f->protection));
}

static void a_refusal_with_status_200_protects_nothing(void **state)
{
	struct fixture *f = *state;

	f->has_work = true;
	f->refusal = refused;
	task_protection_start(&f->protection);
	run_until(f, 3); /* tried again, after a pause */
	assert_false(task_protection_is_on(&f->protection));
	assert_int_equal(f->protection.plan.failures, 3);
	f->refusal = NULL;
	run_until(f, 4);
	assert_true(task_protection_is_on(&f->protection));
	assert_int_equal(f->protection.plan.failures, 0);
}

static void a_stop_ends_the_looks(void **state)
{
	struct fixture *f = *state;

	f->has_work = true;
	task_protection_start(&f->protection);
	run_until(f, 1);
	task_protection_stop(&f->protection);
	task_protection_stop(&f->protection);
	assert_false(ev_is_active(&f->protection.timer));
	assert_false(agent_exchange_is_under_way(&f->protection.exchange));
}

static void without_an_agent_nothing_is_looked_for(void **state)
{
	static const char *const uris[] = {NULL, "", "http://agent/api/id", "https://127.0.0.1/"};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof uris / sizeof *uris; i++) {
		struct task_protection protection = {0};

		task_protection_init(&protection, f->loop, uris[i], has_work, f, &f->log);
		task_protection_start(&protection);
		assert_false(ev_is_active(&protection.timer));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			work_is_protected_and_rest_is_not, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_refusal_with_status_200_protects_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_stop_ends_the_looks, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			without_an_agent_nothing_is_looked_for, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, sandbox_enter_network, NULL);
}
