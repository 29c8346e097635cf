/* SPDX-License-Identifier: MIT */
#include "sys/notify_socket.h"

#include "core/text/text.h"
#include "sys/fd.h"
#include "sys/line_reader.h"

#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

/* Written to by every user, in memory before on disk. */
static const char directories[][sizeof "/dev/shm/"] = {"/dev/shm/", "/run/", "/tmp/"};
#define DIRECTORY_COUNT (sizeof directories / sizeof *directories)

#define PREFIX "lastcall-notify-"

static int add_namespace(struct text *name)
{
	struct stat namespace;

	if (stat("/proc/self/ns/pid", &namespace) < 0)
		return -errno;
	text_printf(name, "%u-", (unsigned)namespace.st_ino); /* as in init_socket.c */
	return 0;
}

/* What follows the directory: the same for each of them. */
static int make_base_name(bool is_init, struct text *ret_base)
{
	unsigned random[2];

	if (getrandom(random, sizeof random, GRND_NONBLOCK) != (ssize_t)sizeof random)
		return -EAGAIN;
	text_add(ret_base, PREFIX);
	if (is_init)
		(void)add_namespace(ret_base); /* without /proc no process can find it */
	text_printf(ret_base, "%08x%08x", random[0], random[1]);
	return 0;
}

/* Returns the address's length, or -EINVAL. */
static int make_address(const char *name, struct sockaddr_un *ret_address)
{
	size_t len = strlen(name);

	if ((name[0] != '/' && name[0] != '@') || len < 2 || len >= sizeof ret_address->sun_path)
		return -EINVAL;
	*ret_address = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(ret_address->sun_path, name, len);
	if (name[0] == '@')
		ret_address->sun_path[0] = '\0';
	else
		len++; /* a path with its NUL, for the oldest kernels */
	return (int)(offsetof(struct sockaddr_un, sun_path) + len);
}

/* The file is for every user: the application may become another one. */
static int bind_to(struct notify_socket *notify, const char *directory, const char *base)
{
	struct sockaddr_un address;
	struct text name;
	mode_t before;
	int len, r;

	text_init(&name, notify->name, sizeof notify->name);
	text_printf(&name, "%s%s", directory, base);
	len = make_address(notify->name, &address);
	if (len < 0)
		return len;
	before = umask(0);
	r = bind(notify->fd, (const struct sockaddr *)&address, (socklen_t)len) < 0 ? -errno : 0;
	(void)umask(before);
	return r;
}

static int bind_somewhere(struct notify_socket *notify, bool may_be_abstract, const char *base)
{
	int r = -ENOENT;

	for (size_t i = 0; i < DIRECTORY_COUNT && r < 0; i++)
		r = bind_to(notify, directories[i], base);
	return r < 0 && may_be_abstract ? bind_to(notify, "@", base) : r;
}

int notify_socket_open(bool is_init, bool may_be_abstract, struct notify_socket *ret_socket)
{
	fd_cleanup int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	const int on = 1;
	char bytes[NOTIFY_NAME_BYTES];
	struct text base;
	int r;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) < 0)
		return -errno;
	text_init(&base, bytes, sizeof bytes);
	ret_socket->fd = fd;
	r = make_base_name(is_init, &base);
	if (r == 0)
		r = bind_somewhere(ret_socket, may_be_abstract, bytes);
	ret_socket->fd = r == 0 ? fd_steal(&fd) : -1;
	return r;
}

void notify_socket_close(struct notify_socket *notify)
{
	if (notify->fd >= 0 && notify->name[0] == '/')
		(void)unlink(notify->name);
	notify->fd = fd_close(notify->fd);
}

/* The kernel writes the credentials first (scm_recv(), Linux 4.14 to 6.18). */
static void take_sender(struct msghdr *message, struct notify_sender *ret_sender)
{
	const struct cmsghdr *control = CMSG_FIRSTHDR(message);
	struct ucred sender;

	if (control == NULL || control->cmsg_level != SOL_SOCKET ||
		control->cmsg_type != SCM_CREDENTIALS ||
		control->cmsg_len < CMSG_LEN(sizeof sender))
		return;
	memcpy(&sender, CMSG_DATA(control), sizeof sender);
	*ret_sender = (struct notify_sender){.pid = sender.pid, .uid = sender.uid};
}

