/* SPDX-License-Identifier: MIT */
/* The application's processes: its main process, and the orphans that lastcall adopts. Starts, signals and reaps
 * them, and remembers how they exited. stop_plan decides when. */
#pragma once

#include "core/text/exit_status.h"
#include "core/text/msec.h"
#include "core/cli/options.h"
#include "core/recognise/program.h"
#include "lastcall/log.h"
#include "lastcall/outside.h"
#include "lastcall/report_outputs.h"
#include "sys/child.h"
#include "sys/oom_kills.h"

struct app {
	const struct options *options;
	const struct compat *compat; /* the init by whose name lastcall was started, or NULL */
	struct log *log;
	pid_t pid; /* of the main process; 0 before it is started */
	pid_t named; /* the process that the application says is its main one: it gets the signals; 0: none */
	int named_fd; /* its pidfd, or below 0: its pid may be used again */
	struct program program; /* the main process's names and signals, as last read from /proc */
	msec_t started_at;
	struct app_end end;
	msec_t ended_at;
	bool others_left; /* the last reaping found children besides the main process */
	uint64_t reaped; /* orphans */
	bool has_shell; /* not PID 1, and on a terminal: the shell has to see lastcall stop with the application */
	bool stopped; /* together with lastcall, by the terminal */
	bool stopped_in_foreground;

	int stop_signal; /* that the main process was sent; 0: none yet */
	pid_t stop_pid; /* the process that was sent it: the main one, or the named one */
	int handles_stop_signal; /* 1, 0, or below 0: not known */
	bool stop_refused; /* the kernel refused the signal, see app_may_signal_main() */
	bool killed; /* the main process was sent SIGKILL */
	bool killed_all;
	unsigned leftovers; /* processes that outlived the main process */
	unsigned leftovers_killed; /* others that were sent SIGKILL */
	struct outside outside;
	struct oom_kills oom_kills;
};

void app_init(struct app *app, const struct options *options, const struct compat *compat,
	struct log *log);

/* Logs how the main process exited. */
void app_log_end(const struct app *app);

/* Starts the main process. Returns 0, or lastcall's exit status after logging the reason. */
int app_start(
	struct app *app, char *const argv[], char **envp, const struct signal_state *inherited);

/* The application says which of its processes is the main one (MAINPID). That process gets the stop signal and the
 * forwarded signals from here on, until it ends or the one that was started is named. When the process that was started
 * exits by itself, the named one takes its place, if it is a child of lastcall then: as a daemon is. Returns false where
 * it is no living descendant. */
bool app_name_main(struct app *app, pid_t pid);

/* Work that can wait until the application runs: reads the count of processes that the kernel has killed so far,
 * and closes the descriptors that were passed for the application. Those of the
 * reports (NULL: none) and of the log stay open. */
void app_after_start(struct app *app, const struct report_outputs *reports);

bool app_main_is_alive(const struct app *app);
bool app_is_gone(const struct app *app); /* the main process, and all others */

/* Reaps all exited processes. If the terminal has stopped the application, lastcall stops, too. Returns whether
 * this reaped the last process of all. */
bool app_reap(struct app *app);

/* Forwards a signal, replaced by --rewrite. */
void app_forward(struct app *app, const struct signal_received *received);

/* Whether the kernel allows lastcall to signal the main process: not if it runs as another user and CAP_KILL is
 * missing, or if a security module forbids it. */
bool app_may_signal_main(const struct app *app);

/* Reads the main process's names and signals from /proc: it may have executed another program, or have set
 * handlers. Without /proc the names are those of the command. */
void app_read_program(struct app *app);

/* Sends the main process, read just before, its stop signal, and SIGCONT, because a stopped process does not act
 * on signals. Returns 0 or -errno. */
int app_stop(struct app *app, int signal);

void app_kill_main(struct app *app, const char *why);

/* By another init's name: does and prints what that init does when the main process has exited. */
void app_compat_on_exit(const struct app *app);

/* After the main process's exit: gives the terminal to the shell that started lastcall. */
void app_give_terminal_back(const struct app *app);

/* lastcall's exit status: the application's, replaced by --exit-map. */
int app_exit_status(const struct app *app);
