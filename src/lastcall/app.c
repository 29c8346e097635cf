/* SPDX-License-Identifier: MIT */
#include "lastcall/app.h"

#include "core/text/signal_name.h"
#include "core/stop/stop_signal.h"
#include "lastcall/compat_run.h"
#include "sys/fd.h"
#include "sys/monoclock.h"
#include "sys/pidfd.h"
#include "sys/process_status.h"
#include "sys/process_tree.h"
#include "sys/terminal.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define REAPS_AT_ONCE 256

void app_init(struct app *app, const struct options *options, const struct compat *compat,
	struct log *log)
{
	*app = (struct app){.options = options,
		.compat = compat,
		.log = log,
		.handles_stop_signal = -1,
		.named_fd = -1,
		.oom_kills = {.fd = -1},
		.has_shell = getpid() != 1 && terminal_foreground_group() >= 0 &&
			     (compat == NULL || !compat->stops_too)};
	outside_init(&app->outside, log);
}

static void say(const struct app *app, const struct compat_event *event)
{
	compat_run_say(app->compat, app->log, event);
}

static void log_signal(const struct app *app, enum compat_event_kind kind, int number, int other)
{
	say(app, &(struct compat_event){.kind = kind, .number = number, .other = other});
}

static void log_end(
	const struct app *app, enum compat_event_kind kind, pid_t pid, struct app_end end)
{
	say(app, &(struct compat_event){.kind = kind,
			 .number = pid,
			 .status = exit_status_from_app(end),
			 .signal = end.signal});
}

static enum child_group group_for(const struct app *app)
{
	if (app->compat != NULL && app->compat->in_our_group)
		return CHILD_GROUP_OURS;
	return app->options->setsid ? CHILD_GROUP_SESSION : CHILD_GROUP_OWN;
}

static const char *hint_for(const struct child_failure *failure, const char *command, int error)
{
	static const char
		hints[][sizeof " (the file exists, but not its interpreter, or its C library)"] = {
			[CHILD_HINT_CRLF - 1] =
				" (its first line ends in CRLF: save the script with LF)",
			[CHILD_HINT_NO_INTERPRETER - 1] =
				" (the file exists, but not its interpreter, or its C library)",
			[CHILD_HINT_ELF - 1] = " (a program for another processor, or damaged)",
		};

	if (failure->hint != CHILD_HINT_NONE)
		return hints[failure->hint - 1];
	if (error == ENOENT && strchr(command, ' ') != NULL)
		return " (the whole text is taken for a file name: give each argument separately)";
	return error == ENOEXEC ? " (a script needs a first line like #!/bin/sh)" : "";
}

static int log_not_started(
	const struct app *app, const char *command, const struct child_failure *failure, int error)
{
	if (app->compat != NULL && failure->stage == CHILD_STAGE_EXEC)
		say(app, &(struct compat_event){.kind = COMPAT_NOT_STARTED,
				 .text = command,
				 .reason = strerror(error)});
	else
		log_event(app->log, LOG_ERROR, "start_failed", "%s '%s': %s%s",
			child_stage_text(failure->stage), command, strerror(error),
			hint_for(failure, command, error));
	return failure->stage == CHILD_STAGE_EXEC ? exit_status_from_exec(error)
						  : EXIT_STATUS_FAILED;
}

int app_start(
	struct app *app, char *const argv[], char **envp, const struct signal_state *inherited)
{
	const struct child_setup setup = {
		.argv = argv,
		.envp = envp,
		.inherited = inherited,
		.group = group_for(app),
		.has_watchdog =
			app->options->notify == NOTIFY_AUTO || app->options->notify == NOTIFY_READY,
		.shell_for_scripts = app->options->shell_for_scripts,
	};
	struct child_failure failure;
	pid_t pid = child_start(&setup, &failure);

	if (pid < 0)
		return log_not_started(app, argv[0], &failure, -pid);
	app->pid = pid;
	app->started_at = monoclock_now();
	say(app, &(struct compat_event){.kind = COMPAT_STARTED, .number = pid, .text = argv[0]});
	return 0;
}

void app_after_start(struct app *app, const struct report_outputs *reports)
{
	int kept[OPTIONS_MAX_REPORTS + 1];
	size_t count = 0;

	if (app->compat == NULL) /* they have no report */
		oom_kills_open(&app->oom_kills);
	for (; reports != NULL && count < reports->count; count++)
		kept[count] = reports->list[count].sink.fd;
	kept[count++] = app->log->sink.fd;
	child_close_inherited(kept, count);
}

bool app_main_is_alive(const struct app *app)
{
	return app->pid > 0 && !app->end.ended;
}

bool app_is_gone(const struct app *app)
{
	return !app_main_is_alive(app) && !app->others_left;
}

