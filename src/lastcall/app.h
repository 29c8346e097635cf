/* SPDX-License-Identifier: MIT */
/* The application's processes: its main process, and whatever else has landed on us. Starts, signals
 * and reaps them, and remembers how they ended; when to do which is decided elsewhere. */
#pragma once

#include "core/text/exit_status.h"
#include "core/text/msec.h"
#include "core/cli/options.h"
#include "core/recognise/program.h"
#include "lastcall/log.h"
#include "lastcall/outside.h"
#include "lastcall/compat_run.h"
#include "sys/child.h"
#include "sys/oom_kills.h"
#include "sys/process_tree.h"

struct app {
	const struct options *options;
	const struct compat *compat; /* the init by whose name we were started, or NULL */
	struct log *log;
	pid_t pid; /* of the main process; 0 before it is started */
	struct program program; /* what the main process was when it was read last */
	struct app_end end;
	msec_t ended_at;
	bool others_left; /* any child besides the main process, as the last reaping saw it */
	uint64_t reaped; /* others that have ended */
	bool has_shell; /* not PID 1, and on a terminal: the shell has to see lastcall stop with the application */
	bool stopped; /* with us, by the terminal */
	bool stopped_in_foreground;

	int stop_signal; /* that the main process was sent; 0: none yet */
	int handles_stop_signal; /* 1, 0, or below 0: not known */
	bool stop_refused; /* the kernel did not let us send it: CAP_KILL is missing */
	bool killed; /* the main process was sent SIGKILL */
	bool killed_all;
	unsigned leftovers; /* there when the main process had ended */
	unsigned leftovers_killed; /* others that were sent SIGKILL */
	struct outside outside;
	struct oom_kills oom_kills;
};

void app_init(struct app *app, const struct options *options, const struct compat *compat,
	struct log *log);

/* Says how the main process has ended. */
void app_say_end(const struct app *app);

/* Starts the main process. Returns 0, or the exit status to leave with, having said why. */
int app_start(
	struct app *app, char *const argv[], char **envp, const struct signal_state *inherited);

/* What can wait until the application runs, and need not be done for one that has ended meanwhile:
 * notes what the kernel has killed before it, and closes what it alone was handed. report_fd stays open,
 * and the log's descriptor. */
void app_after_start(struct app *app, int report_fd);

bool app_main_is_alive(const struct app *app);
bool app_is_gone(const struct app *app); /* the main process, and all others */

/* Reaps all that have ended, and where the terminal has stopped the application stops us, too. Returns
 * whether the last process of all was among those that have ended. */
bool app_reap(struct app *app);

/* Hands on a signal, as --rewrite has it. */
void app_forward(struct app *app, const struct signal_received *received);

/* Whether the kernel would let us signal the main process: not where it runs as another user, and CAP_KILL
 * is missing. */
bool app_may_signal_main(const struct app *app);

/* Reads what the main process is now: it may have become another program, or have set its handlers. Where
 * /proc does not say so much, the command is what is known. */
void app_read_program(struct app *app);

/* Tells the main process, read just before, to stop: the signal, and SIGCONT, for a stopped process acts on
 * nothing. Returns 0 or -errno. */
int app_stop(struct app *app, int signal);

void app_kill_main(struct app *app, const char *why);
void app_signal_others(struct app *app);
void app_kill_all(struct app *app, const char *why); /* may be repeated */

/* For the init that we stand in for: what it does, and says, when the main process has ended. */
void app_compat_on_exit(const struct app *app);

/* After the main process's end, to the shell that started us. */
void app_give_terminal_back(const struct app *app);

/* Our own exit status: what became of the application, as --exit-map has it. */
int app_exit_status(const struct app *app);
