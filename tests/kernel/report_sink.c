/* SPDX-License-Identifier: MIT */
/* Every kind of descriptor that a report may go to. Each group of tests runs in a child of its
 * own, in one of the environments that decide how writes are kept from blocking; what blocks all
 * the same is ended by the child's alarm and fails. Only the test itself reads what it
 * wrote, so that a write which waits for room waits for ever. */
#include "sys/report_sink.h"

#include "kernel/deny_syscall.h"
#include "kernel/sandbox.h"
#include "sys/fd.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>

static const char line[] = "{\"schema\":\"lastcall.drain/1\"}\n";
static const size_t line_len = sizeof line - 1;

/* What has to be opened while that is still allowed. */
struct environment {
	int fifo[2];
	int terminal_master, terminal;
	bool has_own_description; /* expected of pipes and terminals */
};

static struct environment here;

static struct report_sink open_sink(int fd)
{
	struct report_sink sink;

	assert_int_equal(report_sink_open_fd(fd, &sink), 0);
	return sink;
}

/* A pipe whose ends block, as those that a container engine makes. */
static void open_pipe(int ends[2])
{
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
}

static void close_pipe(int ends[2])
{
	ends[0] = fd_close(ends[0]);
	ends[1] = fd_close(ends[1]);
}

static void expect_line_at(int fd)
{
	char got[sizeof line] = "";

	assert_int_equal(read(fd, got, sizeof got), line_len);
	assert_memory_equal(got, line, line_len);
}

static size_t fill(struct report_sink *sink)
{
	static const char bytes[16384];
	size_t total = 0;
	long written;

	while ((written = report_sink_write(sink, bytes, sizeof bytes)) > 0)
		total += (size_t)written;
	assert_int_equal(written, -EAGAIN);
	return total;
}

static void drain(int fd, size_t bytes)
{
	char buf[4096];

	while (bytes > 0) {
		ssize_t got = read(fd, buf, bytes < sizeof buf ? bytes : sizeof buf);

		assert_true(got > 0);
		bytes -= (size_t)got;
	}
}

/* What was written in pieces may arrive so: the kernel hands a terminal's output over by a worker. */
static void read_all(int fd, char *buf, size_t bytes)
{
	while (bytes > 0) {
		ssize_t got = read(fd, buf, bytes);

		assert_true(got > 0);
		buf += got;
		bytes -= (size_t)got;
	}
}

static bool is_pending(int signal)
{
	sigset_t pending;

	assert_int_equal(sigpending(&pending), 0);
	return sigismember(&pending, signal) == 1;
}

static bool take_pending(int signal)
{
	static const struct timespec at_once = {0, 0};
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, signal);
	return sigtimedwait(&set, NULL, &at_once) == signal;
}

/* As in our program, which blocks every signal. */
static void block_what_writes_raise(void)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGPIPE);
	(void)sigaddset(&set, SIGXFSZ);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
}

/* Pipes */

static void a_line_goes_through_a_pipe(void **state)
{
	struct report_sink sink;
	int ends[2];

	(void)state;
	open_pipe(ends);
	sink = open_sink(ends[1]);
	assert_int_equal(sink.owned, here.has_own_description);
	assert_int_equal(report_sink_write(&sink, line, line_len), line_len);
	expect_line_at(ends[0]);
	report_sink_close(&sink);
	close_pipe(ends);
}

static void a_pipe_stays_open_and_blocking_for_the_others(void **state)
{
	struct report_sink sink;
	int ends[2], flags;

	(void)state;
	open_pipe(ends);
	flags = fcntl(ends[1], F_GETFL);
	sink = open_sink(ends[1]);
	(void)fill(&sink);
	assert_int_equal(fcntl(ends[1], F_GETFL), flags);
	report_sink_close(&sink);
	report_sink_close(&sink);
	assert_int_equal(fcntl(ends[1], F_GETFL), flags);
	close_pipe(ends);
}

static void a_full_pipe_is_eagain_until_it_is_read(void **state)
{
	struct report_sink sink;
	int ends[2];
	size_t size;

	(void)state;
	open_pipe(ends);
	size = (size_t)fcntl(ends[1], F_GETPIPE_SZ);
	sink = open_sink(ends[1]);
	assert_int_equal(fill(&sink), size);
	assert_int_equal(report_sink_write(&sink, line, line_len), -EAGAIN);
	drain(ends[0], size);
	assert_int_equal(report_sink_write(&sink, line, line_len), line_len);
	expect_line_at(ends[0]);
	report_sink_close(&sink);
	close_pipe(ends);
}

