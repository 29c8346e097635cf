/* SPDX-License-Identifier: MIT */
#include "lastcall/notify.h"

#include "core/cli/environment.h"
#include "lastcall/job_watch.h"
#include "sys/fd.h"
#include "sys/monoclock.h"
#include "sys/process_stat.h"
#include "sys/zero_pages.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#define MESSAGES_AT_ONCE 64 /* a flood of them must not keep us from signals and the clock */

/* ---- which processes may send messages ---- */

static int64_t user_of(pid_t pid)
{
	fd_cleanup int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);

	return proc < 0 ? -errno : process_stat_user(proc, pid);
}

/* As PID 1 every process of this namespace is the application's. Descent says nothing: a process that was started to
 * send one message is gone before its message is read. */
static bool is_from_application(const struct notify *n, const struct notify_sender *sender)
{
	if (getpid() == 1)
		return sender->pid != 0;
	return sender->uid == geteuid() || sender->uid == 0 ||
	       (n->app->pid > 0 && user_of(n->app->pid) == (int64_t)sender->uid);
}

static void ignore(struct notify *n, const struct notify_sender *sender, const char *why)
{
	n->ignored++;
	log_event(n->log, LOG_VERBOSE, "notify_ignored", "ignored a message of pid %d, uid %u: %s",
		sender->pid, (unsigned)sender->uid, why);
}

/* ---- what is said ---- */

static void take_ready(struct notify *n, msec_t now)
{
	n->stopping = false;
	if (n->ready)
		return;
	n->ready = true;
	log_release(n->log); /* a service, and no one-off command */
	n->ready_at = now;
	n->watchdog_at = n->watchdog_at == MSEC_NEVER ? now : n->watchdog_at;
	app_check_note_ready(n->check, now);
}

static void take_stopping(struct notify *n, msec_t now)
{
	if (n->stopping)
		return;
	n->stopping = true;
	n->stopping_at = now;
	if (n->jobs.stopped_at != MSEC_NEVER)
		return; /* it was asked to */
	log_event(n->log, LOG_INFO, "app_stopping",
		"the application says that it stops; %s answers %d", n->options->health_path,
		n->options->drain_status);
}

static void take_watchdog(struct notify *n, const struct notify_message *message, msec_t now)
{
	if (n->options->watchdog == MSEC_NEVER)
		return;
	if (message->watchdog_ms > 0)
		n->watchdog_interval = message->watchdog_ms;
	if (!message->watchdog && !message->watchdog_trigger)
		return;
	n->watchdog_at = now;
	n->watchdog_triggered = message->watchdog_trigger;
}

static void take_jobs(
	struct notify *n, const struct notify_sender *sender, unsigned busy, msec_t now)
{
	uint64_t untracked = n->jobs.untracked;

	if (busy > 0)
		log_release(n->log); /* a worker, and no one-off command */
	if (sender->pid == 0 || job_watch_declare(&n->jobs, sender->pid, busy, now) ||
		untracked > 0)
		return;
	log_event(n->log, LOG_WARNING, "jobs_untracked",
		"more than %d processes declare jobs (X_LASTCALL_BUSY): a stop does not wait for "
		"those of the others",
		JOBS_MAX_SENDERS);
}

/* Each of several servers below a start script says that it is the main one, as php-fpm does. The script decides, and
 * has its own handler of the stop signal. */
static void take_main_pid(struct notify *n, const struct notify_sender *sender, pid_t pid)
{
	if (pid == sender->pid && pid != n->app->pid && pid != n->app->named)
		ignore(n, sender, "it is not the main process, and names itself by MAINPID");
	else if (!app_name_main(n->app, pid))
		ignore(n, sender, "MAINPID is no process of the application");
}

/* Returns whether the stop plan depends on it. */
static bool take_message(struct notify *n, const struct notify_sender *sender,
	const struct notify_message *message, msec_t now)
{
	n->received++;
	if (message->has_bad_line)
		ignore(n, sender, "a value is not accepted");
	if (message->has_status)
		memcpy(n->status, message->status, sizeof n->status);
	if (message->main_pid > 0)
		take_main_pid(n, sender, message->main_pid);
	if (message->extend_ms >= 0)
		n->extended_until = msec_max(n->extended_until, msec_add(now, message->extend_ms));
	if (message->ready)
		take_ready(n, now);
	if (message->stopping)
		take_stopping(n, now);
	take_watchdog(n, message, now);
	if (message->busy >= 0)
		take_jobs(n, sender, (unsigned)message->busy, now);
	return message->ready || message->extend_ms >= 0 ||
	       (message->busy >= 0 && n->jobs.stopped_at != MSEC_NEVER);
}

static bool take_datagram(
	struct notify *n, const struct notify_sender *sender, const char *bytes, ssize_t len)
{
	struct notify_message message;

	if (!is_from_application(n, sender))
		ignore(n, sender, "the sender is none of the application's processes");
	else if (len < 0 || notify_message_parse(bytes, (size_t)len, &message) < 0)
		ignore(n, sender, "it is no text, or too long");
	else {
		notify_outer_forward(&n->outer, bytes, message.ready || message.stopping);
		return take_message(n, sender, &message, monoclock_now());
	}
	return false;
}

