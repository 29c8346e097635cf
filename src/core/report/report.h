/* SPDX-License-Identifier: MIT */
/* The drain report: one JSON line for machines, one for CloudWatch's metrics, and one for people. docs/report.md explains every
 * field, docs/report.schema.json is checked against it. Values in, text out. */
#pragma once

#include "core/tcp/conn_tracker.h"
#include "core/text/label_list.h"
#include "core/text/msec.h"
#include "core/tcp/port_set.h"
#include "core/text/text.h"
#include "core/report/jobs.h"
#include "core/report/timeline.h"
#include "core/report/waited_for.h"

#include <stdbool.h>
#include <stdint.h>

#define REPORT_SCHEMA "lastcall.drain/1"
#define REPORT_MAX_BYTES 16384 /* Docker's log drivers split longer lines */
#define REPORT_EMF_BYTES 4096
#define REPORT_TEXT_BYTES 1024 /* Kubernetes gives twelve containers so much each */
#define REPORT_SUMMARY_BYTES 512
#define REPORT_NAMED_PORTS 64 /* by number; the others are only counted */

enum report_outcome {
	REPORT_DRAINED, /* all work in flight was finished and the application ended */
	REPORT_BUDGET_EXHAUSTED, /* the drain budget ended with work in flight */
	REPORT_APP_EXITED, /* the application ended before it was signalled, or before its work did */
	REPORT_KILLED, /* the application had to be killed */
	REPORT_OUTCOME_COUNT,
};

/* What could not be done as asked, said once each. */
enum report_degraded {
	REPORT_DEGRADED_PROCNET, /* no sock_diag: queues and states only */
	REPORT_DEGRADED_NO_DETECTOR, /* no connection is seen: the drain waits its budget */
	REPORT_DEGRADED_NO_EVENTS, /* no destroy events: endings are seen by polling */
	REPORT_DEGRADED_EVENTS_LOST, /* the kernel dropped events: endings are partly known */
	REPORT_DEGRADED_PORTS_UNKNOWN, /* listeners could not be matched to the application */
	REPORT_DEGRADED_PORTS_BY_USER, /* listeners were matched by their owner's user id only */
	REPORT_DEGRADED_TRACKER_FULL, /* more connections than can be followed one by one */
	REPORT_DEGRADED_UNIX_UNSEEN, /* clients of a unix-domain socket that no dump shows */
	REPORT_DEGRADED_NO_EXACT, /* the kernel answers for all connections only: dearer polls */
	REPORT_DEGRADED_NO_SUBREAPER, /* not PID 1 and no subreaper: orphans are lost to us */
	REPORT_DEGRADED_HEALTH_ADDRESS_IN_USE, /* the default one; the application runs without */
	REPORT_DEGRADED_COUNT,
};

enum report_detector {
	REPORT_DETECTOR_SOCK_DIAG,
	REPORT_DETECTOR_PROCNET,
	REPORT_DETECTOR_NONE,
	REPORT_DETECTOR_COUNT,
};

/* What an operator can change, found out from what happened. */
enum report_diagnosis {
	REPORT_DIAGNOSIS_NO_HANDLER, /* the application has no handler for its stop signal */
	REPORT_DIAGNOSIS_DIED_WITH_WORK, /* it died at once when signalled, with work in flight */
	REPORT_DIAGNOSIS_IDLE_NOT_EXITING, /* it listened, had nothing in flight from its stop signal on, and had to be killed */
	REPORT_DIAGNOSIS_NOT_READY, /* it was stopped because it was not ready in time */
	REPORT_DIAGNOSIS_OUT_OF_MEMORY, /* the kernel has killed some of its processes */
	REPORT_DIAGNOSIS_MAY_NOT_SIGNAL, /* the kernel did not let us signal it: CAP_KILL, or a security module */
	REPORT_DIAGNOSIS_WAITED_IN_DOUBT, /* the drain waited for what may have been idle */
	REPORT_DIAGNOSIS_COUNT,
};

struct report {
	const char *version;
	enum report_outcome outcome;
	uint32_t degraded; /* bits 1u << enum report_degraded */
	uint32_t diagnosis; /* bits 1u << enum report_diagnosis */

	struct {
		const char *signal; /* "SIGTERM"; NULL when the stop began without one */
		int64_t at_unix_ms; /* wall clock of the signal, or of the application's own end */
		msec_t timeout_ms;
		const char *timeout_source; /* "--stop-timeout", "ecs-default", … */
		msec_t margin_ms;
		msec_t longest_request_ms; /* silence that ends a doubt */
		const char *longest_request_source; /* "--longest-request", …, "default" */
	} stop;

