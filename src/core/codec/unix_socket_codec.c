/* SPDX-License-Identifier: MIT */
#include "core/codec/unix_socket_codec.h"

#include "core/text/fnv_hash.h"

#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <string.h>
#include <sys/socket.h>

#define SHUT_BOTH 3 /* RCV_SHUTDOWN and SEND_SHUTDOWN: what the peer's close() leaves */

struct request {
	struct nlmsghdr header;
	struct unix_diag_req unix_diag;
};

size_t unix_socket_encode_dump(uint8_t *buf, size_t cap, uint32_t states, uint32_t seq)
{
	const struct request request = {
		.header.nlmsg_len = sizeof request,
		.header.nlmsg_type = SOCK_DIAG_BY_FAMILY,
		.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
		.header.nlmsg_seq = seq,
		.unix_diag.sdiag_family = AF_UNIX,
		.unix_diag.udiag_states = states,
		.unix_diag.udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_VFS | UDIAG_SHOW_PEER |
					UDIAG_SHOW_ICONS | UDIAG_SHOW_RQLEN,
	};

	if (sizeof request > cap)
		return 0;
	memcpy(buf, &request, sizeof request);
	return sizeof request;
}

/* Pending connections whose client has left have no inode any more. */
static uint32_t count_waiting(const uint8_t *at, size_t len)
{
	uint32_t waiting = 0, inode;

	for (; len >= sizeof inode; at += sizeof inode, len -= sizeof inode) {
		memcpy(&inode, at, sizeof inode);
		waiting += inode != 0;
	}
	return waiting;
}

static void read_queue(const struct sockdiag_attribute *attribute, struct unix_socket *socket)
{
	struct unix_diag_rqlen queue;

	if (attribute->len < sizeof queue)
		return;
	memcpy(&queue, attribute->value, sizeof queue);
	socket->rqueue = queue.udiag_rqueue;
}

static bool read_attributes(const uint8_t *at, size_t left, struct unix_socket *socket)
{
	uint64_t name = FNV_HASH_START;
	struct sockdiag_attribute attribute;
	bool is_named = false;
	int r;

	while ((r = sockdiag_next_attribute(&at, &left, &attribute)) > 0) {
		switch (attribute.type) {
		case UNIX_DIAG_NAME:
			is_named = attribute.len > 0;
			socket->has_path = is_named && attribute.value[0] != '\0';
			name = fnv_hash_add(name, attribute.value, attribute.len);
			break;
		case UNIX_DIAG_VFS: /* after the name: a path that was bound anew is another address */
			name = fnv_hash_add(name, attribute.value, attribute.len);
			break;
		case UNIX_DIAG_PEER:
			if (attribute.len == sizeof socket->peer)
				memcpy(&socket->peer, attribute.value, sizeof socket->peer);
			break;
		case UNIX_DIAG_ICONS:
			socket->waiting = count_waiting(attribute.value, attribute.len);
			break;
		case UNIX_DIAG_RQLEN:
			read_queue(&attribute, socket);
			break;
		case UNIX_DIAG_SHUTDOWN: /* comes unasked */
			socket->peer_has_left =
				attribute.len > 0 && attribute.value[0] == SHUT_BOTH;
			break;
		default:
			break;
		}
	}
	socket->address = is_named ? name : 0;
	return r == 0;
}

static bool read_row(const struct sockdiag_message *message, struct unix_socket *ret_socket)
{
	struct unix_diag_msg diag;
	struct unix_socket socket = {0};

	if (message->len < sizeof diag)
		return false;
	memcpy(&diag, message->payload, sizeof diag);
	if (diag.udiag_family != AF_UNIX)
		return false;
	socket.cookie = diag.udiag_cookie[0] | (uint64_t)diag.udiag_cookie[1] << 32;
	socket.inode = diag.udiag_ino;
	socket.type = diag.udiag_type;
	socket.state = diag.udiag_state;
	if (!read_attributes(message->payload + sizeof diag, message->len - sizeof diag, &socket))
		return false;
	*ret_socket = socket;
	return true;
}

enum sockdiag_item unix_socket_next(struct sockdiag_cursor *cursor, struct unix_socket *ret_socket)
{
	struct sockdiag_message message;
	enum sockdiag_item item = sockdiag_next_message(cursor, &message);

	if (item != SOCKDIAG_ROW || read_row(&message, ret_socket))
		return item;
	return sockdiag_malformed(cursor);
}
