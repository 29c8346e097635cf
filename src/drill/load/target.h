/* SPDX-License-Identifier: MIT */
/* Where requests go: the address behind a URL, looked up once, and how it is spoken to. */
#pragma once

#include "drill/core/target_url.h"

#include <stdbool.h>
#include <sys/socket.h>

struct ssl_ctx_st;

struct target {
	struct target_url url;
	struct sockaddr_storage address; /* the first that the name has */
	socklen_t address_len;
	char interface[16]; /* that the route to it uses when it is looked up; empty: loopback, or not known.
			     * Connections are bound to it: when a container's link goes they must not
			     * leave by the default route */
	bool is_http2; /* by ALPN with TLS, else by prior knowledge (RFC 9113 3.3) */
	struct ssl_ctx_st *tls; /* NULL: plain HTTP; several targets may share one */
};

/* Why there is no target. */
enum target_stage {
	TARGET_URL, /* -EINVAL: it is not http[s]://HOST[:PORT][/PATH] */
	TARGET_LOOKUP, /* -ENOENT: the name has no address */
	TARGET_REMOTE, /* -EACCES: it is not this host, and that was not allowed */
};

/* Reads a URL and looks its name up. Names may take seconds: before the event loop. Without allow_remote
 * every address but the loopback's is refused, and `localhost` is the loopback whatever a resolver says.
 * Returns 0, or -errno with the step that failed. */
int target_open(
	struct target *target, const char *url, bool allow_remote, enum target_stage *ret_stage);

/* 127.0.0.0/8, ::1, and the first as ::ffff:127.0.0.0/104. */
bool target_is_loopback(const struct target *target);

/* For an https target: who is trusted to say that the server is who it claims to be. ca_file: PEM, NULL
 * for the system's; is_insecure: anybody is who he claims to be. Returns 0, or -EINVAL where the file
 * cannot be read as certificates. */
int target_start_tls(struct target *target, const char *ca_file, bool is_insecure);

/* The same for another target, which then has the same trust. */
void target_share_tls(struct target *target, const struct target *with);

void target_close(struct target *target);
