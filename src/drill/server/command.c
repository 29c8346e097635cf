/* SPDX-License-Identifier: MIT */
#include "drill/server/command.h"

#include "sys/fd.h"
#include "sys/monoclock.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* A report of lastcall's is 16 KiB at most, and one of the last things that are said. */
#define OUTPUT_BYTES (256UL * 1024)

#define DEATH_TAKES_US INT64_C(2000000)

extern char **environ;

static struct rlimit original_limit = {RLIM_INFINITY, RLIM_INFINITY};

void command_keep_limits(void)
{
	(void)getrlimit(RLIMIT_NOFILE, &original_limit); /* cannot fail for this resource */
}

/* Keeps what was read; of what does not fit the older half goes. */
static void output_add(struct command_output *output, const char *bytes, size_t len)
{
	if (output->bytes == NULL)
		output->bytes = malloc(OUTPUT_BYTES + 1);
	if (output->bytes == NULL)
		return;
	if (output->len + len > OUTPUT_BYTES) {
		output->len -= OUTPUT_BYTES / 2;
		memmove(output->bytes, output->bytes + OUTPUT_BYTES / 2, output->len);
	}
	for (size_t i = 0; i < len; i++) /* a NUL would end the text, and hide a report behind it */
		output->bytes[output->len++] = bytes[i] != '\0' ? bytes[i] : ' ';
	output->bytes[output->len] = '\0';
}

/* Reads what is there. Returns false at the end of the pipe. */
static bool output_read(struct command_output *output)
{
	char bytes[16384];
	ssize_t n;

	while ((n = read(output->io.fd, bytes, sizeof(bytes))) > 0)
		output_add(output, bytes, (size_t)n);
	return n < 0 && (errno == EAGAIN || errno == EINTR);
}

static void output_close(struct ev_loop *loop, struct command_output *output)
{
	ev_io_stop(loop, &output->io);
	output->io.fd = fd_close(output->io.fd);
}

static void on_output(struct ev_loop *loop, ev_io *io, int events)
{
	struct command_output *output = io->data;

	(void)events;
	if (!output_read(output))
		output_close(loop, output);
}

/* How it ended; it stays a zombie, so that no other process gets its number or its group's. */
static void note_status(struct command *command)
{
	siginfo_t info = {0};

	while (waitid(P_PID, (id_t)command->pid, &info, WEXITED | WNOWAIT) < 0 && errno == EINTR)
		continue;
	command->exit_code = info.si_code == CLD_EXITED ? info.si_status : -1;
	command->exit_signal = info.si_code == CLD_EXITED ? 0 : info.si_status;
}

/* A grandchild may hold the pipes open: what is in them now is all that is waited for. */
static void note_end(struct command *command)
{
	command->ended_us = monoclock_now_us();
	ev_io_stop(command->loop, &command->exit);
	command->exit.fd = fd_close(command->exit.fd);
	note_status(command);
	if (command->out.io.fd >= 0)
		(void)output_read(&command->out);
	if (command->err.io.fd >= 0)
		(void)output_read(&command->err);
	command->has_ended = true;
}

static void on_exit_event(struct ev_loop *loop, ev_io *io, int events)
{
	struct command *command = io->data;

	(void)loop;
	(void)events;
	note_end(command);
	if (command->on_end != NULL)
		command->on_end(command->user);
}

