/* SPDX-License-Identifier: MIT */
#include "sys/report_sink.h"

#include "core/text/text.h"
#include "sys/fd.h"
#include "sys/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef RWF_NOWAIT
#define RWF_NOWAIT 0x00000008
#endif

/* How a write is kept from blocking. */
enum method {
	/* It does not block: a description of our own with O_NONBLOCK, a file, /dev/null. */
	METHOD_WRITE,
	METHOD_SEND, /* a socket: each call says for itself that it must not block */

	/* A pipe of which we could get no description of our own: */
	METHOD_NOWAIT, /* each call says so; since Linux 6.4, and not for named pipes */
	METHOD_SPLICE, /* moved over from a pipe of ours; any Linux */

	/* A terminal of which we could get no description of our own. */
	METHOD_POLL,
};

static const int open_flags = O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;

static bool is_same_file(int a, int b)
{
	struct stat stat_a, stat_b;

	return fstat(a, &stat_a) == 0 && fstat(b, &stat_b) == 0 && stat_a.st_dev == stat_b.st_dev &&
	       stat_a.st_ino == stat_b.st_ino;
}

/* Opens the file of a descriptor once more. Fails without /proc; with EACCES for the pipes and
 * terminals that root made for a process that has become another user since; with ENXIO for a pipe
 * that has no reader. */
static int reopen(int fd)
{
	char path_bytes[sizeof "/proc/self/fd/-2147483648"];
	fd_cleanup int again = -1;
	struct text path;

	text_init(&path, path_bytes, sizeof path_bytes);
	text_printf(&path, "/proc/self/fd/%d", fd);
	again = open(path_bytes, open_flags);
	if (again < 0)
		return -errno;
	if (!is_same_file(fd, again))
		return -ESTALE; /* what is mounted on /proc is not a proc of ours */
	return fd_steal(&again);
}

/* By the system call itself: its request is an int to musl and unsigned long to glibc, and this one,
 * with its highest bit set, cannot be handed to both without a change of sign. */
static int terminal_device(int fd, unsigned *ret_device)
{
	return (int)syscall(SYS_ioctl, fd, TIOCGDEV, ret_device);
}

/* A process may open its controlling terminal by this alias even where it may not open the device
 * itself, which is what `docker run -t` with an entrypoint that gives up root leads to. */
static int reopen_terminal(int fd)
{
	unsigned device, controlling;
	fd_cleanup int again = open("/dev/tty", open_flags);

	if (again < 0)
		return -errno;
	if (terminal_device(fd, &device) < 0 || terminal_device(again, &controlling) < 0)
		return -errno;
	return device == controlling ? fd_steal(&again) : -ENXIO;
}

/* The clone device makes a new terminal at each open. */
static bool is_terminal_master(const struct stat *file)
{
	return file->st_rdev == makedev(5, 2);
}

static struct report_sink sink_to_theirs(int fd, enum method method)
{
	return (struct report_sink){.fd = fd, .owned = false, .method = (int)method};
}

static struct report_sink sink_to_ours(int fd)
{
	return (struct report_sink){.fd = fd, .owned = true, .method = METHOD_WRITE};
}

static struct report_sink sink_to_pipe(int fd)
{
	int ours = reopen(fd);

	return ours >= 0 ? sink_to_ours(ours) : sink_to_theirs(fd, METHOD_NOWAIT);
}

static struct report_sink sink_to_terminal(int fd, const struct stat *file)
{
	int ours = -ENXIO;

	if (!is_terminal_master(file)) {
		ours = reopen(fd);
		if (ours < 0)
			ours = reopen_terminal(fd);
	}
	return ours >= 0 ? sink_to_ours(ours) : sink_to_theirs(fd, METHOD_POLL);
}

int report_sink_open_fd(int fd, struct report_sink *ret_sink)
{
	int flags = fcntl(fd, F_GETFL);
	struct stat file;

	if (flags < 0 || fstat(fd, &file) < 0)
		return -errno;
	if (flags & O_PATH)
		return -EBADF;
	if ((flags & O_ACCMODE) == O_RDONLY)
		return -EINVAL;
	if (S_ISFIFO(file.st_mode))
		*ret_sink = sink_to_pipe(fd);
	else if (S_ISSOCK(file.st_mode))
		*ret_sink = sink_to_theirs(fd, METHOD_SEND);
	else if (S_ISCHR(file.st_mode) && isatty(fd))
		*ret_sink = sink_to_terminal(fd, &file);
	else
		*ret_sink = sink_to_theirs(fd, METHOD_WRITE);
	return 0;
}

static int open_file(const char *path, int more_flags, struct report_sink *ret_sink)
{
	int fd = open(path, open_flags | O_APPEND | more_flags, 0644);

	if (fd < 0)
		return -errno;
	*ret_sink = sink_to_ours(fd);
	return 0;
}

int report_sink_open_path(const char *path, struct report_sink *ret_sink)
{
	return open_file(path, O_CREAT, ret_sink);
}

