/* SPDX-License-Identifier: MIT */
#include "lastcall/healthcheck_client.h"

#include "lastcall/http_client.h"
#include "sys/fd.h"
#include "sys/init_socket.h"
#include "sys/monoclock.h"
#include "sys/procnet.h"
#include "sys/socket_owner.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* Shorter than any orchestrator's own, so that it is this program that says what was wrong. */
#define TIMEOUT_MS 2000

/* An endpoint on every address is asked on the loopback address. */
static void choose_loopback(struct listen_address *address)
{
	struct sockaddr_in *in4 = (void *)&address->addr;
	struct sockaddr_in6 *in6 = (void *)&address->addr;

	if (address->addr.ss_family == AF_INET && in4->sin_addr.s_addr == htonl(INADDR_ANY))
		in4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else if (address->addr.ss_family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&in6->sin6_addr))
		in6->sin6_addr = in6addr_loopback;
}

/* The state and the busy connections, where the answer is one of a lastcall. */
static void add_state(struct text *text, const char *answer)
{
	const char *state = http_client_find(answer, "\r\n\r\n{\"status\":\"");
	const char *busy = state != NULL ? http_client_find(state, "\"busy\":") : NULL;

	if (state == NULL)
		return;
	state += strlen("\r\n\r\n{\"status\":\"");
	text_add(text, " ");
	text_add_bytes(text, state, strspn(state, "abcdefghijklmnopqrstuvwxyz"));
	if (busy == NULL)
		return;
	busy += strlen("\"busy\":");
	if (*busy < '0' || *busy > '9')
		return; /* null: not known */
	text_add(text, ", ");
	text_add_bytes(text, busy, strspn(busy, "0123456789"));
	text_add(text, " busy");
}

static struct http_target choose_target(const struct options *options)
{
	const struct http_url *url = &options->healthcheck_url;
	struct http_target target = {
		.fd = -1,
		.address = url->path != NULL ? url->address : options->listen,
		.path = url->path != NULL ? url->path : options->health_path,
	};

	choose_loopback(&target.address);
	return target;
}

static void tell(struct text *said, int status, const char *answer, const char *endpoint)
{
	if (status < 0) {
		text_printf(said, "no answer from %s: %s", endpoint, http_client_error(-status));
	} else {
		text_printf(said, "%d", status);
		add_state(said, answer);
	}
}

/* A listener on the default port may be that of another container of the same pod or task. Without a listener
 * there is nothing to confuse. */
static void note_stranger(void *arg, const struct connection *row)
{
	bool *is_stranger = arg;

	if (row->state == TCP_STATE_LISTEN && !socket_owner_is_near(row->inode))
		*is_stranger = true;
}

static bool may_be_a_neighbours(uint16_t port)
{
	struct port_set ports = {0};
	const struct sockdiag_query query = {
		.states = TCP_STATE_BIT(TCP_STATE_LISTEN), .ports = &ports};
	bool is_stranger = false;

	port_set_add(&ports, port);
	return procnet_dump(&query, note_stranger, &is_stranger) < 0 || is_stranger;
}

/* Where we are in a container whose PID 1 is a lastcall, that one is meant, whatever it listens on. Returns false
 * where there is none. */
static bool ask_init(struct text *said, int *ret_status)
{
	msec_t deadline = msec_add(monoclock_now(), TIMEOUT_MS);
	struct http_target target = {.fd = init_socket_connect(TIMEOUT_MS), .path = "/readyz"};
	char answer[4096];

	if (target.fd < 0 && target.fd != -EAGAIN)
		return false;
	*ret_status = target.fd < 0 ? -ETIMEDOUT
				    : http_client_ask(&target, answer, sizeof answer, deadline);
	tell(said, *ret_status, answer, "PID 1");
	return true;
}

/* Returns the answer's status or -errno, with what is to be said of it. */
static int ask_address(const struct options *options, struct text *said)
{
	msec_t deadline = msec_add(monoclock_now(), TIMEOUT_MS);
	struct http_target target = choose_target(options);
	char answer[4096];
	int status = http_client_ask(&target, answer, sizeof answer, deadline);

	if (options->listen.any && options->healthcheck_url.path == NULL &&
		(status == -EAFNOSUPPORT || status == -EADDRNOTAVAIL || status == -ENETUNREACH)) {
		/* where there is no IPv6, the server has taken IPv4 alone */
		target.address = listen_address_of(AF_INET, (const uint8_t[]){127, 0, 0, 1},
			listen_address_port(&options->listen));
		status = http_client_ask(&target, answer, sizeof answer, deadline);
	}
	tell(said, status, answer, target.authority);
	return status;
}

static int ask_and_tell(const struct options *options, struct text *said)
{
	uint16_t port = listen_address_port(&options->listen);
	int status;

	if (options->healthcheck_url.path != NULL)
		return ask_address(options, said);
	if (options->listen_off) {
		text_add(said, "no health endpoint: LASTCALL_LISTEN=off");
		return -ECONNREFUSED;
	}
	if (ask_init(said, &status))
		return status;
	if (options->given[OPTION_LISTEN] == NULL && may_be_a_neighbours(port)) {
		text_printf(said,
			"no lastcall is PID 1 here, and the listener on port %u may be that of "
			"another container of this pod or task: give --healthcheck=URL",
			port);
		return -ECONNREFUSED;
	}
	return ask_address(options, said);
}

int healthcheck_client_run(const struct options *options)
{
	char line[256];
	struct text said;
	int status;

	text_init(&said, line, sizeof line - 1);
	status = ask_and_tell(options, &said);
	line[said.len] = '\n';
	/* without standard output there is still the status */
	(void)fd_write_all(STDOUT_FILENO, line, said.len + 1);
	return status >= 200 && status < 300 ? EXIT_SUCCESS : EXIT_FAILURE;
}