static void a_pipe_filled_by_another_is_eagain(void **state)
{
	static const char page[4096];
	struct report_sink sink;
	int ends[2];

	(void)state;
	open_pipe(ends);
	sink = open_sink(ends[1]);
	for (int left = fcntl(ends[1], F_GETPIPE_SZ); left > 0; left -= (int)sizeof page)
		assert_int_equal(write(ends[1], page, sizeof page), sizeof page);
	assert_int_equal(report_sink_write(&sink, line, line_len), -EAGAIN);
	report_sink_close(&sink);
	close_pipe(ends);
}

/* One page is the least that a pipe can have; a container's user over pipe-user-pages-soft gets
 * it. */
static void a_small_pipe_takes_what_fits(void **state)
{
	static char bytes[16384];
	struct report_sink sink;
	char got[4096];
	int ends[2];

	(void)state;
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(i % 251);
	open_pipe(ends);
	assert_int_equal(fcntl(ends[1], F_SETPIPE_SZ, sizeof got), sizeof got);
	sink = open_sink(ends[1]);
	assert_int_equal(report_sink_write(&sink, bytes, sizeof bytes), sizeof got);
	assert_int_equal(report_sink_write(&sink, bytes, sizeof bytes), -EAGAIN);
	assert_int_equal(read(ends[0], got, sizeof got), sizeof got);
	assert_memory_equal(got, bytes, sizeof got);
	report_sink_close(&sink);
	close_pipe(ends);
}

/* Fills the pipe again as soon as a reader has made room. */
static pid_t start_competitor(int fd)
{
	pid_t pid = fork();
	char page[4096];

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	memset(page, 'x', sizeof page);
	while (write(fd, page, sizeof page) > 0)
		;
	_exit(0);
}

/* Counts the whole lines in what came through, among the x of the competitor. *part is how much of
 * a line was seen last. */
static unsigned count_lines(const char *bytes, size_t len, size_t *part)
{
	unsigned lines = 0;

	for (size_t i = 0; i < len; i++) {
		if (bytes[i] == 'x' && *part == 0)
			continue;
		assert_int_equal(bytes[i], line[*part]);
		*part = (*part + 1) % line_len;
		if (*part == 0)
			lines++;
	}
	return lines;
}

/* Between poll, which says that there is room, and the write the competitor takes that room. */
static void a_competing_writer_never_makes_us_wait(void **state)
{
	unsigned written_lines = 0, read_lines = 0, refused = 0;
	struct report_sink sink;
	size_t part = 0;
	pid_t competitor;
	int ends[2];

	(void)state;
	open_pipe(ends);
	sink = open_sink(ends[1]);
	competitor = start_competitor(ends[1]);
	assert_true(competitor > 0);
	while (written_lines < 200 || refused < 200) {
		struct pollfd room = {.fd = sink.fd, .events = POLLOUT};
		char buf[3 * 4096];
		ssize_t got = read(ends[0], buf, sizeof buf);
		long written;

		assert_true(got > 0);
		read_lines += count_lines(buf, (size_t)got, &part);
		(void)poll(&room, 1, 0);
		written = report_sink_write(&sink, line, line_len);
		assert_true(written == (long)line_len || written == -EAGAIN);
		written_lines += written > 0;
		refused += written < 0;
	}
	assert_int_equal(kill(competitor, SIGKILL), 0);
	assert_int_equal(waitpid(competitor, NULL, 0), competitor);
	assert_int_in_range(written_lines - read_lines, 0, 65536 / line_len);
	report_sink_close(&sink);
	close_pipe(ends);
}

static void expect_epipe_and_no_signal(struct report_sink *sink)
{
	assert_int_equal(report_sink_write(sink, line, line_len), -EPIPE);
	assert_false(is_pending(SIGPIPE));
}

static void a_reader_that_goes_is_epipe_without_a_signal(void **state)
{
	struct report_sink sink;
	int ends[2];

	(void)state;
	open_pipe(ends);
	sink = open_sink(ends[1]);
	ends[0] = fd_close(ends[0]);
	expect_epipe_and_no_signal(&sink);
	report_sink_close(&sink);
	close_pipe(ends);
}

static void a_reader_that_was_gone_is_epipe_without_a_signal(void **state)
{
	struct report_sink sink;
	int ends[2];

	(void)state;
	open_pipe(ends);
	ends[0] = fd_close(ends[0]);
	sink = open_sink(ends[1]);
	expect_epipe_and_no_signal(&sink);
	report_sink_close(&sink);
	close_pipe(ends);
}

