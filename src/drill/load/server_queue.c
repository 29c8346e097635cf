/* SPDX-License-Identifier: MIT */
#include "drill/load/server_queue.h"

#include "drill/load/net_namespace.h"
#include "sys/fd.h"

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

#define DIAG_TYPE (SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK)

/* The ends of a connection, as its client has them. */
struct ends {
	union endpoint mine, other;
};

void server_queue_open(struct server_queue *queue, pid_t server)
{
	*queue = (struct server_queue){.server_fd = -1, .is_table_old = true};
	queue->own_fd = socket(AF_NETLINK, DIAG_TYPE, NETLINK_SOCK_DIAG);
	if (server <= 0 || net_namespace_is_ours(server) == 1)
		return;
	queue->server_fd = net_namespace_socket(server, AF_NETLINK, DIAG_TYPE, NETLINK_SOCK_DIAG);
	if (queue->server_fd < 0)
		queue->pid = server;
}

void server_queue_close(struct server_queue *queue)
{
	if (queue->own_fd >= 0)
		queue->own_fd = fd_close(queue->own_fd);
	if (queue->server_fd >= 0)
		queue->server_fd = fd_close(queue->server_fd);
	tcp_table_done(&queue->table);
}

void server_queue_refresh(struct server_queue *queue)
{
	queue->is_table_old = true;
}

static int find_ends(int fd, struct ends *ret_ends)
{
	socklen_t mine_len = sizeof ret_ends->mine, other_len = sizeof ret_ends->other;

	ret_ends->mine.any.sa_family = AF_UNSPEC;
	if (getsockname(fd, &ret_ends->mine.any, &mine_len) < 0 ||
		getpeername(fd, &ret_ends->other.any, &other_len) < 0)
		return -errno;
	if (ret_ends->mine.any.sa_family != AF_INET && ret_ends->mine.any.sa_family != AF_INET6)
		return -EAFNOSUPPORT;
	return 0;
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
static int ask(int diag_fd, const struct ends *ends)
{
	struct question question = {
		.header = {.nlmsg_len = sizeof question,
			.nlmsg_type = SOCK_DIAG_BY_FAMILY,
			.nlmsg_flags = NLM_F_REQUEST},
		.wanted = {.sdiag_protocol = IPPROTO_TCP,
			.sdiag_family = (__u8)ends->mine.any.sa_family,
			.idiag_states = ANY_STATE,
			.id.idiag_cookie = {INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE}},
	};

	copy_address(&ends->other, question.wanted.id.idiag_src, &question.wanted.id.idiag_sport);
	copy_address(&ends->mine, question.wanted.id.idiag_dst, &question.wanted.id.idiag_dport);
	return send(diag_fd, &question, sizeof question, 0) < 0 ? -errno : 0;
}

static int holds_by_diag(int diag_fd, const struct ends *ends)
{
	union {
		struct nlmsghdr header;
		char bytes[4096];
	} answer;
	const struct inet_diag_msg *found = NLMSG_DATA(&answer.header);
	const struct nlmsgerr *error = NLMSG_DATA(&answer.header);
	int r = ask(diag_fd, ends);
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

static int holds_by_table(struct server_queue *queue, const struct ends *ends)
{
	uint8_t peer[16] = {[10] = 0xff, 0xff}; /* ::ffff:a.b.c.d */
	const struct tcp_table_row *row;
	bool is_ipv4 = ends->mine.any.sa_family == AF_INET;
	int r;

	if (queue->is_table_old) {
		r = tcp_table_read(&queue->table, queue->pid);
		if (r < 0)
			return r;
		queue->is_table_old = false;
	}
	if (is_ipv4)
		memcpy(peer + 12, &ends->mine.in4.sin_addr, 4);
	else
		memcpy(peer, &ends->mine.in6.sin6_addr, sizeof peer);
	row = tcp_table_find(&queue->table, peer,
		ntohs(is_ipv4 ? ends->mine.in4.sin_port : ends->mine.in6.sin6_port),
		ntohs(is_ipv4 ? ends->other.in4.sin_port : ends->other.in6.sin6_port));
	return row == NULL ? -ENOENT : !row->is_accepted;
}

int server_queue_holds(struct server_queue *queue, int fd)
{
	struct ends ends;
	int r = find_ends(fd, &ends);

	if (r < 0)
		return r;
	r = queue->own_fd >= 0 ? holds_by_diag(queue->own_fd, &ends) : -ENOENT;
	if (r < 0 && queue->server_fd >= 0)
		r = holds_by_diag(queue->server_fd, &ends);
	else if (r < 0 && queue->pid > 0)
		r = holds_by_table(queue, &ends);
	return r;
}
