/* SPDX-License-Identifier: MIT */
/* Writes lines to a descriptor that we share with others without ever blocking on it: a pipe
 * without a reader must not hold PID 1, and O_NONBLOCK set on a shared descriptor would break the
 * application's own writes. Used for the report and for the log. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct report_sink {
	int fd; /* what is written to, and polled for room; -1 is off */
	bool owned; /* close it at the end */
	int method; /* how writes are kept from blocking; private to report_sink.c */
};

/* For a descriptor that was handed to us (1, 2, or of fd:N). Opens a description of our own for it
 * through /proc/self/fd where that is possible and harmless (pipes, terminals), else finds another
 * way. The descriptor stays open and as it was. Returns 0 or -errno (-EBADF: not open; -EINVAL: not
 * open for writing). */
int report_sink_open_fd(int fd, struct report_sink *ret_sink);

/* For a file: appended to, created with mode 0644 if missing. Returns 0 or -errno (-ENXIO: a named
 * pipe without a reader). */
int report_sink_open_path(const char *path, struct report_sink *ret_sink);

/* For a file that is there: appended to. Returns 0 or -errno (-ENOENT: it is not there). */
int report_sink_open_existing(const char *path, struct report_sink *ret_sink);

/* Writes as much as fits without blocking. Returns the bytes written (0 < n <= len), -EAGAIN when
 * it would block (wait for it to be writable), or another -errno (-EPIPE: no reader is left).
 * SIGPIPE and SIGXFSZ must be blocked; one of our own does not outlive the call. A sink that is off
 * takes everything. One gap is left, on a terminal that we may not open: see poll_and_write. */
long report_sink_write(struct report_sink *sink, const char *bytes, size_t len);

/* Writes all of it as long as there is room: a terminal that we may not open takes a line in pieces. Returns 0, or
 * -errno as report_sink_write does. */
int report_sink_write_all(struct report_sink *sink, const char *bytes, size_t len);

/* Leaves the sink off, so that closing it again does no harm. */
void report_sink_close(struct report_sink *sink);