/* Ours is taken back, one that a user sent is not. */
static void a_sigpipe_from_elsewhere_stays_pending(void **state)
{
	struct report_sink sink;
	int ends[2];

	(void)state;
	open_pipe(ends);
	sink = open_sink(ends[1]);
	ends[0] = fd_close(ends[0]);
	assert_int_equal(report_sink_write(&sink, line, line_len), -EPIPE);
	assert_false(is_pending(SIGPIPE));
	assert_int_equal(kill(getpid(), SIGPIPE), 0);
	assert_int_equal(report_sink_write(&sink, line, line_len), -EPIPE);
	assert_true(take_pending(SIGPIPE));
	assert_false(take_pending(SIGPIPE));
	report_sink_close(&sink);
	close_pipe(ends);
}

static void a_named_pipe_is_a_pipe(void **state)
{
	struct report_sink sink = open_sink(here.fifo[1]);
	size_t size = (size_t)fcntl(here.fifo[1], F_GETPIPE_SZ);

	(void)state;
	assert_int_equal(report_sink_write(&sink, line, line_len), line_len);
	expect_line_at(here.fifo[0]);
	assert_int_equal(fill(&sink), size);
	drain(here.fifo[0], size);
	report_sink_close(&sink);
}

static int count_descriptors(void)
{
	int count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static void writing_leaves_no_descriptor_behind(void **state)
{
	const int before = count_descriptors();
	struct report_sink sink;
	int ends[2];

	(void)state;
	open_pipe(ends);
	sink = open_sink(ends[1]);
	for (int i = 0; i < 3; i++)
		drain(ends[0], fill(&sink));
	report_sink_close(&sink);
	close_pipe(ends);
	assert_int_equal(count_descriptors(), before);
}

/* Only where a write needs descriptors: it fails then, but does not wait. */
static void without_free_descriptors_it_fails_at_once(void **state)
{
	struct rlimit before, none;
	struct report_sink sink;
	int ends[2];

	(void)state;
	open_pipe(ends);
	sink = open_sink(ends[1]);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = (struct rlimit){.rlim_cur = 0, .rlim_max = before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_int_equal(report_sink_write(&sink, line, line_len), -EMFILE);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	report_sink_close(&sink);
	close_pipe(ends);
}

/* Terminals */

static void a_line_goes_to_a_terminal(void **state)
{
	const int flags = fcntl(here.terminal, F_GETFL);
	struct report_sink sink = open_sink(here.terminal);
	char got[64] = "";

	(void)state;
	assert_int_equal(sink.owned, here.has_own_description);
	assert_int_equal(report_sink_write(&sink, "line\n", 5), 5);
	assert_int_equal(read(here.terminal_master, got, sizeof got), 6);
	assert_string_equal(got, "line\r\n");
	report_sink_close(&sink);
	assert_int_equal(fcntl(here.terminal, F_GETFL), flags);
}

static void a_stopped_terminal_is_eagain(void **state)
{
	struct report_sink sink = open_sink(here.terminal);

	(void)state;
	assert_int_equal(tcflow(here.terminal, TCOOFF), 0);
	assert_int_equal(report_sink_write(&sink, line, line_len), -EAGAIN);
	assert_int_equal(tcflow(here.terminal, TCOON), 0);
	assert_int_equal(report_sink_write(&sink, line, line_len), line_len);
	drain(here.terminal_master, line_len + 1);
	report_sink_close(&sink);
}

static void a_terminal_that_nobody_reads_is_eagain(void **state)
{
	struct report_sink sink = open_sink(here.terminal);
	size_t taken;

	(void)state;
	taken = fill(&sink);
	assert_int_equal(report_sink_write(&sink, "\n", 1), -EAGAIN);
	drain(here.terminal_master, taken);
	report_sink_close(&sink);
}

/* The other side of a terminal: to open it again would make another terminal. */
static void a_line_goes_to_a_terminal_master(void **state)
{
	struct report_sink sink = open_sink(here.terminal_master);
	char got[64] = "";

	(void)state;
	assert_false(sink.owned);
	assert_int_equal(report_sink_write(&sink, "line\n", 5), 5);
	assert_int_equal(read(here.terminal, got, sizeof got), 5);
	assert_string_equal(got, "line\n");
	drain(here.terminal_master, 6); /* the echo */
	report_sink_close(&sink);
}

/* One that we may not open takes 128 bytes at a time. */
static void a_long_line_goes_to_a_terminal_as_a_whole(void **state)
{
	struct report_sink sink = open_sink(here.terminal);
	char text[300], got[sizeof text + 1];

	(void)state;
	memset(text, 'a', sizeof text);
	text[sizeof text - 1] = '\n';
	assert_int_equal(report_sink_write_all(&sink, text, sizeof text), 0);
	read_all(here.terminal_master, got, sizeof got);
	assert_memory_equal(got, text, sizeof text - 1);
	report_sink_close(&sink);
}

/* Sockets */

static void open_sockets(int type, int ends[2])
{
	assert_int_equal(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends), 0);
}

static void a_line_goes_through_a_socket(void **state)
{
	static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};

	(void)state;
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		struct report_sink sink;
		int ends[2], flags;

		open_sockets(types[i], ends);
		flags = fcntl(ends[1], F_GETFL);
		sink = open_sink(ends[1]);
		assert_int_equal(report_sink_write(&sink, line, line_len), line_len);
		expect_line_at(ends[0]);
		assert_int_equal(fcntl(ends[1], F_GETFL), flags);
		report_sink_close(&sink);
		close_pipe(ends);
	}
}