void app_log_end(const struct app *app)
{
	if (app->end.signal > 0)
		log_event(app->log, LOG_INFO, "app_ended", "application (pid %d) killed by %s%s",
			app->pid, signal_name(app->end.signal),
			app->end.signal == SIGKILL && !app->killed &&
					oom_kills_count(&app->oom_kills) > 0
				? ": the container is out of memory"
				: "");
	else
		log_event(app->log, LOG_INFO, "app_ended", "application (pid %d) exited with %d",
			app->pid, app->end.exit_code);
}

static void set_named(struct app *app, pid_t pid)
{
	(void)fd_close(app->named_fd);
	app->named = pid;
	app->named_fd = pid > 0 ? pidfd_open_process(pid) : -1;
}

bool app_name_main(struct app *app, pid_t pid)
{
	pid_t named = pid != app->pid ? pid : 0;

	if (named == app->named && (named == 0 || !pidfd_has_ended(app->named_fd)))
		return true;
	if (named > 0 && !process_tree_has_descendant(getpid(), named))
		return false;
	set_named(app, named);
	log_event(app->log, LOG_VERBOSE, "main_named",
		"pid %d is the main process, by the application's MAINPID", pid);
	return true;
}

/* The process that gets the main one's signals. */
static pid_t signalled_main(const struct app *app)
{
	if (app->named > 0 && !pidfd_has_ended(app->named_fd) &&
		process_tree_has_descendant(getpid(), app->named))
		return app->named;
	return app->pid;
}

/* A daemon's parent has exited: the daemon is the application from here on. A parent that was sent the stop signal
 * itself has exited as it was asked to: what it has named since is a leftover, and is yet to be signalled. */
static bool is_replaced(struct app *app, int wait_status)
{
	pid_t named = app->named;

	if (named == 0 || app->killed || !child_is_ours(named) || signalled_main(app) != named ||
		(app->stop_signal > 0 && app->stop_pid != named))
		return false;
	log_event(app->log, LOG_INFO, "main_replaced",
		"pid %d exited with %d; pid %d is the main process, by the application's MAINPID",
		app->pid, exit_status_from_app(app_end_from_wait(wait_status)), named);
	app->pid = named;
	set_named(app, 0);
	return true;
}

static void note_main_end(struct app *app, int wait_status)
{
	if (is_replaced(app, wait_status))
		return;
	app->end = app_end_from_wait(wait_status);
	app->ended_at = monoclock_now();
	if (app->end.signal == 0 && app->stop_signal > 0 && app->handles_stop_signal <= 0 &&
		stop_signal_would_kill(&app->program, app->stop_signal))
		app->handles_stop_signal = 1; /* or the signal would have ended it */
	app_log_end(app);
}

static void note_orphan_end(struct app *app, pid_t pid, int wait_status)
{
	struct app_end end = app_end_from_wait(wait_status);

	app->reaped++;
	if (pid == app->named) /* its pid may be used again */
		set_named(app, 0);
	if (!app->options->warn_on_reap)
		return;
	if (app->compat != NULL)
		say(app, &(struct compat_event){.kind = COMPAT_REAPED_ORPHAN, .number = pid});
	else if (end.signal > 0)
		log_event(app->log, LOG_WARNING, "reaped", "reaped orphan pid %d (killed by %s)",
			pid, signal_name(end.signal));
	else
		log_event(app->log, LOG_WARNING, "reaped", "reaped orphan pid %d (exited with %d)",
			pid, end.exit_code);
}

/* The keys of a terminal stop the application's group alone, while the shell that started lastcall waits for
 * lastcall's. So lastcall stops as well. But a shell that makes a running background job its foreground one
 * sends no signal: then the application's first use of the terminal stops it, and it has to continue. */
static void stop_with_application(struct app *app)
{
	int signal = child_stopped_by(app->pid);

	if (signal == 0)
		return;
	if ((signal == SIGTTIN || signal == SIGTTOU) && terminal_hand_over(getpgrp(), app->pid)) {
		(void)child_signal_group(app->pid, SIGCONT);
		return;
	}
	app->stopped = true;
	app->stopped_in_foreground = terminal_foreground_group() == app->pid;
	terminal_stop_job();
}

/* All that the terminal has stopped goes on, in the foreground if it was there and the shell wants it. */
static int go_on(struct app *app)
{
	app->stopped = false;
	if (app->stopped_in_foreground)
		(void)terminal_hand_over(getpgrp(), app->pid);
	return child_signal_group(app->pid, SIGCONT);
}

/* One SIGCHLD may stand for many. On a machine with many processors a fork bomb makes zombies faster than one
 * processor can reap them, so that the clock and the stop signal have their turn in between: what is left is reaped by
 * the next SIGCHLD, which lastcall sends itself. */
