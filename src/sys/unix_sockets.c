/* SPDX-License-Identifier: MIT */
#include "sys/unix_sockets.h"

struct reader {
	unix_socket_fn *row;
	void *arg;
};

static enum sockdiag_item read_datagram(void *arg, struct sockdiag_cursor *cursor)
{
	const struct reader *reader = arg;
	struct unix_socket socket;
	enum sockdiag_item item;

	while ((item = unix_socket_next(cursor, &socket)) == SOCKDIAG_ROW)
		reader->row(reader->arg, &socket);
	return item;
}

int unix_sockets_dump(struct sockdiag *diag, uint32_t states, unix_socket_fn *row, void *arg)
{
	uint8_t request[UNIX_SOCKET_REQUEST_BYTES];
	struct reader reader = {row, arg};
	size_t len =
		unix_socket_encode_dump(request, sizeof request, states, sockdiag_next_seq(diag));

	return sockdiag_exchange(diag, request, len, read_datagram, &reader);
}
