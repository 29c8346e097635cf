/* SPDX-License-Identifier: MIT */
/* The application's ports: those of --port, else those on which lastcall's descendants listen. Other listeners in
 * the same network namespace (a pod, an awsvpc task) do not count. */
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
	bool tells_mptcp; /* the kernel marks each TCP row of an MPTCP connection */
	uint64_t
		cgroup; /* of the application's sockets where /proc does not show all; 0: not known */
	size_t known_count;
	struct port_set set; /* a port once seen stays: connections outlive their listener */
	uint32_t known[LISTENERS_MAX]; /* the inodes of those that the ports were taken from */
	struct listeners found; /* by the last poll, the application's and the neighbours' */
};

void app_ports_add(struct app_ports *ports, struct port_range range);

/* Dumps all listening sockets of the namespace into `found`. Returns 0 or -errno. */
int app_ports_find_listeners(struct app_ports *ports, struct detector *detector);

/* Adds the ports of all listeners that were found last. */
void app_ports_add_found(const struct app_ports *ports, struct port_set *set);

/* Adds the ports of those that are the application's, for a question between polls: the application's ports stay
 * as they are. Returns whether /proc or the cgroup could tell. */
bool app_ports_add_own(struct app_ports *ports, struct port_set *set);

/* Whether the listeners that were found last differ from those that the ports were taken from. */
bool app_ports_are_old(const struct app_ports *ports);

/* Marks those sockets that a process of the application holds. Returns whether /proc shows that of
 * every process; where it does not, the socket's cgroup decides. */
bool app_ports_mark(struct app_ports *ports, struct process_socket *sockets, size_t count);

/* Whether a socket is the application's, as far as the last app_ports_mark can tell. */
bool app_ports_owns(const struct app_ports *ports, const struct process_socket *socket);

/* Takes the ports from the listeners found last. Walks /proc only when these are new. When no
 * descendant is seen there, that is no lack of permission if app_ended, with all its processes. */
void app_ports_discover(struct app_ports *ports, struct degraded *degraded, bool app_ended);