bool app_reap(struct app *app)
{
	bool was_gone = app_is_gone(app);
	int status, count = 0;
	pid_t pid;

	while (count < REAPS_AT_ONCE && (pid = child_reap(&status)) > 0) {
		count++;
		log_end(app, COMPAT_REAPED, pid, app_end_from_wait(status));
		if (pid == app->pid && app_main_is_alive(app))
			note_main_end(app, status);
		else
			note_orphan_end(app, pid, status);
	}
	if (pid > 0)
		(void)kill(getpid(), SIGCHLD);
	app->others_left = pid >= 0;
	if (app->has_shell && app_main_is_alive(app))
		stop_with_application(app);
	return !was_gone && app_is_gone(app);
}

/* A process that the application has named as its main one may lead no group. */
static int signal_app(const struct app *app, int signal)
{
	pid_t pid = signalled_main(app);

	return app->options->group && getpgid(pid) == pid ? child_signal_group(pid, signal)
							  : child_signal(pid, signal);
}

/* Returns the signal that the application is to get for one, or 0. */
static int rewrite(const struct app *app, int received)
{
	int signal = app->options->rewrite[received];

	if (signal != received)
		log_signal(app, COMPAT_REWRITTEN, received, signal);
	log_signal(app, signal > 0 ? COMPAT_FORWARDED : COMPAT_DROPPED, signal, 0);
	return signal;
}

void app_forward(struct app *app, const struct signal_received *received)
{
	const char *name = signal_name(received->number);
	int signal, r;

	if (received->number == SIGPIPE && received->sender == getpid())
		return; /* of a write of our own */
	log_signal(app, COMPAT_RECEIVED, received->number, 0);
	signal = rewrite(app, received->number);
	if (!app_main_is_alive(app))
		return;
	if (received->number == SIGCONT && app->stopped) /* whatever else becomes of it */
		r = go_on(app);
	else if (signal == 0)
		return;
	else if (received->has_value && !app->options->group)
		r = child_forward(signalled_main(app), signal, received);
	else
		r = signal_app(app, signal);
	if (r < 0)
		log_event(app->log, LOG_WARNING, "signal_failed", "cannot forward %s to pid %d: %s",
			name, app->pid, strerror(-r));
	else
		log_event(app->log, LOG_VERBOSE, "forwarded", "forwarded %s to pid %d%s%s", name,
			app->pid, signal != received->number ? " as " : "",
			signal != received->number ? signal_name(signal) : "");
}

void app_read_program(struct app *app)
{
	if (process_status_read(signalled_main(app), &app->program) < 0 ||
		app->program.words_len == 0)
		program_take_command(&app->program, app->options->command);
}

/* A security module says EACCES: AppArmor, SELinux, Smack. */
static bool is_refused(int r)
{
	return r == -EPERM || r == -EACCES;
}

bool app_may_signal_main(const struct app *app)
{
	return !is_refused(child_signal(app->pid, 0));
}

int app_stop(struct app *app, int signal)
{
	int r;

	app->stop_signal = signal;
	app->stop_pid = signalled_main(app);
	app->handles_stop_signal = stop_signal_is_handled(&app->program, signal);
	r = signal_app(app, signal);
	app->stop_refused = is_refused(r);
	if (app->stop_refused) { /* it never got one */
		app->stop_signal = 0;
		app->handles_stop_signal = -1;
		return r;
	}
	(void)signal_app(app, SIGCONT);
	return r;
}

void app_kill_main(struct app *app, const char *why)
{
	pid_t signalled = signalled_main(app);
	int r = child_signal(app->pid, SIGKILL);

	(void)child_signal(signalled, SIGKILL); /* mostly the same one */
	if (r < 0) {
		log_event(app->log, LOG_WARNING, "signal_failed",
			"cannot send SIGKILL to pid %d (%s): %s", app->pid, why, strerror(-r));
		return;
	}
	app->killed = true;
	log_event(app->log, LOG_WARNING, "app_killed", "sent SIGKILL to pid %d: %s", app->pid, why);
}

void app_compat_on_exit(const struct app *app)
{
	int signal;

	if (app->compat != NULL && app->compat->ends_group && (signal = rewrite(app, SIGTERM)) > 0)
		(void)child_signal_group(app->pid, signal);
	log_end(app, COMPAT_MAIN_ENDED, app->pid, app->end);
}

void app_give_terminal_back(const struct app *app)
{
	if (app->has_shell)
		(void)terminal_hand_over(app->pid, getpgrp());
}

int app_exit_status(const struct app *app)
{
	return app->options->exit_map[exit_status_from_app(app->end)];
}