ssize_t notify_socket_receive(
	int fd, char ret_bytes[static NOTIFY_MESSAGE_MAX + 1], struct notify_sender *ret_sender)
{
	/* Room for the credentials alone: the kernel closes descriptors that find none. */
	union {
		char bytes[CMSG_SPACE(sizeof(struct ucred))];
		struct cmsghdr align;
	} control;
	struct iovec iov = {ret_bytes, NOTIFY_MESSAGE_MAX};
	struct msghdr message = {.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof control.bytes};
	ssize_t len = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (len < 0)
		return -errno;
	*ret_sender = (struct notify_sender){.uid = (uid_t)-1};
	take_sender(&message, ret_sender);
	ret_bytes[len] = '\0';
	return message.msg_flags & MSG_TRUNC ? -EMSGSIZE : len;
}

/* A line of /proc/net/unix ends with the name. */
static const char *name_of_line(const char *line)
{
	const char *space = strrchr(line, ' ');

	return space != NULL ? space + 1 : "";
}

static bool is_name_with(const char *name, const char *prefix)
{
	if (*name == '@')
		return strncmp(name + 1, prefix, strlen(prefix)) == 0;
	for (size_t i = 0; i < DIRECTORY_COUNT; i++) {
		size_t len = strlen(directories[i]);

		if (strncmp(name, directories[i], len) == 0 &&
			strncmp(name + len, prefix, strlen(prefix)) == 0)
			return true;
	}
	return false;
}

bool notify_socket_is_lastcalls(const char *name)
{
	return is_name_with(name, PREFIX);
}

int notify_socket_find(char ret_name[static NOTIFY_NAME_BYTES])
{
	fd_cleanup int fd = open("/proc/net/unix", O_RDONLY | O_CLOEXEC);
	char prefix_bytes[NOTIFY_NAME_BYTES];
	struct line_reader reader;
	struct text prefix, name;
	const char *line;
	size_t len;
	int r;

	if (fd < 0)
		return -errno;
	text_init(&prefix, prefix_bytes, sizeof prefix_bytes);
	text_add(&prefix, PREFIX);
	r = add_namespace(&prefix);
	if (r < 0)
		return r;
	line_reader_init(&reader, fd);
	while ((r = line_reader_next(&reader, &line, &len)) > 0) {
		if (!is_name_with(name_of_line(line), prefix_bytes))
			continue;
		text_init(&name, ret_name, NOTIFY_NAME_BYTES);
		text_add(&name, name_of_line(line));
		return name.truncated ? -ENOENT : 0;
	}
	return r < 0 ? r : -ENOENT;
}

static int connect_peer(const struct notify_peer *peer)
{
	return connect(peer->fd, (const struct sockaddr *)&peer->address, peer->address_len);
}

int notify_peer_open(const char *name, struct notify_peer *ret_peer)
{
	int len = make_address(name, &ret_peer->address);

	if (len < 0)
		return len;
	ret_peer->address_len = (socklen_t)len;
	ret_peer->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (ret_peer->fd < 0)
		return -errno;
	(void)connect_peer(ret_peer); /* the receiver may come later */
	return 0;
}

int notify_peer_send(const struct notify_peer *peer, const char *bytes, size_t len)
{
	ssize_t sent = send(peer->fd, bytes, len, MSG_NOSIGNAL);

	if (sent < 0 && (errno == ENOTCONN || errno == ECONNREFUSED)) {
		/* the receiver was not there yet, or is another one by now */
		if (connect_peer(peer) < 0)
			return -errno;
		sent = send(peer->fd, bytes, len, MSG_NOSIGNAL);
	}
	return sent < 0 ? -errno : 0;
}
