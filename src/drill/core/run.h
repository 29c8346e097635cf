/* SPDX-License-Identifier: MIT */
/* One stop: what was asked for, what happened when, every attempt, and the numbers that follow. */
#pragma once

#include "drill/core/attempt.h"
#include "host/core/percentiles.h"
#include "host/core/self_report.h"

enum run_mark {
	MARK_SIGNAL, /* t0, and so 0 */
	MARK_UNHEALTHY, /* the failing answer of the health endpoint with which it no longer looks healthy */
	MARK_LISTENER_CLOSED, /* first refused connection after t0 after which none was accepted */
	MARK_LAST_ACCEPT, /* the last new connection that got an answer began */
	MARK_LAST_SUCCESS,
	MARK_LAST_BYTE, /* the last byte of any answer */
	MARK_EXIT, /* of the server, or the end of the command that deployed */
	MARK_DEADLINE, /* t0 and the stop timeout: SIGKILL */
	RUN_MARK_COUNT,
};

const char *run_mark_name(enum run_mark mark);

struct run;

/* How pictures call a mark: "exit" and "stop" of a server, "end" and "start" of a deployment. */
const char *run_mark_label(const struct run *run, enum run_mark mark);

/* How the target ended. */
struct run_exit {
	bool is_known;
	int code; /* -1: it was ended by a signal */
	int signal; /* 0: it ended by itself */
	bool is_oom_killed;
};

/* disagreements_find makes four comparisons, each with one line at most; a line may count every outcome. */
#define RUN_MAX_DISAGREEMENTS 4
#define RUN_DISAGREEMENT_BYTES 640

struct cohort_numbers {
	uint32_t attempts, outcomes[OUTCOME_COUNT];
};

/* How long whole answers took, from when the request was due: those that came before the stop, and those
 * to requests of before the exit that came after it. */
struct run_latency {
	struct percentiles before_s, drain_s;
};

/* What run_tally makes of a run. Seconds; NAN: it could not be known (outputs write null). */
struct run_numbers {
	struct cohort_numbers cohorts[COHORT_COUNT];
	struct run_latency latency[COHORT_COUNT];
	uint32_t in_flight_at_stop, in_flight_completed, in_flight_cut;
	uint32_t queued_at_stop; /* of cohort A, those that no program had accepted */
	uint32_t queue_unknown; /* of those in flight, those of which that is not known */
	double completion_ratio; /* NAN: nothing was in flight */
	uint32_t succeeded_after_stop, refused_while_healthy;
	uint32_t judged[OUTCOME_COUNT]; /* those of which thresholds speak: see run_judges */
	uint32_t
		judged_in_flight[OUTCOME_COUNT]; /* those of them that were in flight at the stop */
	uint32_t judged_total;
	uint32_t lost
		[OUTCOME_COUNT]; /* sent before the exit, after-stop ends other than ok; where a client
					* was sent elsewhere (refused, 503 that says so) the judged ones */
	uint32_t before[OUTCOME_COUNT], before_total; /* that ended before the stop */
	uint32_t
		errors_as_before; /* judged as answered, with a status of 400 or more, as before the stop */
	uint32_t unproven; /* answers of unknown length: nothing tells whether they are whole */
	double stop_wall_s;
	double ideal_stop_s; /* the longer of the least drain that was asked for, and the last answer to
			       * judged requests that the server had taken, had none been cut: each is due
			       * after the median of the answers to the same request */
	double overshoot_s; /* stop_wall - ideal_stop: waste; 0 where it was too short */
	double undershoot_s; /* what the last cut request was denied; 0: none was cut */
	double efficiency; /* ideal_stop / stop_wall */
	double deadline_margin_s;
	double lame_duck_s; /* listener closed - unhealthy; below 0: refused before it said so */
	double max_gap_s; /* between successes of cohort C, from t0 to the exit */
	struct percentiles drain_s; /* from t0 to the end of each attempt that was in flight */
	bool was_killed_at_deadline;
};

struct run {
	unsigned number; /* from 1 */
	int64_t stopped_unix_ms;
	double stop_timeout_s, min_drain_s;
	uint32_t in_flight_asked; /* 0: none was to be, the stop of an idle server */
	bool has_health; /* a health endpoint was asked, apart from what was put under load */
	bool is_deployment; /* what ended is a command that replaced servers: their URL goes on answering */
	int expect_status; /* 0: as before the stop */
	bool expects_body; /* a pattern judges the bodies, and not their length */
	drill_us_t linger; /* how long after MARK_EXIT requests of a deployment are judged */
	double lb_window_s; /* so long a load balancer goes on sending when it has begun to fail */
	drill_us_t marks[RUN_MARK_COUNT];
	struct run_exit exit;
	int stop_signal; /* that was sent; 0: not known, as with a container's own */
	int processes_left; /* of the command, when it had ended; below 0: not known */
	bool still_answers; /* its URL is answered after the exit: that of a deployment has to be */
	struct attempt *attempts; /* in order of start; the run's own */
	size_t attempt_count;
	struct self_report server;
	char disagreements[RUN_MAX_DISAGREEMENTS][RUN_DISAGREEMENT_BYTES];
	unsigned disagreement_count;
	char error[256]; /* why this run says nothing; empty: it does */
	struct run_numbers numbers;
};
