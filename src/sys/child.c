/* SPDX-License-Identifier: MIT */
#include "sys/child.h"

#include "core/cli/environment.h"
#include "core/text/number.h"
#include "core/text/text.h"
#include "sys/directory.h"
#include "sys/fd.h"
#include "sys/terminal.h"
#include "sys/zero_pages.h"

#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static const char stage_texts[][sizeof "cannot enter the working directory for"] = {
	[CHILD_STAGE_PIPE] = "cannot make a pipe to start",
	[CHILD_STAGE_FORK] = "cannot fork to start",
	[CHILD_STAGE_DIRECTORY] = "cannot enter the working directory for",
	[CHILD_STAGE_SETPGID] = "cannot make a process group for",
	[CHILD_STAGE_EXEC] = "cannot execute",
};
_Static_assert(
	sizeof stage_texts / sizeof *stage_texts == CHILD_STAGE_COUNT, "a stage has no text");

const char *child_stage_text(enum child_stage stage)
{
	return stage_texts[stage];
}

/* What the child writes when it could not become the application. */
struct start_failure {
	struct child_failure what;
	int error;
};

#define FIRST_LINE_BYTES 256 /* as much of it as the kernel looks at (BINPRM_BUF_SIZE) */

/* Finds in the file's first bytes what an exec that failed with `error` does not say. */
static enum child_hint find_hint(const char *file, int error)
{
	fd_cleanup int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char line[FIRST_LINE_BYTES];
	ssize_t n = fd >= 0 ? read(fd, line, sizeof line) : -1;
	const char *end = n > 3 ? memchr(line, '\n', (size_t)n) : NULL;

	if (error == ENOEXEC)
		return n >= SELFMAG && memcmp(line, ELFMAG, SELFMAG) == 0 ? CHILD_HINT_ELF
									  : CHILD_HINT_NONE;
	if (end != NULL && line[0] == '#' && line[1] == '!' && end[-1] == '\r')
		return CHILD_HINT_CRLF;
	return access(file, F_OK) == 0 ? CHILD_HINT_NO_INTERPRETER : CHILD_HINT_NONE;
}

static const char *find_variable(char *const envp[], const char *name_and_equals)
{
	size_t len = strlen(name_and_equals);

	for (; *envp != NULL; envp++) {
		if (strncmp(*envp, name_and_equals, len) == 0)
			return *envp + len;
	}
	return NULL;
}

/* Returns only when it failed, with errno. The hint of a file that explains the failure stays. */
static void exec_file(const char *file, const struct child_setup *setup, enum child_hint *hint)
{
	static const char **words; /* of the parent's memory, where nothing frees them */
	size_t count = 0;
	int error;

	execve(file, setup->argv, setup->envp);
	error = errno;
	if ((error == ENOENT || error == ENOEXEC) && *hint == CHILD_HINT_NONE)
		*hint = find_hint(file, error);
	errno = error;
	if (error != ENOEXEC || !setup->shell_for_scripts)
		return;
	while (setup->argv[count] != NULL)
		count++;
	words = zero_pages_map((count + 2) * sizeof *words);
	if (words == NULL)
		return;
	words[0] = "/bin/sh";
	words[1] = file;
	memcpy(words + 2, setup->argv + 1, count * sizeof *words); /* its NULL, too */
	execve(words[0], (char *const *)words, setup->envp);
	zero_pages_unmap(words, (count + 2) * sizeof *words);
	errno = ENOEXEC;
}

/* execvpe(3) with the same behaviour on every libc: glibc has a shell for unknown formats, musl has not.
 * Returns the errno that tells most: not permitted wins over not there. */
static int exec_along_path(const struct child_setup *setup, enum child_hint *hint)
{
	const char *path = find_variable(setup->envp, "PATH="), *name = setup->argv[0];
	size_t name_len = strlen(name);
	char file[PATH_MAX];
	int error = ENOENT;

	if (strchr(name, '/') != NULL) {
		exec_file(name, setup, hint);
		return errno;
	}
	if (path == NULL)
		path = "/usr/local/bin:/bin:/usr/bin";
	for (const char *end = path; *name != '\0'; path = end + 1) {
		size_t len;

		end = strchrnul(path, ':');
		len = (size_t)(end - path);
		if (len + 1 + name_len + 1 <= sizeof file) {
			/* an empty element is the working directory */
			memcpy(file, len > 0 ? path : ".", len > 0 ? len : 1);
			len = len > 0 ? len : 1;
			file[len] = '/';
			memcpy(file + len + 1, name, name_len + 1);
			exec_file(file, setup, hint);
			if (errno == EACCES)
				error = EACCES;
			else if (errno != ENOENT && errno != ENOTDIR)
				return errno;
		}
		if (*end == '\0')
			break;
	}
	return error;
}

