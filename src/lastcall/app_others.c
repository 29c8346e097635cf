/* SPDX-License-Identifier: MIT */
#include "lastcall/app_others.h"

#include "sys/monoclock.h"
#include "sys/process_tree.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* Signals every process but lastcall. As PID 1, kill(2) with -1 does just that, in one call that no fork can
 * outrun. Elsewhere lastcall looks up its descendants; without /proc it knows only the application's process
 * group. */
static void signal_all_others(const struct app *app, int signal)
{
	if (getpid() == 1)
		(void)kill(-1, signal);
	else if (process_tree_signal(getpid(), signal, NULL) < 0 && app->pid > 1)
		(void)kill(-app->pid, signal);
}

/* The same, and counts the descendants that it reached. kill(2) does not count. Returns the count, or
 * -errno. *ret_refused (or NULL) counts those that may not be signalled. */
static int signal_and_count_all(const struct app *app, int signal, unsigned *ret_refused)
{
	bool is_pid1 = getpid() == 1;
	/* what forks without end has no time to do so while it is counted */
	int count = process_tree_signal(
		getpid(), is_pid1 && signal != SIGKILL ? 0 : signal, ret_refused);

	if (is_pid1)
		(void)kill(-1, signal);
	else if (count < 0 && app->pid > 1)
		(void)kill(-app->pid, signal);
	return count;
}

/* How many of `all` are not the main process. Those that may not be signalled are not among them:
 * signal_all_others does not reach them either. */
static unsigned count_others(const struct app *app, int all)
{
	bool with_main = app_main_is_alive(app) && app_may_signal_main(app);

	if (all < 0) /* no /proc: at least one, if the child that is left is not the main process */
		return app->others_left && !app_main_is_alive(app);
	return (unsigned)all - (with_main && all > 0);
}

static void log_others_signalled(const struct app *app, unsigned refused)
{
	if (app->leftovers > 0)
		log_event(app->log, LOG_INFO, "leftovers_signalled",
			"sent SIGTERM to %u leftover %s", app->leftovers,
			app->leftovers == 1 ? "process" : "processes");
	if (refused > 0)
		log_event(app->log, LOG_WARNING, "signal_failed",
			"cannot send SIGTERM to %u of the leftover processes: %s", refused,
			strerror(EPERM));
}

void app_signal_others(struct app *app)
{
	unsigned refused = 0;

	app->leftovers = count_others(app, signal_and_count_all(app, SIGTERM, &refused));
	log_others_signalled(app, refused);
	signal_all_others(app, SIGCONT);
	outside_signal(&app->outside);
}

void app_kill_all(struct app *app, const char *why, bool is_last)
{
	if (!app->killed_all) {
		bool with_main = app_main_is_alive(app) && app_may_signal_main(app);

		app->killed_all = true;
		if (app->outside.is_old) /* the main process has not ended: not polled yet */
			outside_poll(&app->outside, app->others_left || app_main_is_alive(app),
				monoclock_now());
		app->leftovers_killed = count_others(app, signal_and_count_all(app, SIGKILL, NULL));
		app->killed |= with_main;
		outside_note_kill(&app->outside);
		if (app_main_is_alive(app) && !with_main)
			log_event(app->log, LOG_WARNING, "signal_failed",
				"cannot send SIGKILL to pid %d (%s): %s", app->pid, why,
				strerror(EPERM));
		if (with_main || app->leftovers_killed + app->outside.killed > 0)
			log_event(app->log, LOG_WARNING, "killed_all",
				"sent SIGKILL to all remaining processes (%s): %s%u %s%s", why,
				with_main ? "the application and " : "", app->leftovers_killed,
				app->leftovers_killed == 1 ? "other" : "others",
				app->outside.killed > 0 ? ", and those from outside" : "");
	} else {
		signal_all_others(app, SIGKILL);
	}
	if (is_last && getpid() != 1)
		(void)process_tree_signal_by_walk(getpid(), SIGKILL, NULL);
}