/* What a started program gets of us: a group of its own, the default for SIGPIPE, no signal blocked. */
static int set_attributes(posix_spawnattr_t *attributes)
{
	sigset_t defaults, mask;

	(void)sigemptyset(&mask);
	(void)sigemptyset(&defaults);
	(void)sigaddset(&defaults, SIGPIPE);
	(void)posix_spawnattr_setsigmask(attributes, &mask);
	(void)posix_spawnattr_setsigdefault(attributes, &defaults);
	(void)posix_spawnattr_setpgroup(attributes, 0);
	return posix_spawnattr_setflags(
		attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

/* A soft limit that is below what we have open only keeps us from opening more. */
static int spawn_with_limits(pid_t *ret_pid, const char *const argv[],
	const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attributes)
{
	struct rlimit raised;
	bool is_raised =
		getrlimit(RLIMIT_NOFILE, &raised) == 0 && raised.rlim_cur > original_limit.rlim_cur;
	int r;

	if (is_raised) {
		struct rlimit original = {original_limit.rlim_cur, raised.rlim_max};

		(void)setrlimit(RLIMIT_NOFILE, &original);
	}
	r = posix_spawnp(ret_pid, argv[0], actions, attributes, (char *const *)argv,
		environ); /* which changes none of them: the type is from before const */
	if (is_raised)
		(void)setrlimit(RLIMIT_NOFILE, &raised);
	return -r;
}

static int spawn(pid_t *ret_pid, const char *const argv[], int out, int err)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int r;

	r = -posix_spawn_file_actions_init(&actions);
	if (r < 0)
		return r;
	r = -posix_spawnattr_init(&attributes);
	if (r == 0) {
		r = -posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
		if (r == 0)
			r = -posix_spawn_file_actions_adddup2(&actions, out, 1);
		if (r == 0)
			r = -posix_spawn_file_actions_adddup2(&actions, err, 2);
		if (r == 0)
			r = -set_attributes(&attributes);
		if (r == 0)
			r = spawn_with_limits(ret_pid, argv, &actions, &attributes);
		(void)posix_spawnattr_destroy(&attributes);
	}
	(void)posix_spawn_file_actions_destroy(&actions);
	return r;
}

static void watch(struct command *command, struct command_output *output, int fd)
{
	*output = (struct command_output){0};
	ev_io_init(&output->io, on_output, fd, EV_READ);
	output->io.data = output;
	(void)fcntl(fd, F_SETFL, O_NONBLOCK); /* our end of the pipe alone */
	ev_io_start(command->loop, &output->io);
}

/* Only the drill holds the other end of the pipe. */
static bool has_drill_died(int pipe)
{
	struct pollfd end = {.fd = pipe};

	return poll(&end, 1, 0) > 0 && (end.revents & POLLERR) != 0;
}

/* A target does not outlive a drill that SIGKILL ends, or the next drill would find its port taken. A child is asked
 * to stop, so that it ends its own children; a namespace ends with its PID 1. The drill's handler would take the
 * signal until exec; what was ignored when the drill began stays so. Of a drill that is dead already the kernel says
 * nothing. */
static int end_with_drill(bool is_pid1, int pipe)
{
	struct sigaction action;

	if (sigaction(SIGTERM, NULL, &action) == 0 && action.sa_handler != SIG_IGN)
		(void)signal(SIGTERM, SIG_DFL);
	if (prctl(PR_SET_PDEATHSIG, is_pid1 ? SIGKILL : SIGTERM, 0, 0, 0) < 0)
		return -errno;
	return has_drill_died(pipe) ? -ESRCH : 0;
}

/* What is done between clone and exec; only returns on failure, with errno. */
static int become_target(const char *const argv[], bool is_pid1, int out, int err, int pipe)
{
	sigset_t none;
	int null = open("/dev/null", O_RDONLY), r;

	(void)sigemptyset(&none);
	if (is_pid1 &&
		(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
			mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0))
		return errno;
	if (null < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0 ||
		setpgid(0, 0) < 0)
		return errno;
	r = end_with_drill(is_pid1, pipe);
	if (r < 0)
		return -r;
	(void)signal(SIGPIPE, SIG_DFL);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)setrlimit(RLIMIT_NOFILE, &original_limit);
	(void)execvp(argv[0], (char *const *)argv);
	return errno;
}

/* Why it could not be started comes through a pipe that a successful exec closes. */
static int spawn_target(pid_t *ret_pid, const char *const argv[], bool is_pid1, int out, int err)
{
	const unsigned long namespaces = is_pid1 ? CLONE_NEWPID | CLONE_NEWNS : 0;
	int fds[2], error = 0;
	pid_t pid;
	ssize_t n;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	pid = (pid_t)syscall(SYS_clone, namespaces | SIGCHLD, NULL, NULL, NULL, 0);
	if (pid == 0) {
		(void)close(fds[0]);
		error = become_target(argv, is_pid1, out, err, fds[1]);
		(void)!write(fds[1], &error, sizeof error);
		_exit(127);
	}
	if (pid < 0)
		error = errno;
	(void)close(fds[1]);
	do {
		n = pid > 0 ? read(fds[0], &error, sizeof error) : 0;
	} while (n < 0 && errno == EINTR);
	(void)close(fds[0]);
	if (n > 0)
		(void)waitpid(pid, NULL, 0);
	*ret_pid = pid;
	return -error;
}