/* In the child. Returns 0 or -1. */
static int enter_group(enum child_group group)
{
	pid_t before = getpgrp();
	bool has_terminal = terminal_is_read_by(before);

	if (group == CHILD_GROUP_OURS)
		return 0;
	if (group == CHILD_GROUP_SESSION) {
		if (setsid() < 0)
			return -1;
		terminal_acquire();
		return 0;
	}
	if (setpgid(0, 0) < 0)
		return -1;
	if (has_terminal)
		(void)terminal_hand_over(before, getpid()); /* worth a try, no more */
	return 0;
}

#define PID_VARIABLE_BYTES 32

/* In the child. A variable that names lastcall's pid means the application from here on. Returns whether it did. */
static bool hand_on_pid(char **envp, const char *name_and_equals, char *ret_variable)
{
	size_t len = strlen(name_and_equals);
	struct text text;

	for (; *envp != NULL; envp++) {
		const char *pid = *envp + len;

		if (strncmp(*envp, name_and_equals, len) == 0 &&
			number_take_signed(&pid) == getppid()) {
			text_init(&text, ret_variable, PID_VARIABLE_BYTES);
			text_printf(&text, "%s%d", name_and_equals, getpid());
			*envp = ret_variable;
			return true;
		}
	}
	return false;
}

/* In the child. LISTEN_PID names the receiver of the descriptors, WATCHDOG_PID the one whose messages keep the
 * watchdog quiet. LISTEN_PIDFDID is lastcall's pidfd's inode: with it sd_listen_fds(3) would find that they are for
 * another process (systemd 259). */
static void hand_on_pids(const struct child_setup *setup)
{
	static char listen_pid[PID_VARIABLE_BYTES], watchdog_pid[PID_VARIABLE_BYTES],
		inode[] = "LISTEN_PIDFDID";
	char *const stale[] = {inode, NULL};

	if (hand_on_pid(setup->envp, "LISTEN_PID=", listen_pid))
		environment_change(setup->envp, stale, setup->envp);
	if (setup->has_watchdog)
		(void)hand_on_pid(setup->envp, "WATCHDOG_PID=", watchdog_pid);
}

/* Our own working directory becomes /, so that no file system is kept from being unmounted by us, and before the
 * application can see another one. Returns a descriptor of the one that it is to have, or -1 where we may not
 * enter that again: then we leave when the application has it. */
static int leave_directory(void)
{
	fd_cleanup int fd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fchdir(fd) < 0 || chdir("/") < 0)
		return -1;
	return fd_steal(&fd);
}

/* In the child. All signals are blocked until the last moment. */
static void become_application(const struct child_setup *setup, int directory_fd, int failure_fd)
{
	struct start_failure failure = {.what = {.stage = CHILD_STAGE_DIRECTORY}};

	if (directory_fd < 0 || fchdir(directory_fd) == 0) {
		failure.what.stage = CHILD_STAGE_SETPGID;
		if (enter_group(setup->group) == 0) {
			hand_on_pids(setup);
			signals_restore_for_exec(setup->inherited);
			failure.what.stage = CHILD_STAGE_EXEC;
			errno = exec_along_path(setup, &failure.what.hint);
		}
	}
	failure.error = errno;
	(void)!write(
		failure_fd, &failure, sizeof failure); /* smaller than PIPE_BUF: all or nothing */
	_exit(127);
}

/* vfork(2): no page table is copied for a process that is about to replace itself, however much of us there
 * is. Until it has, it runs in our memory, and we wait: what it changes there is its own variables and
 * LISTEN_PID, which are of no use to us. */
static pid_t fork_application(const struct child_setup *setup, int directory_fd, int failure_fd)
{
	pid_t pid = vfork();

	if (pid < 0) /* that may be forbidden alone; nothing but an exec follows a plain fork */
		pid = (pid_t)syscall(SYS_clone, SIGCHLD, 0L, 0L, 0L, 0L);
	/* The child makes system calls alone, and what it writes is its own or of no use to us. */
	if (pid == 0) /* NOLINTNEXTLINE(clang-analyzer-unix.Vfork) */
		become_application(setup, directory_fd, failure_fd);
	return pid < 0 ? -errno : pid;
}

