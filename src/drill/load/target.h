/* SPDX-License-Identifier: MIT */
/* Where requests go: the address behind a URL, looked up once, and how it is spoken to. */
#pragma once

#include "drill/core/target_url.h"

#include <stdbool.h>
#include <sys/socket.h>

struct ssl_ctx_st;

#define TARGET_MAX_ADDRESSES 8
#define TARGET_MAX_DETOURS 8

/* --connect-to: connections to the one go to the other, and say that they are for the first. */
struct target_detour {
	char from[TARGET_URL_HOST_BYTES], to[TARGET_URL_HOST_BYTES]; /* empty: any, or as it is */
	uint16_t from_port, to_port; /* 0: the same */
};

/* HOST:PORT:HOST:PORT as curl has it: IPv6 in brackets, any part may be empty. Returns 0 or -EINVAL. */
int target_detour_parse(const char *text, struct target_detour *ret_detour);

/* How addresses are found, and which are allowed. */
struct target_way {
	bool allow_remote;
	const char *unix_socket; /* NULL: TCP */
	const struct target_detour *detours;
	unsigned detour_count;
};

struct target {
	struct target_url url;
	struct sockaddr_storage address; /* that connections go to: one of those below */
	socklen_t address_len;
	struct target_address {
		struct sockaddr_storage address;
		socklen_t len;
	} addresses[TARGET_MAX_ADDRESSES]; /* that the name has, and that are allowed */
	unsigned address_count, address_used;
	char interface[16]; /* that the route to it uses when it is looked up; empty: loopback, or not known.
			     * Connections are bound to it: when a container's link goes they must not
			     * leave by the default route */
	bool is_http2; /* by ALPN with TLS, else by prior knowledge (RFC 9113 3.3) */
	struct ssl_ctx_st *tls; /* owned; NULL: plain HTTP */
};

/* Why there is no target. */
enum target_stage {
	TARGET_URL, /* -EINVAL: it is not http[s]://HOST[:PORT][/PATH] */
	TARGET_LOOKUP, /* -ENOENT: the name has no address */
	TARGET_REMOTE, /* -EREMOTE: it is not this host, and that was not allowed */
	TARGET_SOCKET, /* -EINVAL: the path of the unix socket is too long */
};

/* Reads a URL and looks its name up. Names may take seconds: before the event loop. Without allow_remote
 * every address but the loopback's is refused, and `localhost` is the loopback whatever a resolver says.
 * Returns 0, or -errno with the step that failed. */
int target_open(struct target *target, const char *url, const struct target_way *way,
	enum target_stage *ret_stage);

/* Connections go to the next address of the name from now on, behind the last to the first again. */
void target_try_next_address(struct target *target);

/* 127.0.0.0/8, ::1, and the first as ::ffff:127.0.0.0/104; and a unix socket. */
bool target_is_loopback(const struct target *target);

/* For an https target: the authorities whose certificates are trusted. ca_file: PEM, NULL for the
 * system's; is_insecure: every certificate is accepted. Returns 0, or -EINVAL where the file
 * cannot be read as certificates. */
int target_start_tls(struct target *target, const char *ca_file, bool is_insecure);

/* The client's own certificate, in PEM with those that it follows from, and its key; key_file NULL: in the
 * same file. Returns 0, or -EINVAL where they cannot be read or do not belong together. */
int target_use_certificate(struct target *target, const char *cert_file, const char *key_file);

void target_close(struct target *target);
