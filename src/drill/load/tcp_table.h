/* SPDX-License-Identifier: MIT */
/* The TCP connections in a process's network namespace, from /proc/PID/net/tcp and tcp6, which every user may
 * read that sees the process. For a program that may allocate. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct tcp_table_row {
	uint8_t peer[16]; /* network order; IPv4 as ::ffff:a.b.c.d */
	uint16_t peer_port, local_port;
	bool is_accepted; /* a process has it: it has an inode (proc(5)) */
};

struct tcp_table {
	struct tcp_table_row *rows; /* sorted */
	size_t count, room;
};

/* Replaces what is in the table, which begins as {0}. Returns 0, or -errno with an empty table. */
int tcp_table_read(struct tcp_table *table, pid_t pid);

/* The connection of this peer to this port; NULL: there is none. */
const struct tcp_table_row *tcp_table_find(const struct tcp_table *table, const uint8_t peer[16],
	uint16_t peer_port, uint16_t local_port);

void tcp_table_done(struct tcp_table *table);
