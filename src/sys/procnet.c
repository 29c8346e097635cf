/* SPDX-License-Identifier: MIT */
#include "sys/procnet.h"

#include "core/text/number.h"
#include "core/codec/procnet_codec.h"
#include "sys/fd.h"
#include "sys/line_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>

static bool is_asked_for(const struct sockdiag_query *query, const struct connection *connection)
{
	if (!(query->states & TCP_STATE_BIT(connection->state)))
		return false;
	return query->ports == NULL || port_set_has(query->ports, connection->local_port);
}

static int dump_file(const char *path, uint8_t family, const struct sockdiag_query *query,
	connection_fn *row, void *arg)
{
	fd_cleanup int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct line_reader reader;
	struct connection connection;
	const char *line;
	size_t len;
	int r;

	if (fd < 0)
		return -errno;
	line_reader_init(&reader, fd);
	while ((r = line_reader_next(&reader, &line, &len)) > 0) {
		if (procnet_decode_line(line, len, family, &connection) == 0 &&
			is_asked_for(query, &connection))
			row(arg, &connection);
	}
	return r;
}

int procnet_dump(const struct sockdiag_query *query, connection_fn *row, void *arg)
{
	int r;

	r = dump_file("/proc/net/tcp", AF_INET, query, row, arg);
	if (r < 0)
		return r;
	r = dump_file("/proc/net/tcp6", AF_INET6, query, row, arg);
	return r == -ENOENT ? 0 : r; /* without IPv6 all there is has been seen */
}

/* A line of sockstat is "TCP: inuse 3 orphan 0 tw 1 alloc 4 mem 0", of sockstat6 "TCP6: inuse 1". */
static int count_in_file(const char *path, const char *heading)
{
	fd_cleanup int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct line_reader reader;
	const char *line;
	size_t len;
	int r;

	if (fd < 0)
		return -errno;
	line_reader_init(&reader, fd);
	while ((r = line_reader_next(&reader, &line, &len)) > 0) {
		if (strncmp(line, heading, strlen(heading)) != 0)
			continue;
		line += strlen(heading);
		return (int)number_take_signed(&line);
	}
	return r < 0 ? r : -ENODATA;
}

int procnet_count_sockets(void)
{
	int v4 = count_in_file("/proc/net/sockstat", "TCP: inuse ");
	int v6 = count_in_file("/proc/net/sockstat6", "TCP6: inuse ");

	if (v4 < 0)
		return v4;
	if (v6 < 0)
		return v6 == -ENOENT ? v4 : v6;
	return v4 + v6;
}
