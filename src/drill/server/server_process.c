/* SPDX-License-Identifier: MIT */
/* A process: found by its number, or started by us. It is signalled and awaited through a pidfd, which
 * never means another process. */
#include "drill/server/server.h"

#include "sys/fd.h"
#include "sys/monoclock.h"
#include "sys/pidfd.h"
#include "sys/process_tree.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define LEFT_TIMEOUT_US INT64_C(200000)
#define COLLECTED_TIMEOUT_MS 200 /* a parent that waits does so at once */

static void on_command_end(void *user)
{
	struct server *server = user;

	server_note_end(server, server->command.ended_us);
}

static int start_command(struct server *server, struct text *error)
{
	bool is_pid1 = server->settings->place == SERVER_AS_PID1;
	int r = command_start_target(&server->command, server->wait->loop, server->settings->argv,
		is_pid1, on_command_end, server);

	if (r == -EPERM && is_pid1)
		text_add(error,
			"--as=pid1 makes a pid namespace, which needs CAP_SYS_ADMIN; be root, "
			"or give --as=child");
	else if (r < 0)
		text_printf(
			error, "cannot execute '%s': %s", server->settings->argv[0], strerror(-r));
	return r;
}

static void on_exit_event(struct ev_loop *loop, ev_io *io, int events)
{
	struct server *server = io->data;

	(void)loop;
	(void)events;
	ev_io_stop(loop, io);
	server_note_end(server, monoclock_now_us());
}

/* Only a pid that stands alone in its file is one. */
static int read_pid(const char *path, pid_t *ret_pid)
{
	char bytes[32], *end;
	FILE *file = fopen(path, "re");
	size_t len;
	long pid;

	if (file == NULL)
		return -errno;
	len = fread(bytes, 1, sizeof(bytes) - 1, file);
	(void)fclose(file);
	bytes[len] = '\0';
	pid = strtol(bytes, &end, 10);
	if (end == bytes || strspn(end, " \n") != strlen(end) || pid < 2 || pid > INT32_MAX)
		return -EINVAL;
	*ret_pid = (pid_t)pid;
	return 0;
}

/* A daemon's start returns when it has forked, and its pid file comes when it comes. */
struct pid_file {
	struct server *server;
	int error;
};

static bool has_pid(void *arg)
{
	struct pid_file *file = arg;

	file->error = read_pid(file->server->settings->pid_file, &file->server->pid);
	return file->error == 0;
}

static void on_file_changed(struct ev_loop *loop, ev_stat *stat, int events)
{
	(void)loop;
	(void)stat;
	(void)events; /* the waiting function checks again */
}

static int find_pid(struct server *server, struct text *error)
{
	const struct server_settings *settings = server->settings;
	struct pid_file file = {.server = server};
	ev_stat file_watcher;
	int r;

	server->pid = settings->pid;
	if (settings->pid_file == NULL)
		return 0;
	ev_stat_init(&file_watcher, on_file_changed, settings->pid_file, 0);
	ev_stat_start(server->wait->loop, &file_watcher);
	r = event_wait_until(server->wait, has_pid, &file, settings->start_timeout_us);
	ev_stat_stop(server->wait->loop, &file_watcher);
	if (r == -ETIMEDOUT)
		text_printf(error, "no pid in '%s': %s", settings->pid_file,
			file.error == -EINVAL ? "it holds something else" : strerror(-file.error));
	return r;
}

static int find_process(struct server *server, struct text *error)
{
	int r = find_pid(server, error), pidfd;

	if (r < 0)
		return r;
	pidfd = (int)syscall(SYS_pidfd_open, server->pid, 0);
	if (pidfd < 0) {
		r = -errno;
		text_printf(error, "no process %d: %s", (int)server->pid, strerror(-r));
		return r;
	}
	ev_io_init(&server->exit, on_exit_event, pidfd, EV_READ);
	ev_set_priority(&server->exit, EV_MAXPRI); /* what is due as well is due to what is gone */
	server->exit.data = server;
	ev_io_start(server->wait->loop, &server->exit);
	return 0;
}

static int start(struct server *server, struct text *error)
{
	server->exit.fd = -1;
	return server->settings->kind == SERVER_COMMAND ? start_command(server, error)
							: find_process(server, error);
}

