/* SPDX-License-Identifier: MIT */
#include "lastcall/busy_run.h"

#include "core/cli/environment.h"
#include "lastcall/passthrough.h"
#include "sys/fd.h"
#include "sys/notify_socket.h"

#include <poll.h>
#include <string.h>
#include <sys/prctl.h>

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

int busy_run(struct options *options, int signal_fd, const struct signal_state *inherited,
	char **envp, struct log *log)
{
	struct notify_peer peer = {.fd = -1};
	int r = open_peer(envp, &peer), status;

	options->drain = options->subreaper = false;
	if (!options->verbose)
		log->level = LOG_WARNING;
	take_name_of(options->command[0]);
	if (r == 0)
		r = declare(&peer, "X_LASTCALL_BUSY=1");
	if (r < 0)
		log_event(log, LOG_WARNING, "not_held", "a stop does not wait for '%s': %s",
			options->command[0],
			r == -ENOENT ? "no lastcall listens for jobs here" : strerror(-r));
	status = passthrough_run(options, signal_fd, inherited, envp, NULL, log);
	if (r == 0)
		(void)declare(&peer, "X_LASTCALL_BUSY=0");
	(void)fd_close(peer.fd);
	return status;
}