int report_sink_open_existing(const char *path, struct report_sink *ret_sink)
{
	return open_file(path, 0, ret_sink);
}

static long write_or_errno(int fd, const char *bytes, size_t len)
{
	ssize_t written = write(fd, bytes, len);

	return written < 0 ? -errno : written;
}

static long send_now(int fd, const char *bytes, size_t len)
{
	ssize_t sent = send(fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);

	return sent < 0 ? -errno : sent;
}

/* By number, for musl has no function for it before 1.2.5. */
static long write_nowait(int fd, const char *bytes, size_t len)
{
	struct iovec part = {.iov_base = (void *)(uintptr_t)bytes, .iov_len = len};
	long written = syscall(SYS_pwritev2, fd, &part, 1UL, -1L, -1L, RWF_NOWAIT);

	return written < 0 ? -errno : written;
}

/* What goes from pipe to pipe is moved under the locks of both: there is room, or it is EAGAIN. To
 * poll and then write would leave a gap in which another writer fills the pipe, and we block. */
static long splice_over(int fd, const char *bytes, size_t len)
{
	fd_cleanup int from = -1;
	fd_cleanup int to = -1;
	int ends[2];
	ssize_t staged, moved;

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
		return -errno;
	from = ends[0];
	to = ends[1];
	staged = write(to, bytes, len);
	if (staged < 0)
		return -errno;
	moved = splice(from, NULL, fd, NULL, (size_t)staged, SPLICE_F_NONBLOCK);
	return moved < 0 ? -errno : moved;
}

/* A terminal that takes output has room for 256 bytes (its buffers come in such pieces), and a
 * line feed may become two. What is left is that another writer fills it, or a user presses
 * Ctrl-S, between the two calls: no write to a description that blocks is without that gap on a
 * terminal. */
static long poll_and_write(int fd, const char *bytes, size_t len)
{
	struct pollfd room = {.fd = fd, .events = POLLOUT};
	const size_t always_fits = 128;

	if (poll(&room, 1, 0) < 0)
		return -errno;
	if (room.revents == 0)
		return -EAGAIN;
	return write_or_errno(fd, bytes, len < always_fits ? len : always_fits);
}

/* ENOSYS and EPERM are from seccomp filters that do not know the call. */
static bool is_unsupported(long error)
{
	return error == -EOPNOTSUPP || error == -ENOSYS || error == -EPERM;
}

static long write_by_method(struct report_sink *sink, const char *bytes, size_t len)
{
	long written;

	switch ((enum method)sink->method) {
	case METHOD_WRITE:
		return write_or_errno(sink->fd, bytes, len);
	case METHOD_SEND:
		return send_now(sink->fd, bytes, len);
	case METHOD_NOWAIT:
		written = write_nowait(sink->fd, bytes, len);
		if (!is_unsupported(written))
			return written;
		sink->method = METHOD_SPLICE;
		return splice_over(sink->fd, bytes, len);
	case METHOD_SPLICE:
		return splice_over(sink->fd, bytes, len);
	case METHOD_POLL:
		return poll_and_write(sink->fd, bytes, len);
	}
	return -EINVAL; /* not a sink that we opened */
}

/* Takes back the signal that came with an error of write: SIGPIPE where the last reader is gone,
 * SIGXFSZ above RLIMIT_FSIZE. The kernel raises it for the writing thread, whose own signals
 * sigtimedwait takes before those of the process: one that another process sent stays pending. */
static void discard_signal_of(long error)
{
	if (error == -EPIPE)
		signals_discard(SIGPIPE);
	else if (error == -EFBIG)
		signals_discard(SIGXFSZ);
}

/* Every signal is blocked in our process (sys/signals.h), so that one of our own write stays pending
 * until it is taken back. Blocking it here once more would cost more than two calls: glibc's
 * sigprocmask cannot put back a mask that held 32 and 33. */
static long write_without_signal(struct report_sink *sink, const char *bytes, size_t len)
{
	long written;

	do
		written = write_by_method(sink, bytes, len);
	while (written == -EINTR);
	discard_signal_of(written);
	return written;
}

long report_sink_write(struct report_sink *sink, const char *bytes, size_t len)
{
	long written;

	if (sink->fd < 0 || len == 0)
		return (long)len;
	if (sink->method == METHOD_SEND)
		return send_now(sink->fd, bytes, len);
	written = write_without_signal(sink, bytes, len);
	if (written == 0)
		return -EIO; /* so that a caller that writes until all is out comes to an end */
	return written;
}

int report_sink_write_all(struct report_sink *sink, const char *bytes, size_t len)
{
	while (len > 0) {
		long written = report_sink_write(sink, bytes, len);

		if (written < 0)
			return (int)written;
		bytes += written;
		len -= (size_t)written;
	}
	return 0;
}

void report_sink_close(struct report_sink *sink)
{
	if (sink->owned)
		(void)fd_close(sink->fd);
	*sink = (struct report_sink){.fd = -1};
}