static void a_full_socket_is_eagain_until_it_is_read(void **state)
{
	struct report_sink sink;
	int ends[2];

	(void)state;
	open_sockets(SOCK_STREAM, ends);
	sink = open_sink(ends[1]);
	drain(ends[0], fill(&sink));
	assert_int_equal(report_sink_write(&sink, line, line_len), line_len);
	expect_line_at(ends[0]);
	report_sink_close(&sink);
	close_pipe(ends);
}

static void a_closed_socket_is_epipe_without_a_signal(void **state)
{
	struct report_sink sink;
	int ends[2];

	(void)state;
	open_sockets(SOCK_STREAM, ends);
	sink = open_sink(ends[1]);
	ends[0] = fd_close(ends[0]);
	assert_int_equal(kill(getpid(), SIGPIPE), 0);
	assert_int_equal(report_sink_write(&sink, line, line_len), -EPIPE);
	assert_true(take_pending(SIGPIPE));
	assert_false(take_pending(SIGPIPE));
	report_sink_close(&sink);
	close_pipe(ends);
}

/* Files, devices, and what is none */

static const char *temporary_path(const char *name)
{
	static char path[256];
	const char *directory = getenv("TMPDIR");

	(void)snprintf(path, sizeof path, "%s/lastcall-report-sink-%d-%s",
		directory != NULL ? directory : "/tmp", (int)getpid(), name);
	return path;
}

static void expect_file(const char *path, const char *want)
{
	fd_cleanup int fd = open(path, O_RDONLY | O_CLOEXEC);
	char got[256] = "";

	assert_true(fd >= 0);
	assert_int_equal(read(fd, got, sizeof got - 1), strlen(want));
	assert_string_equal(got, want);
}

/* A description of our own would have an offset of its own, and overwrite. */
static void a_file_handed_to_us_keeps_one_offset(void **state)
{
	const char *path = temporary_path("shared");
	fd_cleanup int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	struct report_sink sink = open_sink(fd);

	(void)state;
	assert_int_equal(write(fd, "theirs\n", 7), 7);
	assert_int_equal(report_sink_write(&sink, "ours\n", 5), 5);
	assert_int_equal(write(fd, "theirs\n", 7), 7);
	report_sink_close(&sink);
	expect_file(path, "theirs\nours\ntheirs\n");
	assert_int_equal(unlink(path), 0);
}

static void a_path_is_created_and_appended_to(void **state)
{
	const char *path = temporary_path("appended");
	const mode_t umask_before = umask(022);
	struct stat file;

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct report_sink sink;

		assert_int_equal(report_sink_open_path(path, &sink), 0);
		assert_int_equal(report_sink_write(&sink, "line\n", 5), 5);
		report_sink_close(&sink);
		assert_int_equal(sink.fd, -1);
	}
	expect_file(path, "line\nline\n");
	assert_int_equal(stat(path, &file), 0);
	assert_int_equal(file.st_mode & 0777, 0644);
	assert_int_equal(unlink(path), 0);
	(void)umask(umask_before);
}

static void a_path_that_cannot_be_written_is_an_error(void **state)
{
	const char *fifo = temporary_path("fifo");
	struct report_sink sink = {.fd = 42};

	(void)state;
	assert_int_equal(report_sink_open_path("/", &sink), -EISDIR);
	assert_int_equal(report_sink_open_path("/nowhere/report", &sink), -ENOENT);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(report_sink_open_path(fifo, &sink), -ENXIO);
	assert_int_equal(unlink(fifo), 0);
	assert_int_equal(sink.fd, 42);
}

