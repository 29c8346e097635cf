/* SPDX-License-Identifier: MIT */
/* Lines of a file in /proc, with plain read() and a buffer of its own: stdio allocates. */
#pragma once

#include <stddef.h>

struct line_reader {
	int fd; /* the caller's */
	size_t at, len;
	char buf[4096]; /* what /proc gives at a time */
};

void line_reader_init(struct line_reader *reader, int fd);

/* Returns 1 with the next line, its newline replaced by a NUL, valid until the next call; 0 at the
 * end of the file; or -errno. A line that does not fit into the buffer is passed over, and so is a
 * last one without its newline, for that is half a line. */
int line_reader_next(struct line_reader *reader, const char **ret_line, size_t *ret_len);
