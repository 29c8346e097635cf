/* SPDX-License-Identifier: MIT */
#include "sys/line_reader.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

void line_reader_init(struct line_reader *reader, int fd)
{
	reader->fd = fd;
	reader->at = 0;
	reader->len = 0;
}

/* Moves the beginning of a line to the front and reads on behind it. Returns like read(). */
static ssize_t refill(struct line_reader *reader)
{
	size_t kept = reader->len - reader->at;
	ssize_t got;

	memmove(reader->buf, reader->buf + reader->at, kept);
	reader->at = 0;
	reader->len = kept;
	do {
		got = read(reader->fd, reader->buf + kept, sizeof reader->buf - kept);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return -errno;
	reader->len += (size_t)got;
	return got;
}

int line_reader_next(struct line_reader *reader, const char **ret_line, size_t *ret_len)
{
	bool too_long = false;

	for (;;) {
		char *line = reader->buf + reader->at;
		char *newline = memchr(line, '\n', reader->len - reader->at);
		ssize_t got;

		if (newline != NULL) {
			reader->at = (size_t)(newline + 1 - reader->buf);
			if (too_long) {
				too_long = false;
				continue;
			}
			*newline = '\0';
			*ret_line = line;
			*ret_len = (size_t)(newline - line);
			return 1;
		}
		if (reader->len - reader->at == sizeof reader->buf) {
			too_long = true;
			reader->at = reader->len;
		}
		got = refill(reader);
		if (got <= 0)
			return (int)got;
	}
}