	struct {
		msec_t min_drain; /* of drain, what --min-drain asked for */
		msec_t doubt; /* of drain, while nothing else held it than connections that may be idle */
		msec_t drain;
		msec_t term; /* from the application's stop signal on, leftovers included */
		msec_t kill;
		msec_t flush;
		msec_t total; /* drain + term + kill + flush */
	} phases_ms;
	msec_t headroom_ms; /* deadline minus total, below 0 when late; MSEC_NEVER: no deadline */

	struct {
		enum report_detector detector;
		const struct port_set *ports;

		/* With REPORT_DETECTOR_NONE, and with no ports because they are unknown, all below
		 * and the timeline are not known: null. */

		bool ended_unseen; /* the application ended before the stop began, or the first poll
				    * of it failed, and no poll saw
				    * what was in flight then: what is 0 is not known, and what is
				    * not is the least that it can be */
		unsigned open_at_stop, accept_queue_at_stop;
		struct conn_totals since; /* the stop: what became of them */
	} connections;

	struct {
		int pid;
		int exit_code; /* -1 when a signal ended it, or when it never ended */
		const char *signal; /* NULL when it exited */
		bool killed;
		const char *stop_signal; /* what it was sent last to stop it; NULL: nothing */
		int handles_stop_signal; /* 1, 0, or -1: not known */
		enum waited_for waited_for; /* when it was killed */
		msec_t idle_ms; /* so long nothing had been in flight then; MSEC_NEVER: something was, or it was not killed */
		unsigned leftovers; /* there when it had ended, and signalled */
		unsigned leftovers_killed; /* processes besides it that were sent SIGKILL */
		unsigned exec_jobs; /* processes from outside that were sent SIGTERM: docker exec */
		unsigned exec_shells; /* shells of theirs on a terminal, sent SIGHUP */
		unsigned exec_killed; /* processes from outside that were sent SIGKILL */
		int64_t oom_kills; /* processes that the kernel killed for lack of memory; below 0: not known */
	} app;

	const struct jobs *jobs; /* since the stop */

	/* What the application said of itself. */
	struct {
		msec_t ready_ms; /* from its start to READY=1; MSEC_NEVER: it did not say so */
		bool stopping; /* STOPPING=1 was the last word */
		const char *status; /* the last one, or NULL */
		uint64_t received, ignored; /* messages; ignored: foreign, malformed, or in part */
	} notify;

	struct {
		uint64_t served, refused;
	} health;
	uint64_t reaped;
	struct timeline timeline;
	struct label_list labels;
};

const char *report_detector_name(enum report_detector detector);
const char *report_degraded_name(enum report_degraded degraded);
const char *report_outcome_name(enum report_outcome outcome);
const char *report_diagnosis_name(enum report_diagnosis diagnosis);

bool report_is_degraded(const struct report *report, enum report_degraded degraded);

/* Whether a count is known: one that is 0 may only mean that nothing was seen. */
bool report_knows(const struct report *report, uint64_t count);

/* A detector that does not know which ports are the application's sees nothing either, and its
 * zeros are no counts. */
bool report_sees_connections(const struct report *report);

/* Whether an alarm is due: work was lost, or the application exited unasked. The same rule as that of the metric
 * filter in docs/report.md. */
bool report_lost_work(const struct report *report);

/* Adds the JSON line with its newline, REPORT_MAX_BYTES with the terminating NUL at most. In less
 * room (text's buffer should have as much left) the timeline gets coarser and labels that do not
 * fit are left out; where even that is too long nothing is added and text is truncated. So the
 * line is whole and valid JSON whatever the labels contain, or it is not there. */
void report_write_json(struct text *text, const struct report *report);

/* Adds the line for people, with no prefix and no newline: what happened, in how much of the time
 * there was, what was finished, cut and lost, how the application ended. */
void report_write_summary(struct text *text, const struct report *report);

/* Adds the line for people as a report of its own, with its newline, REPORT_TEXT_BYTES with the terminating NUL at
 * most: the time, the summary, the diagnosis, and the labels that fit. */
void report_write_text(struct text *text, const struct report *report);

/* Adds the line for CloudWatch with its newline, REPORT_EMF_BYTES with the terminating NUL at most: a log event
 * that is also metrics (Amazon CloudWatch User Guide, "Specification: Embedded metric format"). What is not known
 * is no metric. The dimensions are ClusterName and ServiceName, from the labels cluster and service. */
void report_write_emf(struct text *text, const struct report *report);
