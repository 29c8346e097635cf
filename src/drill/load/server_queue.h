/* SPDX-License-Identifier: MIT */
/* Has the other end of a TCP connection been accepted? The kernel knows of a server's socket before accept(2)
 * has made a file of it: until then it has no inode (inet_diag(7), idiag_inode; sock_i_ino() in the kernel).
 * The server's socket is in the network namespace of the drill, or in that of the server's process. */
#pragma once

#include "drill/load/tcp_table.h"

struct server_queue {
	int own_fd; /* sock_diag here; below 0: there is none */
	int server_fd; /* sock_diag in the server's namespace; below 0: there is none, or it is ours */
	pid_t pid; /* whose table is read where no sock_diag is allowed; 0: none */
	struct tcp_table table;
	bool is_table_old;
};

/* server: a process in the server's network namespace; 0: not known. */
void server_queue_open(struct server_queue *queue, pid_t server);
void server_queue_close(struct server_queue *queue);

/* Time has passed: what was read of the queue before does not hold any more. */
void server_queue_refresh(struct server_queue *queue);

/* fd is the connected client's end. Returns 1 while the connection waits for accept(2), 0 when it was
 * accepted, or -errno where that is not known: -ENOENT where the server's end is in neither namespace, as
 * behind a proxy or a translated address, -EAFNOSUPPORT for a unix socket. */
int server_queue_holds(struct server_queue *queue, int fd);