static int send_signal(struct server *server, int signal)
{
	if (server->settings->kind == SERVER_COMMAND)
		return command_signal(&server->command, signal);
	if (server->exit.fd < 0)
		return -ESRCH;
	return syscall(SYS_pidfd_send_signal, server->exit.fd, signal, NULL, 0) < 0 ? -errno : 0;
}

static int begin_stop(struct server *server)
{
	int signal = server->settings->stop_signal;

	return send_signal(server, signal != 0 ? signal : SIGTERM);
}

static void kill_process(struct server *server)
{
	(void)send_signal(server, SIGKILL); /* it may have ended in this moment */
}

static struct run_exit exit_of_status(int status)
{
	return (struct run_exit){
		.is_known = true,
		.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
		.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0,
	};
}

/* Returns false where nothing but the parent knows. */
static bool learn_status(int pidfd, int *ret_status)
{
	int r = pidfd_exit_status(pidfd, ret_status);

	if (r == -ENODATA || r == -ESRCH) {
		pidfd_wait_collected(pidfd, COLLECTED_TIMEOUT_MS);
		r = pidfd_exit_status(pidfd, ret_status);
	}
	return r == 0;
}

/* A daemon that became our child is ours to collect. The exit status of another process is its parent's: a
 * recent kernel tells us as well, once the parent has collected it. */
static void collect(struct server *server)
{
	int status;

	if (server->settings->kind == SERVER_COMMAND)
		server->exit_state = (struct run_exit){
			true, server->command.exit_code, server->command.exit_signal, false};
	else if (waitpid(server->pid, &status, WNOHANG) == server->pid ||
		 (server->has_ended && server->exit.fd >= 0 &&
			 learn_status(server->exit.fd, &status)))
		server->exit_state = exit_of_status(status);
}

static bool has_no_offspring(void *arg)
{
	(void)arg;
	while (waitpid(-1, NULL, WNOHANG) > 0)
		continue;
	return process_tree_count(getpid()) <= 0;
}

static bool is_nobody_left(void *arg)
{
	(void)arg;
	while (waitpid(-1, NULL, WNOHANG) > 0)
		continue;
	return process_tree_signal(getpid(), SIGKILL, NULL) <= 0;
}

static void on_child(struct ev_loop *loop, ev_signal *signal, int events)
{
	(void)loop;
	(void)signal;
	(void)events; /* the waiting function checks again */
}

/* Workers may end in the moments after their parent: those that are still there then were left behind. */
int server_count_left(struct server *server)
{
	ev_signal child;

	if (server->settings->kind != SERVER_COMMAND || !server->has_ended)
		return -1;
	command_close(&server->stop); /* a --stop-cmd that still runs is not the target's */
	while (waitpid(-1, NULL, WNOHANG) > 0)
		continue;
	ev_signal_init(&child, on_child, SIGCHLD);
	ev_signal_start(server->wait->loop, &child);
	(void)event_wait_until(server->wait, has_no_offspring, NULL, LEFT_TIMEOUT_US);
	ev_signal_stop(server->wait->loop, &child);
	return process_tree_count(getpid());
}

/* What was started may have left processes in sessions of their own: they are ours by adoption. A second is
 * long for SIGKILL; a process that is still there hangs in the kernel, and the drill would with it. */
static void end_offspring(struct server *server)
{
	ev_signal child;

	ev_signal_init(&child, on_child, SIGCHLD);
	ev_signal_start(server->wait->loop, &child);
	(void)event_wait_until(server->wait, is_nobody_left, NULL, 1000000);
	ev_signal_stop(server->wait->loop, &child);
}

static void end(struct server *server)
{
	if (server->settings->kind == SERVER_COMMAND) {
		command_kill(&server->command);
		command_close(&server->command);
		end_offspring(server);
		return;
	}
	if (server->exit.fd >= 0) {
		if (server->was_started_by_us && !server->has_ended)
			(void)send_signal(server, SIGKILL);
		ev_io_stop(server->wait->loop, &server->exit);
		server->exit.fd = fd_close(server->exit.fd);
	}
	if (server->was_started_by_us)
		end_offspring(server);
}

const struct server_type server_process = {start, begin_stop, kill_process, collect, end};
