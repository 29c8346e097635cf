/* SPDX-License-Identifier: MIT */
/* Has the other end of a TCP connection been accepted? The kernel of this network namespace knows of a
 * server's socket before accept(2) has made a file of it: until then it has no inode (inet_diag(7),
 * idiag_inode; sock_i_ino() in the kernel). */
#pragma once

/* A socket for accept_queue_holds. Returns it, or -errno where there is no sock_diag. */
int accept_queue_open(void);

/* fd is the connected client's end. Returns 1 while the connection waits for accept(2), 0 when it was
 * accepted, or -errno: -ENOENT where the server's end is in another network namespace. */
int accept_queue_holds(int diag_fd, int fd);