pid_t child_start(const struct child_setup *setup, struct child_failure *ret_failure)
{
	struct start_failure failure;
	fd_cleanup int read_fd = -1, write_fd = -1, directory_fd = -1;
	int fds[2];
	ssize_t n;
	pid_t pid;

	*ret_failure = (struct child_failure){.stage = CHILD_STAGE_PIPE};
	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	read_fd = fds[0];
	write_fd = fds[1];
	if (setup->group == CHILD_GROUP_SESSION)
		terminal_leave();
	directory_fd = leave_directory();
	ret_failure->stage = CHILD_STAGE_FORK;
	pid = fork_application(setup, directory_fd, write_fd);
	if (pid < 0)
		return pid;
	if (directory_fd < 0)
		(void)!chdir("/");
	write_fd = fd_close(write_fd);
	do { /* end of file: exec has closed the other end */
		n = read(read_fd, &failure, sizeof failure);
	} while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof failure)
		return pid;
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	(void)terminal_hand_over(pid, getpgrp()); /* what comes after us reads from it */
	*ret_failure = failure.what;
	return -failure.error;
}

#define FIRST_INHERITED 3
#define HIGHEST_WITHOUT_PROC 1023 /* asked one by one; what lies above stays open */

static void close_if_inherited(int fd, const int *keep, size_t keep_count)
{
	for (size_t i = 0; i < keep_count; i++) {
		if (fd == keep[i])
			return;
	}
	if (fd >= FIRST_INHERITED && fd_is_inherited(fd))
		(void)close(fd);
}

void child_close_inherited(const int *keep, size_t keep_count)
{
	struct directory fds;
	const char *name;

	if (directory_open(&fds, AT_FDCWD, "/proc/self/fd") < 0) {
		for (int fd = FIRST_INHERITED; fd <= HIGHEST_WITHOUT_PROC; fd++)
			close_if_inherited(fd, keep, keep_count);
		return;
	}
	while (directory_next(&fds, &name) > 0)
		close_if_inherited((int)number_take_signed(&name), keep,
			keep_count); /* . and .. are 0: spared */
	directory_close(&fds);
}

static int send_signal(pid_t pid, pid_t target, int signal)
{
	if (pid <= 1)
		return -ESRCH;
	return kill(target, signal) < 0 ? -errno : 0;
}

int child_signal(pid_t pid, int signal)
{
	return send_signal(pid, pid, signal);
}

int child_signal_group(pid_t pid, int signal)
{
	return send_signal(pid, -pid, signal);
}

int child_forward(pid_t pid, int signal, const struct signal_received *received)
{
	siginfo_t info = {.si_signo = signal, .si_code = SI_QUEUE};

	if (pid <= 1)
		return -ESRCH;
	if (!received->has_value)
		return child_signal(pid, signal);
	info.si_pid = received->sender;
	info.si_value.sival_ptr = received->value;
	return syscall(SYS_rt_sigqueueinfo, pid, signal, &info) < 0 ? -errno : 0;
}

pid_t child_reap(int *ret_status)
{
	pid_t pid;

	do {
		pid = waitpid(-1, ret_status, WNOHANG);
	} while (pid < 0 && errno == EINTR);
	return pid < 0 ? -errno : pid;
}

int child_stopped_by(pid_t pid)
{
	siginfo_t info = {.si_pid = 0};

	if (waitid(P_PID, (id_t)pid, &info, WSTOPPED | WNOHANG) < 0 || info.si_pid == 0)
		return 0;
	return info.si_status;
}

int child_set_parent_death_signal(int signal, pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, (unsigned long)signal, 0UL, 0UL, 0UL) < 0)
		return -errno;
	if (getppid() != parent)
		(void)kill(getpid(), signal);
	return 0;
}

bool child_is_ours(pid_t pid)
{
	siginfo_t info;

	return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

bool child_is_waiting(void)
{
	siginfo_t info = {.si_pid = 0};

	return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid > 0;
}

int child_become_subreaper(void)
{
	return prctl(PR_SET_CHILD_SUBREAPER, 1UL, 0UL, 0UL, 0UL) < 0 ? -errno : 0;
}

bool child_is_subreaper(void)
{
	int is_one = 0;

	return prctl(PR_GET_CHILD_SUBREAPER, (unsigned long)&is_one, 0UL, 0UL, 0UL) == 0 &&
	       is_one != 0;
}
