/* SPDX-License-Identifier: MIT */
#include "lastcall/plain_init.h"

#include "lastcall/app.h"
#include "sys/terminal.h"

#include <unistd.h>

#define SIGNALS_AT_ONCE 16

static void take_signals(struct app *app, int signal_fd)
{
	struct signal_received received[SIGNALS_AT_ONCE];
	int count = signals_read(signal_fd, received, SIGNALS_AT_ONCE);

	for (int i = 0; i < count; i++) {
		if (received[i].number == SIGCHLD)
			(void)app_reap(app);
		else
			app_forward(app, &received[i]);
	}
}

int plain_init_run(const struct options *options, int signal_fd,
	const struct signal_state *inherited, char *const envp[], struct log *log)
{
	struct app app;
	int failed;

	app_init(&app, options, log);
	failed = app_start(&app, options->command, envp, inherited);
	if (failed != 0)
		return failed;
	child_close_inherited((const int[]){-1, log->sink.fd});
	(void)!chdir("/"); /* no file system is kept from being unmounted by us */
	log_event(log, LOG_INFO, "started", "'%s' started as pid %d; nothing will be drained",
		options->command[0], app.pid);
	while (app_main_is_alive(&app)) {
		signals_wait(signal_fd);
		take_signals(&app, signal_fd);
	}
	(void)terminal_hand_over(app.pid, getpgrp()); /* for the shell that started us */
	return app_exit_status(&app);
}
