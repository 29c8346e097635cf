/* SPDX-License-Identifier: MIT */
/* The socket to which the application sends its messages (sd_notify(3)), and the one that lastcall's own go to. */
#pragma once

#include "core/codec/notify_message.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>

#define NOTIFY_NAME_BYTES 80

struct notify_socket {
	int fd;
	char name[NOTIFY_NAME_BYTES]; /* as NOTIFY_SOCKET has it */
};

/* Opens a socket with a random name, non-blocking: a file in /dev/shm, /run or /tmp, because Ruby's programs exit
 * where the name is an abstract one (sd_notify.rb of Sidekiq 6.4 and Puma takes `@` for a file's name). Where no file
 * can be made the name is abstract if may_be_abstract, else this fails. The name of PID 1's socket has the number of
 * the pid namespace, by which notify_socket_find() finds it. Returns 0 or -errno. */
int notify_socket_open(bool is_init, bool may_be_abstract, struct notify_socket *ret_socket);

/* Also removes the file. fd below 0: does nothing. */
void notify_socket_close(struct notify_socket *notify);

/* Who the kernel says has sent a datagram. */
struct notify_sender {
	pid_t pid; /* 0: a process that our pid namespace does not have */
	uid_t uid;
};

/* Receives one datagram, terminated, and its sender. The kernel closes descriptors that come with it, because there
 * is no room for them. Returns the length, or -errno: -EAGAIN when there is none, -EMSGSIZE for one that was too long
 * and is gone. */
ssize_t notify_socket_receive(
	int fd, char ret_bytes[static NOTIFY_MESSAGE_MAX + 1], struct notify_sender *ret_sender);

/* Whether a NOTIFY_SOCKET is the socket of a lastcall, and not of another supervisor. */
bool notify_socket_is_lastcalls(const char *name);

/* The name of the socket of the lastcall that is PID 1 of our pid namespace, for a process that has no
 * NOTIFY_SOCKET. Returns 0 or -errno: -ENOENT where there is none. */
int notify_socket_find(char ret_name[static NOTIFY_NAME_BYTES]);

/* A socket of the same kind that messages are sent to. */
struct notify_peer {
	int fd;
	struct sockaddr_un address;
	socklen_t address_len;
};

/* name: as NOTIFY_SOCKET has it. Returns 0 or -errno: -EINVAL for a name that is neither a path nor begins
 * with `@`, or is too long. The descriptor is non-blocking. */
int notify_peer_open(const char *name, struct notify_peer *ret_peer);

/* Returns 0 or -errno: -EAGAIN when its queue is full. */
int notify_peer_send(const struct notify_peer *peer, const char *bytes, size_t len);
