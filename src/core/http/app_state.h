/* SPDX-License-Identifier: MIT */
/* The state of the application, from its listeners and from its answers to checks. Values in, values out:
 * another module polls the listeners and makes the checks. */
#pragma once

#include "core/http/app_check_target.h"
#include "core/text/msec.h"
#include "core/text/text.h"

#include <stdbool.h>

enum app_state {
	APP_STARTING, /* not ready yet; or it has closed its listeners again */
	APP_SERVING,
	APP_STUCK, /* it was ready, and does not serve any more */
	APP_STATE_COUNT,
};

/* When an application is stuck. */
struct app_state_settings {
	enum app_check_kind kind;
	msec_t patience; /* a queue that stands still for longer is stuck */
	unsigned failures; /* so many failed checks in a row are */
	bool awaits_ready; /* an application that has not sent READY=1 is starting, whatever else it does */
};

/* What is known. */
struct app_evidence {
	bool runs;
	bool visible; /* its listeners can be seen */
	bool listens;
	bool has_listened; /* since it was started */
	bool said_ready; /* it has sent READY=1: enough where it never listens, and nothing else is asked */
	msec_t watchdog_silent_for; /* past its interval; 0: it is not, or has none */
	msec_t queue_stalled_for; /* for how long; 0: the queue moves, or is empty */

	/* Checks, where there are any. */
	bool was_healthy; /* one has succeeded */
	unsigned failures; /* since then in a row, or since the start */
};

#define APP_REASON_BYTES 128

struct app_status {
	enum app_state state;
	msec_t since;
	bool was_ready; /* it has been SERVING */
	char reason[APP_REASON_BYTES]; /* "no connection accepted for 4.2s"; empty while SERVING */
};

void app_status_init(struct app_status *status, msec_t now);

enum app_state app_state_judge(
	const struct app_state_settings *settings, const struct app_evidence *evidence);

/* Takes what is known at `now` in. failure says how the last check has failed, in a few words.
 * Returns whether the state has changed. */
bool app_status_update(struct app_status *status, const struct app_state_settings *settings,
	const struct app_evidence *evidence, const char *failure, msec_t now);

/* What one of several checks has found. */
struct app_check_result {
	enum app_check_kind kind;
	bool was_healthy;
	unsigned failures;
	const char *failure;
};

/* The same for several checks, all of which have to pass: their kinds and results take the place of those in settings
 * and evidence. One that has never passed counts for more than one that fails again. count is 1 at least. */
bool app_status_update_all(struct app_status *status, const struct app_state_settings *settings,
	const struct app_evidence *evidence, const struct app_check_result *results, size_t count,
	msec_t now);

/* How long to wait between two checks of an application that is not ready yet: the longer it takes,
 * the rarer, and never rarer than later on. */
msec_t app_state_starting_pause(msec_t since_start, msec_t interval);
