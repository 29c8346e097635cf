/* SPDX-License-Identifier: MIT */
/* What the application says of itself, in the way of sd_notify(3): that it is ready or stops, its status, its main
 * process, its watchdog, and its jobs. An application that says nothing costs nothing. */
#pragma once

#include "lastcall/app.h"
#include "lastcall/app_check.h"
#include "lastcall/notify_outer.h"
#include "core/report/jobs.h"

struct notify {
	const struct options *options;
	struct log *log;
	struct app *app;
	struct app_check *check;
	struct ev_loop *loop;
	ev_io readable;
	struct notify_socket socket; /* fd -1: the application has none of ours */
	void (*on_news)(void *arg); /* something was said that the stop plan depends on */
	void *arg;

	bool ready, stopping; /* the last of READY=1 and STOPPING=1; ready stays */
	msec_t ready_at, stopping_at; /* the first and the last such message */
	msec_t extended_until; /* EXTEND_TIMEOUT_USEC, of --start-timeout; 0: never said */
	msec_t watchdog_interval; /* MSEC_NEVER: there is none */
	msec_t watchdog_at; /* the last sign of life; MSEC_NEVER: none yet */
	bool watchdog_triggered;
	char status[NOTIFY_STATUS_BYTES];
	uint64_t received, ignored;
	char **environment; /* the copy that was made, or NULL */
	size_t environment_bytes;

	/* last: the pages between their own fields and what follows are used where there are messages and jobs */
	struct notify_outer outer;
	struct jobs jobs;
};

/* Opens the socket that --notify asks for. envp: what lastcall was started with. Returns 0, or -errno where
 * --notify=ready cannot have one. */
int notify_init(struct notify *notify, const struct options *options, struct ev_loop *loop,
	struct app *app, struct app_check *check, char *const envp[], struct log *log);

/* Also removes the socket's file. */
void notify_done(struct notify *notify);

/* The application's environment. Returns envp itself where nothing is to be changed in it; else a copy that lives until
 * notify_free_environment(), when the application runs. */
char **notify_make_environment(struct notify *notify, char **envp);
void notify_free_environment(struct notify *notify);

/* Whether messages are heard: the application has a socket of ours. */
bool notify_is_open(const struct notify *notify);

/* Reads what waits, before something is decided by what the application has said. */
void notify_read(struct notify *notify);

/* The same, and then takes out the jobs of processes that have ended: what a process has said is older than its
 * end. */
void notify_refresh_jobs(struct notify *notify, bool are_killed, msec_t now);

/* How late the watchdog is; 0: it is not, or there is none. */
msec_t notify_watchdog_late(const struct notify *notify, msec_t now);
