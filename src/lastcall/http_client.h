/* SPDX-License-Identifier: MIT */
/* Asks an HTTP server once, for the questions of lastcall's own command line. */
#pragma once

#include "core/tcp/listen_address.h"
#include "core/text/msec.h"

#include <stddef.h>

/* What is asked, and how a message names it. */
struct http_target {
	int fd; /* connected already; -1: address is asked */
	struct listen_address address;
	const char *path;
	char authority[64]; /* filled in */
};

/* Closes target->fd. Returns the status of the answer, whose bytes are in buf, terminated and as far as they fit; or
 * -errno, -ETIMEDOUT at the deadline. */
int http_client_ask(struct http_target *target, char *buf, size_t cap, msec_t deadline);

/* What a message says of an errno of http_client_ask. */
const char *http_client_error(int error);

/* The first place of `what` in text, whatever the case of its letters, or NULL. */
const char *http_client_find(const char *text, const char *what);