static void a_path_to_a_pipe_does_not_block(void **state)
{
	const char *path = temporary_path("read-fifo");
	struct report_sink sink;
	size_t taken;
	int reader;

	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_true(reader >= 0);
	assert_int_equal(report_sink_open_path(path, &sink), 0);
	taken = fill(&sink);
	drain(reader, taken);
	reader = fd_close(reader);
	expect_epipe_and_no_signal(&sink);
	report_sink_close(&sink);
	assert_int_equal(unlink(path), 0);
}

static void devices_take_or_refuse(void **state)
{
	fd_cleanup int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	fd_cleanup int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	struct report_sink to_null = open_sink(null), to_full = open_sink(full);

	(void)state;
	assert_int_equal(report_sink_write(&to_null, line, line_len), line_len);
	assert_int_equal(report_sink_write(&to_full, line, line_len), -ENOSPC);
}

static void a_full_disk_takes_what_fits(void **state)
{
	const struct rlimit no_limit = {RLIM_INFINITY, RLIM_INFINITY}, ten = {10, RLIM_INFINITY};
	const char *path = temporary_path("limited");
	struct report_sink sink;

	(void)state;
	assert_int_equal(report_sink_open_path(path, &sink), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &ten), 0);
	assert_int_equal(report_sink_write(&sink, line, line_len), 10);
	assert_int_equal(report_sink_write(&sink, line, line_len), -EFBIG);
	assert_false(is_pending(SIGXFSZ));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &no_limit), 0);
	report_sink_close(&sink);
	assert_int_equal(unlink(path), 0);
}

static void what_cannot_be_written_to_is_an_error(void **state)
{
	fd_cleanup int read_only = open("/dev/null", O_RDONLY | O_CLOEXEC);
	fd_cleanup int path_only = open("/dev/null", O_PATH | O_CLOEXEC);
	struct report_sink sink = {.fd = 42};

	(void)state;
	assert_int_equal(report_sink_open_fd(-1, &sink), -EBADF);
	assert_int_equal(report_sink_open_fd(1000000, &sink), -EBADF);
	assert_int_equal(report_sink_open_fd(read_only, &sink), -EINVAL);
	assert_int_equal(report_sink_open_fd(path_only, &sink), -EBADF);
	assert_int_equal(sink.fd, 42);
}

static void a_sink_that_is_off_takes_everything(void **state)
{
	struct report_sink sink = {.fd = -1};

	(void)state;
	assert_int_equal(report_sink_write(&sink, line, line_len), line_len);
	report_sink_close(&sink);
	assert_int_equal(sink.fd, -1);
}

/* Environments: group setups, each called in a child of its own. */

static bool open_fifo(void)
{
	const char *path = temporary_path("fixture");

	if (mkfifo(path, 0600) < 0)
		return false;
	here.fifo[0] = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	here.fifo[1] = open(path, O_WRONLY | O_CLOEXEC);
	return unlink(path) == 0 && here.fifo[0] >= 0 && here.fifo[1] >= 0;
}