/* Returns whether the stop plan depends on what was said. */
static bool read_messages(struct notify *n)
{
	bool is_news = false;

	for (int i = 0; i < MESSAGES_AT_ONCE; i++) {
		char bytes[NOTIFY_MESSAGE_MAX + 1];
		struct notify_sender sender;
		ssize_t len = notify_socket_receive(n->socket.fd, bytes, &sender);

		if (len < 0 && len != -EMSGSIZE)
			break;
		is_news |= take_datagram(n, &sender, bytes, len);
	}
	return is_news;
}

static void on_readable(struct ev_loop *loop, ev_io *watcher, int events)
{
	struct notify *n = watcher->data;

	(void)loop;
	(void)events;
	if (read_messages(n))
		n->on_news(n->arg);
}

void notify_read(struct notify *notify)
{
	if (notify_is_open(notify))
		(void)read_messages(notify);
}

void notify_refresh_jobs(struct notify *notify, bool are_killed, msec_t now)
{
	notify_read(notify);
	job_watch_refresh(&notify->jobs, are_killed, now);
}

/* ---- what follows ---- */

bool notify_is_open(const struct notify *notify)
{
	return notify->socket.fd >= 0;
}

msec_t notify_watchdog_late(const struct notify *notify, msec_t now)
{
	msec_t due = msec_add(notify->watchdog_at, notify->watchdog_interval);

	if (notify->watchdog_triggered)
		due = notify->watchdog_at;
	else if (due == MSEC_NEVER)
		return 0;
	return notify->watchdog_triggered ? msec_max(now - due, 1) : msec_max(now - due, 0);
}

/* ---- the environment ---- */

static char *variable(char *buf, size_t cap, const char *name_and_equals, int64_t number)
{
	struct text text;

	text_init(&text, buf, cap);
	text_printf(&text, "%s%" PRId64, name_and_equals, number);
	return buf;
}

static char **change_environment(struct notify *n, char **envp, char *const changes[])
{
	size_t bytes = (environment_size(envp) + environment_size(changes)) * sizeof *envp;

	n->environment = zero_pages_map(bytes);
	if (n->environment == NULL)
		return envp;
	n->environment_bytes = bytes;
	environment_change(envp, changes, n->environment);
	return n->environment;
}

/* The strings live as long as the program: exec copies them. */
char **notify_make_environment(struct notify *notify, char **envp)
{
	static char socket_name[NOTIFY_NAME_BYTES + 16], usec[48], pid[32],
		none[] = "NOTIFY_SOCKET";
	const struct options *options = notify->options;
	char *changes[4] = {none, NULL};
	struct text text;

	if (!notify_is_open(notify))
		return options->notify == NOTIFY_OFF ? change_environment(notify, envp, changes)
						     : envp;
	text_init(&text, socket_name, sizeof socket_name);
	text_printf(&text, "NOTIFY_SOCKET=%s", notify->socket.name);
	changes[0] = socket_name;
	if (options->watchdog != MSEC_NEVER) {
		changes[1] = variable(usec, sizeof usec,
			"WATCHDOG_USEC=", msec_min(options->watchdog, INT64_MAX / 2000) * 1000);
		changes[2] = variable(pid, sizeof pid, "WATCHDOG_PID=", getpid());
	}
	return change_environment(notify, envp, changes);
}

void notify_free_environment(struct notify *notify)
{
	zero_pages_unmap(notify->environment, notify->environment_bytes);
	notify->environment = NULL;
}

/* ---- life ---- */

int notify_init(struct notify *notify, const struct options *options, struct ev_loop *loop,
	struct app *app, struct app_check *check, char *const envp[], struct log *log)
{
	bool must_open = options->notify == NOTIFY_READY;
	int r;

	notify->options = options;
	notify->log = log;
	notify->app = app;
	notify->check = check;
	notify->loop = loop;
	notify->socket.fd = notify->outer.peer.fd = -1;
	notify->watchdog_interval = options->watchdog;
	notify->watchdog_at = MSEC_NEVER;
	jobs_init(&notify->jobs);
	if (options->notify == NOTIFY_OFF || options->notify == NOTIFY_PASS)
		return 0;
	r = notify_socket_open(getpid() == 1, must_open, &notify->socket);
	if (r < 0) {
		log_event(log, LOG_VERBOSE, "no_notify_socket",
			"the application has no NOTIFY_SOCKET of lastcall: %s", strerror(-r));
		return must_open ? r : 0;
	}
	ev_io_init(&notify->readable, on_readable, notify->socket.fd, EV_READ);
	notify->readable.data = notify;
	ev_io_start(loop, &notify->readable);
	notify_outer_init(&notify->outer, loop, environment_get(envp, "NOTIFY_SOCKET"), log);
	return 0;
}

void notify_done(struct notify *notify)
{
	if (!notify_is_open(notify))
		return;
	ev_io_stop(notify->loop, &notify->readable);
	notify_outer_done(&notify->outer);
	notify_socket_close(&notify->socket);
}
