/* SPDX-License-Identifier: MIT */
/* What --app-check asks for the application's health: listen, none, tcp:8080,
 * http://127.0.0.1:8080/health. Only this machine, and numeric but for "localhost": PID 1 asks no
 * resolver, and what is checked is the application beside it. */
#pragma once

#include "core/http/http_url.h"

enum app_check_kind {
	APP_CHECK_LISTEN, /* its listening sockets are polled; it gets no traffic */
	APP_CHECK_TCP, /* it has to accept a connection */
	APP_CHECK_HTTP, /* it has to answer a request with 2xx or 3xx */
	APP_CHECK_NONE, /* it is healthy as long as it runs */
};

struct app_check_target {
	const char *text; /* as it was given */
	enum app_check_kind kind;
	uint16_t port;
	bool any_loopback; /* localhost, and tcp: 127.0.0.1, and ::1 where 127.0.0.1 has no listener */
	struct http_url url; /* of APP_CHECK_HTTP */
};

#define APP_CHECK_PATH_MAX 1024

/* The pointers are into string. Returns 0 or -EINVAL. */
int app_check_target_parse(const char *string, struct app_check_target *ret_target);