static bool open_terminals(void)
{
	here.terminal_master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (here.terminal_master < 0 || unlockpt(here.terminal_master) < 0)
		return false;
	here.terminal = open(ptsname(here.terminal_master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	return here.terminal >= 0;
}

static int setup_as_we_are(void **state)
{
	(void)state;
	here.has_own_description = true;
	return open_fifo() && open_terminals() ? 0 : -1;
}

/* No file can be opened any more: no /proc, and no /dev either. */
static int setup_without_opening(void **state)
{
	if (setup_as_we_are(state) < 0)
		return -1;
	here.has_own_description = false;
#ifdef SYS_open
	if (!deny_syscall(SYS_open, EACCES))
		return -1;
#endif
	return deny_syscall(SYS_openat, EACCES) ? 0 : -1;
}

/* Linux before 6.4, where a pipe does not know RWF_NOWAIT either. */
static int setup_without_nowait(void **state)
{
	if (setup_without_opening(state) < 0)
		return -1;
	return deny_syscall(SYS_pwritev2, EOPNOTSUPP) ? 0 : -1;
}

/* What an entrypoint that gives up root leaves us with: the terminal is ours, its device is
 * root's. */
static int setup_as_another_user(void **state)
{
	if (setup_as_we_are(state) < 0 || setsid() < 0)
		return -1;
	if (ioctl(here.terminal, TIOCSCTTY, 0) < 0 || fchmod(here.terminal, 0600) < 0)
		return -1;
	return setresuid(65534, 65534, 65534);
}

static const struct CMUnitTest pipe_tests[] = {
	cmocka_unit_test(writing_leaves_no_descriptor_behind), /* first: it counts few */
	cmocka_unit_test(a_line_goes_through_a_pipe),
	cmocka_unit_test(a_pipe_stays_open_and_blocking_for_the_others),
	cmocka_unit_test(a_full_pipe_is_eagain_until_it_is_read),
	cmocka_unit_test(a_pipe_filled_by_another_is_eagain),
	cmocka_unit_test(a_small_pipe_takes_what_fits),
	cmocka_unit_test(a_competing_writer_never_makes_us_wait),
	cmocka_unit_test(a_reader_that_goes_is_epipe_without_a_signal),
	cmocka_unit_test(a_reader_that_was_gone_is_epipe_without_a_signal),
	cmocka_unit_test(a_sigpipe_from_elsewhere_stays_pending),
	cmocka_unit_test(a_named_pipe_is_a_pipe),
};

static const struct CMUnitTest splice_tests[] = {
	cmocka_unit_test(without_free_descriptors_it_fails_at_once),
};

static const struct CMUnitTest terminal_tests[] = {
	cmocka_unit_test(a_line_goes_to_a_terminal),
	cmocka_unit_test(a_long_line_goes_to_a_terminal_as_a_whole),
	cmocka_unit_test(a_stopped_terminal_is_eagain),
	cmocka_unit_test(a_terminal_that_nobody_reads_is_eagain),
	cmocka_unit_test(a_line_goes_to_a_terminal_master),
};

static const struct CMUnitTest other_tests[] = {
	cmocka_unit_test(a_line_goes_through_a_socket),
	cmocka_unit_test(a_full_socket_is_eagain_until_it_is_read),
	cmocka_unit_test(a_closed_socket_is_epipe_without_a_signal),
	cmocka_unit_test(a_file_handed_to_us_keeps_one_offset),
	cmocka_unit_test(a_path_is_created_and_appended_to),
	cmocka_unit_test(a_path_that_cannot_be_written_is_an_error),
	cmocka_unit_test(a_path_to_a_pipe_does_not_block),
	cmocka_unit_test(devices_take_or_refuse),
	cmocka_unit_test(a_full_disk_takes_what_fits),
	cmocka_unit_test(what_cannot_be_written_to_is_an_error),
	cmocka_unit_test(a_sink_that_is_off_takes_everything),
};

struct group {
	const char *name;
	const struct CMUnitTest *tests;
	size_t count;
	CMFixtureFunction setup;
};

/* cmocka's macro for this only takes an array. */
static int run_group(void *arg)
{
	const struct group *group = arg;
	int failed = _cmocka_run_group_tests(
		group->name, group->tests, group->count, group->setup, NULL);

	(void)fflush(NULL);
	return failed;
}

int main(void)
{
#define TESTS(array) array, sizeof array / sizeof *array
	struct group groups[] = {
		{"pipes", TESTS(pipe_tests), setup_as_we_are},
		{"pipes, nothing can be opened", TESTS(pipe_tests), setup_without_opening},
		{"pipes, nor is there RWF_NOWAIT", TESTS(pipe_tests), setup_without_nowait},
		{"pipes, nor a free descriptor", TESTS(splice_tests), setup_without_nowait},
		{"terminals", TESTS(terminal_tests), setup_as_we_are},
		{"terminals, nothing can be opened", TESTS(terminal_tests), setup_without_opening},
		{"sockets, files, devices", TESTS(other_tests), setup_as_we_are},
		{"terminals, of another user", TESTS(terminal_tests), setup_as_another_user},
	};
#undef TESTS
	const size_t count = sizeof groups / sizeof *groups;
	bool all_passed = true;

	block_what_writes_raise();
	for (size_t i = 0; i < count; i++) {
		if (groups[i].setup == setup_as_another_user && getuid() != 0)
			sandbox_skip("only root can become another user; the rest has run");
		(void)fflush(NULL);
		if (sandbox_call(run_group, &groups[i]) == 0)
			continue;
		(void)fprintf(stderr, "failed, or waited too long: %s\n", groups[i].name);
		all_passed = false;
	}
	return all_passed ? EXIT_SUCCESS : EXIT_FAILURE;
}
