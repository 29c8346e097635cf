/* SPDX-License-Identifier: MIT */
#include "drill/load/tcp_table.h"

#include "core/codec/procnet_codec.h"
#include "sys/fd.h"
#include "sys/line_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static const uint8_t mapped[12] = {[10] = 0xff, 0xff}; /* ::ffff:0:0/96 (RFC 4291 2.5.5.2) */

static int add_row(struct tcp_table *table, const struct connection *connection)
{
	struct tcp_table_row *row;

	if (table->count == table->room) {
		size_t room = table->room > 0 ? 2 * table->room : 256;
		struct tcp_table_row *rows = reallocarray(table->rows, room, sizeof *rows);

		if (rows == NULL)
			return -ENOMEM;
		table->rows = rows;
		table->room = room;
	}
	row = &table->rows[table->count++];
	*row = (struct tcp_table_row){.peer_port = connection->peer_port,
		.local_port = connection->local_port,
		.is_accepted = connection->inode != 0};
	if (connection->family == AF_INET6) {
		memcpy(row->peer, connection->peer, sizeof row->peer);
	} else {
		memcpy(row->peer, mapped, sizeof mapped);
		memcpy(row->peer + sizeof mapped, connection->peer, 4);
	}
	return 0;
}

static int read_file(struct tcp_table *table, pid_t pid, const char *name, uint8_t family)
{
	struct connection connection;
	struct line_reader reader;
	fd_cleanup int fd = -1;
	const char *line;
	char path[40];
	size_t len;
	int r;

	(void)snprintf(path, sizeof path, "/proc/%d/net/%s", (int)pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	line_reader_init(&reader, fd);
	while ((r = line_reader_next(&reader, &line, &len)) > 0) {
		if (procnet_decode_line(line, len, family, &connection) < 0 ||
			connection.state == TCP_STATE_LISTEN)
			continue;
		r = add_row(table, &connection);
		if (r < 0)
			return r;
	}
	return r;
}

static int compare(const void *a, const void *b)
{
	const struct tcp_table_row *x = a, *y = b;

	if (x->peer_port != y->peer_port)
		return x->peer_port < y->peer_port ? -1 : 1;
	if (x->local_port != y->local_port)
		return x->local_port < y->local_port ? -1 : 1;
	return memcmp(x->peer, y->peer, sizeof x->peer);
}

int tcp_table_read(struct tcp_table *table, pid_t pid)
{
	int r;

	table->count = 0;
	r = read_file(table, pid, "tcp", AF_INET);
	if (r == 0)
		r = read_file(table, pid, "tcp6", AF_INET6);
	if (r == -ENOENT && table->count > 0)
		r = 0; /* without IPv6 */
	if (r < 0)
		table->count = 0;
	if (table->count > 0)
		qsort(table->rows, table->count, sizeof *table->rows, compare);
	return r;
}

const struct tcp_table_row *tcp_table_find(const struct tcp_table *table, const uint8_t peer[16],
	uint16_t peer_port, uint16_t local_port)
{
	struct tcp_table_row wanted = {.peer_port = peer_port, .local_port = local_port};

	if (table->count == 0)
		return NULL;
	memcpy(wanted.peer, peer, sizeof wanted.peer);
	return bsearch(&wanted, table->rows, table->count, sizeof *table->rows, compare);
}

void tcp_table_done(struct tcp_table *table)
{
	free(table->rows);
	*table = (struct tcp_table){0};
}
