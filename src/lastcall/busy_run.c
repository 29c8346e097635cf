/* SPDX-License-Identifier: MIT */
#include "lastcall/busy_run.h"

#include "core/cli/environment.h"
#include "core/text/exit_status.h"
#include "lastcall/passthrough.h"
#include "sys/fd.h"
#include "sys/line_reader.h"
#include "sys/notify_socket.h"

#include <poll.h>
#include <string.h>
#include <sys/prctl.h>

#define BUSY "X_LASTCALL_BUSY="
#define QUEUE_MS 1000 /* how long a full queue is waited for */

static int find_name(
	char *const envp[], char found[static NOTIFY_NAME_BYTES], const char **ret_name)
{
	*ret_name = environment_get(envp, "NOTIFY_SOCKET");
	if (*ret_name != NULL && notify_socket_is_lastcalls(*ret_name))
		return 0;
	*ret_name = found; /* a job of docker exec does not have the application's variables */
	return notify_socket_find(found);
}

static int open_peer(char *const envp[], struct notify_peer *ret_peer)
{
	char found[NOTIFY_NAME_BYTES];
	const char *name;
	int r = find_name(envp, found, &name);

	return r < 0 ? r : notify_peer_open(name, ret_peer);
}

static int declare(const struct notify_peer *peer, const char *message)
{
	struct pollfd room = {.fd = peer->fd, .events = POLLOUT};
	int r = notify_peer_send(peer, message, strlen(message));

	if (r == -EAGAIN && poll(&room, 1, QUEUE_MS) > 0)
		r = notify_peer_send(peer, message, strlen(message));
	return r;
}

/* The report names the job by its process. */
static void take_name_of(const char *command)
{
	const char *slash = strrchr(command, '/');

	(void)prctl(PR_SET_NAME, slash != NULL ? slash + 1 : command, 0UL, 0UL, 0UL);
}

static void log_not_held(struct log *log, const char *what, int error)
{
	log_event(log, LOG_WARNING, "not_held", "a stop does not wait for '%s': %s", what,
		error == ENOENT ? "no lastcall listens for jobs here" : strerror(error));
}

/* Waits also where a process that shares the input has made it non-blocking. */
static int read_line(struct line_reader *reader, const char **ret_line, size_t *ret_len)
{
	struct pollfd input = {.fd = reader->fd, .events = POLLIN};
	int r;

	do
		r = line_reader_next(reader, ret_line, ret_len);
	while (r == -EAGAIN && poll(&input, 1, -1) >= 0);
	return r;
}

/* The input ends with its writer. Signals stay blocked: one for the whole process group is not for us. */
static int send_lines(const struct notify_peer *peer, struct log *log)
{
	struct line_reader reader;
	const char *line;
	bool has_jobs = false;
	size_t len;
	int r;

	line_reader_init(&reader, STDIN_FILENO);
	while ((r = read_line(&reader, &line, &len)) > 0) {
		if (len == 0)
			continue;
		has_jobs = strncmp(line, BUSY, strlen(BUSY)) == 0 ? line[strlen(BUSY)] != '0'
								  : has_jobs;
		r = declare(peer, line);
		if (r < 0)
			log_not_held(log, line, -r);
	}
	return r < 0 || has_jobs ? EXIT_STATUS_FAILED
				 : 0; /* jobs that are left were not finished */
}

int busy_run(struct options *options, int signal_fd, const struct signal_state *inherited,
	char **envp, struct log *log)
{
	struct notify_peer peer = {.fd = -1};
	int r = open_peer(envp, &peer), status;

	options->drain = options->subreaper = false;
	if (!options->verbose)
		log->level = LOG_WARNING;
	if (options->command[0] == NULL) {
		if (r == 0)
			return send_lines(&peer, log);
		log_not_held(log, "standard input", -r);
		return EXIT_STATUS_FAILED;
	}
	take_name_of(options->command[0]);
	if (r == 0)
		r = declare(&peer, "X_LASTCALL_BUSY=1");
	if (r < 0)
		log_not_held(log, options->command[0], -r);
	status = passthrough_run(options, signal_fd, inherited, envp, NULL, log);
	if (r == 0 && status <= EXIT_STATUS_SIGNALLED) /* what a signal has ended is not finished */
		(void)declare(&peer, "X_LASTCALL_BUSY=0");
	(void)fd_close(peer.fd);
	return status;
}