enum role { ROLE_TOOL, ROLE_TARGET, ROLE_TARGET_AS_PID1 };

static int start(struct command *command, struct ev_loop *loop, const char *const argv[],
	enum role role, void (*on_end)(void *user), void *user)
{
	fd_cleanup int out_read = -1, out_write = -1, err_read = -1, err_write = -1;
	int fds[2], pidfd, r;
	pid_t pid = 0;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	out_read = fds[0];
	out_write = fds[1];
	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	err_read = fds[0];
	err_write = fds[1];
	r = role == ROLE_TOOL ? spawn(&pid, argv, out_write, err_write)
			      : spawn_target(&pid, argv, role == ROLE_TARGET_AS_PID1, out_write,
					err_write);
	if (r < 0)
		return r;
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0); /* is born close-on-exec */
	if (pidfd < 0) {
		r = -errno;
		(void)kill(-pid, SIGKILL);
		(void)waitpid(pid, NULL, 0);
		return r;
	}
	*command = (struct command){.loop = loop, .pid = pid, .on_end = on_end, .user = user};
	ev_io_init(&command->exit, on_exit_event, pidfd, EV_READ);
	ev_set_priority(&command->exit, EV_MAXPRI); /* what is due as well is due to what is gone */
	command->exit.data = command;
	ev_io_start(loop, &command->exit);
	watch(command, &command->out, fd_steal(&out_read));
	watch(command, &command->err, fd_steal(&err_read));
	return 0;
}

int command_start(struct command *command, struct ev_loop *loop, const char *const argv[],
	void (*on_end)(void *user), void *user)
{
	return start(command, loop, argv, ROLE_TOOL, on_end, user);
}

int command_start_target(struct command *command, struct ev_loop *loop, const char *const argv[],
	bool is_pid1, void (*on_end)(void *user), void *user)
{
	return start(command, loop, argv, is_pid1 ? ROLE_TARGET_AS_PID1 : ROLE_TARGET, on_end,
		user);
}

int command_signal(const struct command *command, int signal)
{
	if (command->pid == 0 || command->has_ended)
		return -ESRCH;
	return kill(command->pid, signal) < 0 ? -errno : 0;
}

void command_terminate(const struct command *command)
{
	if (command->pid != 0 && kill(-command->pid, SIGTERM) < 0)
		(void)kill(command->pid, SIGTERM); /* it has joined another group */
}

void command_kill(const struct command *command)
{
	if (command->pid == 0)
		return;
	(void)kill(-command->pid, SIGKILL);
	(void)kill(command->pid, SIGKILL); /* it may have joined another group */
}

/* Whether it is gone a moment after SIGKILL: a program of another user's does not get that, and one that hangs in
 * the kernel does not heed it. */
static bool has_died(const struct command *command)
{
	struct pollfd end = {.fd = command->exit.fd, .events = POLLIN};
	int64_t until_us = monoclock_now_us() + DEATH_TAKES_US, left_us = DEATH_TAKES_US;
	int r;

	do {
		r = poll(&end, 1, (int)(left_us / 1000) + 1);
		left_us = until_us - monoclock_now_us();
	} while (r < 0 && errno == EINTR && left_us > 0);
	return r > 0;
}

/* Neither waited for nor watched any more. */
static void leave(struct command *command)
{
	ev_io_stop(command->loop, &command->exit);
	command->exit.fd = fd_close(command->exit.fd);
}

void command_close(struct command *command)
{
	if (command->pid == 0)
		return;
	if (!command->has_ended) {
		command_kill(command);
		if (has_died(command))
			note_end(command);
		else
			leave(command);
	}
	while (command->has_ended && waitpid(command->pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	output_close(command->loop, &command->out);
	output_close(command->loop, &command->err);
	free(command->out.bytes);
	free(command->err.bytes);
	command->out.bytes = command->err.bytes = NULL;
	command->pid = 0;
}
