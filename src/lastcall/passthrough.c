/* SPDX-License-Identifier: MIT */
#include "lastcall/passthrough.h"

#include "lastcall/app.h"
#include "lastcall/compat_run.h"

#include <string.h>
#include <unistd.h>

#define SIGNALS_AT_ONCE 16

static void say(const struct app *app, enum compat_event_kind kind, int number)
{
	compat_run_say(
		app->compat, app->log, &(struct compat_event){.kind = kind, .number = number});
}

/* What dumb-init does besides when a terminal stops the application; its SIGCONT wakes us. */
static void stop_too(const struct app *app, int signal)
{
	if (app->compat == NULL || !app->compat->stops_too ||
		(signal != SIGTSTP && signal != SIGTTIN && signal != SIGTTOU))
		return;
	say(app, COMPAT_STOPPING, signal);
	(void)kill(getpid(), SIGSTOP);
}

static void take_signal(struct app *app, const struct signal_received *received)
{
	if (received->number == SIGCHLD) {
		say(app, COMPAT_RECEIVED, SIGCHLD);
		(void)app_reap(app);
	} else {
		app_forward(app, received);
		stop_too(app, received->number);
	}
}

/* Waits, and takes what has arrived. Returns whether SIGTERM or SIGINT was among it. */
static bool take_signals(struct app *app, int signal_fd)
{
	struct signal_received received[SIGNALS_AT_ONCE];
	bool is_signalled_to_end = false;
	int count = signals_read(signal_fd, received, SIGNALS_AT_ONCE);

	for (int i = 0; i < count; i++) {
		take_signal(app, &received[i]);
		is_signalled_to_end |=
			received[i].number == SIGTERM || received[i].number == SIGINT;
	}
	return is_signalled_to_end;
}

int passthrough_run(const struct options *options, int signal_fd,
	const struct signal_state *inherited, char **envp, const struct compat *compat,
	struct log *log)
{
	struct app app;
	int failed = signals_set_waiting(signal_fd);

	if (failed < 0) {
		log_event(log, LOG_ERROR, "setup_failed", "cannot wait for signals: %s",
			strerror(-failed));
		return EXIT_STATUS_FAILED;
	}
	app_init(&app, options, compat, log);
	if (compat != NULL && compat->pauses) {
		(void)!chdir("/");
		child_close_inherited(&log->sink.fd, 1);
		while (!take_signals(&app, signal_fd))
			continue;
		return 0;
	}
	failed = app_start(&app, options->command, envp, inherited);
	if (failed != 0)
		return failed;
	app_after_start(&app, NULL);
	log_hold(log, LOG_INFO);
	log_event(log, LOG_INFO, "started", "'%s' started as pid %d; draining is off",
		options->command[0], app.pid);
	while (app_main_is_alive(&app)) {
		if (take_signals(&app, signal_fd))
			log_release(log);
	}
	if (app.end.signal > 0 && log->holds) { /* by itself: that alone is said */
		log_forget_held(log);
		app_log_end(&app);
		log_release(log);
	}
	app_compat_on_exit(&app);
	app_give_terminal_back(&app);
	return app_exit_status(&app);
}
