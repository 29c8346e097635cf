/* SPDX-License-Identifier: MIT */
#include "sys/accept_queue.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#define ANY_STATE (~0U)

struct question {
	struct nlmsghdr header;
	struct inet_diag_req_v2 wanted;
};

union endpoint {
	struct sockaddr any;
	struct sockaddr_in in4;
	struct sockaddr_in6 in6;
};

int accept_queue_open(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_SOCK_DIAG);

	return fd < 0 ? -errno : fd;
}

static void copy_address(const union endpoint *from, __be32 *to, __be16 *port)
{
	if (from->any.sa_family == AF_INET) {
		to[0] = from->in4.sin_addr.s_addr;
		*port = from->in4.sin_port;
	} else {
		memcpy(to, &from->in6.sin6_addr, sizeof from->in6.sin6_addr);
		*port = from->in6.sin6_port;
	}
}

/* The server's socket: its own end is the client's peer. */
static int ask(int diag_fd, int fd)
{
	struct question question = {
		.header = {.nlmsg_len = sizeof question,
			.nlmsg_type = SOCK_DIAG_BY_FAMILY,
			.nlmsg_flags = NLM_F_REQUEST},
		.wanted = {.sdiag_protocol = IPPROTO_TCP,
			.idiag_states = ANY_STATE,
			.id.idiag_cookie = {INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE}},
	};
	union endpoint mine = {.any.sa_family = AF_UNSPEC}, other = mine;
	socklen_t mine_len = sizeof mine, other_len = sizeof other;

	if (getsockname(fd, &mine.any, &mine_len) < 0 ||
		getpeername(fd, &other.any, &other_len) < 0)
		return -errno;
	if (mine.any.sa_family != AF_INET && mine.any.sa_family != AF_INET6)
		return -EAFNOSUPPORT;
	question.wanted.sdiag_family = (__u8)mine.any.sa_family;
	copy_address(&other, question.wanted.id.idiag_src, &question.wanted.id.idiag_sport);
	copy_address(&mine, question.wanted.id.idiag_dst, &question.wanted.id.idiag_dport);
	return send(diag_fd, &question, sizeof question, 0) < 0 ? -errno : 0;
}

int accept_queue_holds(int diag_fd, int fd)
{
	union {
		struct nlmsghdr header;
		char bytes[4096];
	} answer;
	const struct inet_diag_msg *found = NLMSG_DATA(&answer.header);
	const struct nlmsgerr *error = NLMSG_DATA(&answer.header);
	int r = ask(diag_fd, fd);
	ssize_t len;

	if (r < 0)
		return r;
	len = recv(diag_fd, &answer, sizeof answer, 0); /* the kernel answers within the send */
	if (len < 0)
		return -errno;
	if (!NLMSG_OK(&answer.header, (size_t)len))
		return -EBADMSG;
	if (answer.header.nlmsg_type == NLMSG_ERROR &&
		answer.header.nlmsg_len >= NLMSG_LENGTH(sizeof *error))
		return error->error < 0 ? error->error : -EBADMSG;
	if (answer.header.nlmsg_type != SOCK_DIAG_BY_FAMILY ||
		answer.header.nlmsg_len < NLMSG_LENGTH(sizeof *found))
		return -EBADMSG;
	return found->idiag_inode == 0;
}
