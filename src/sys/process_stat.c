/* SPDX-License-Identifier: MIT */
#include "sys/process_stat.h"

#include "core/text/number.h"
#include "core/text/text.h"
#include "sys/fd.h"
#include "sys/line_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* PF_EXITING and PF_KTHREAD, include/linux/sched.h. The first one is set before the files are closed. */
#define FLAG_EXITING 0x00000004
#define FLAG_KERNEL_THREAD 0x00200000

pid_t process_stat_pid(const char *name)
{
	int64_t pid = number_parse(name, 1, PROCESS_STAT_PID_MAX);

	return pid > 0 ? (pid_t)pid : 0;
}

/* Skips fields of a stat line, from the space before one to the space before a later one. */
static const char *skip_fields(const char *at, int count)
{
	for (int i = 0; i < count && at != NULL; i++)
		at = strchr(at + 1, ' ');
	return at;
}

/* The name of the program stands in parentheses and may itself hold any of "() \n", so that the
 * last ')' ends it. A main thread that has ended while others go on looks like a zombie, but for
 * its number of threads. */
static int parse_stat(const char *stat, struct process_stat *ret_process)
{
	const char *name_end = strrchr(stat, ')');
	const char *state = name_end != NULL ? skip_fields(name_end, 1) : NULL; /* field 3 */
	const char *parent = skip_fields(state, 1);
	const char *terminal = skip_fields(parent, 3); /* field 7 */
	const char *flags = skip_fields(terminal, 2); /* field 9 */
	const char *threads = skip_fields(parent, 16); /* field 20 */
	int64_t flag_set;

	if (threads == NULL)
		return -EBADMSG;
	ret_process->parent = (pid_t)number_take_signed(&parent);
	ret_process->has_terminal = number_take_signed(&terminal) != 0;
	flag_set = number_take_signed(&flags);
	ret_process->is_kernel_thread = flag_set & FLAG_KERNEL_THREAD;
	ret_process->exiting = flag_set & FLAG_EXITING;
	if (state[1] == 'Z' || state[1] == 'X') {
		ret_process->leader_ended = number_take_signed(&threads) > 1;
		ret_process->zombie = !ret_process->leader_ended;
	}
	return 0;
}

const char *process_stat_path(char buf[static 32], pid_t pid, const char *file)
{
	struct text path;

	text_init(&path, buf, 32);
	text_printf(&path, "%d/%s", pid, file);
	return buf;
}

/* Returns the descriptor or -errno: -ESRCH when there is no such process that we could see. */
static int open_file(int proc, pid_t pid, const char *file)
{
	char path[32];
	int fd = openat(proc, process_stat_path(path, pid, file), O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	return fd;
}

int process_stat_read(int proc, pid_t pid, struct process_stat *ret_process)
{
	struct process_stat process = {.pid = pid};
	fd_cleanup int fd = open_file(proc, pid, "stat");
	char stat[1024];
	ssize_t len;
	int r;

	if (fd < 0)
		return fd;
	len = read(fd, stat, sizeof stat - 1);
	if (len < 0)
		return -errno;
	stat[len] = '\0';
	r = parse_stat(stat, &process);
	if (r < 0)
		return r;
	*ret_process = process;
	return 0;
}

/* Reads what stands behind a prefix in /proc/PID/status, which every user may read. Returns 0 or
 * -errno: -ESRCH without such a process, -ENODATA without such a line. */
static int read_status(int proc, pid_t pid, const char *prefix, char *ret_value, size_t cap)
{
	struct line_reader reader;
	fd_cleanup int fd = open_file(proc, pid, "status");
	struct text value;
	const char *line;
	size_t len;
	int r;

	if (fd < 0)
		return fd;
	text_init(&value, ret_value, cap);
	line_reader_init(&reader, fd);
	while ((r = line_reader_next(&reader, &line, &len)) > 0) {
		if (strncmp(line, prefix, strlen(prefix)) != 0)
			continue;
		text_add(&value, line + strlen(prefix));
		return 0;
	}
	return r < 0 ? r : -ENODATA;
}

/* The second of its four uids. */
int64_t process_stat_user(int proc, pid_t pid)
{
	char uids[64];
	const char *at = uids;
	int r = read_status(proc, pid, "Uid:", uids, sizeof uids);

	if (r < 0)
		return r;
	(void)number_take_signed(&at);
	return number_take_signed(&at);
}

int process_stat_name(int proc, pid_t pid, char ret_name[static PROCESS_STAT_NAME_BYTES])
{
	fd_cleanup int fd = open_file(proc, pid, "comm");
	ssize_t len;

	if (fd < 0)
		return fd;
	len = read(fd, ret_name, PROCESS_STAT_NAME_BYTES);
	if (len < 1)
		return len < 0 ? -errno : -ENODATA;
	ret_name[len - 1] = '\0'; /* in place of its newline */
	return 0;
}
