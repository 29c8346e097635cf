/* SPDX-License-Identifier: MIT */
/* Which ports are the application's: those given, else those on which descendants of ours listen.
 * Others in the same network namespace (a pod, an awsvpc task) are none of our business. */
#pragma once

#include "lastcall/detector.h"
#include "sys/process_sockets.h"

#define LISTENERS_MAX 8192 /* listening sockets in the namespace, the neighbours' too */

struct listeners {
	size_t count;
	struct process_socket sockets[LISTENERS_MAX];
};

struct app_ports {
	uint16_t excluded; /* the health endpoint's, which is never the application's; 0: none */
	bool given;
	bool unknown; /* there are listeners that could be the application's */
	bool has_mptcp; /* a listener may speak MPTCP */
	bool tells_mptcp; /* the kernel tells of each row of TCP whether it does */
	uint64_t cgroup; /* whose sockets are ours where /proc does not say all; 0: not known */
	size_t known_count;
	struct port_set set; /* a port once seen stays: connections outlive their listener */
	uint32_t known[LISTENERS_MAX]; /* the inodes of those that the ports were taken from */
	struct listeners found; /* by the last poll, the application's and the neighbours' */
};

void app_ports_add(struct app_ports *ports, struct port_range range);

/* Dumps all listening sockets of the namespace into `found`. Returns 0 or -errno. */
int app_ports_find_listeners(struct app_ports *ports, struct detector *detector);

/* Adds the ports of all that was found last. */
void app_ports_add_found(const struct app_ports *ports, struct port_set *set);

/* Whether what was found last is something else than what the ports were taken from. */
bool app_ports_are_old(const struct app_ports *ports);

/* Marks those sockets that a process of the application holds. Returns whether /proc says so of each; where
 * it does not, their cgroup decides. */
bool app_ports_mark(struct app_ports *ports, struct process_socket *sockets, size_t count);

/* Whether a socket is the application's, as far as the last app_ports_mark can tell. */
bool app_ports_owns(const struct app_ports *ports, const struct process_socket *socket);

/* Takes the ports from what was found last. /proc is only walked when that is new. When no
 * descendant is seen there, that is no lack of permission if app_ended, with all its processes. */
void app_ports_discover(struct app_ports *ports, struct degraded *degraded, bool app_ended);
