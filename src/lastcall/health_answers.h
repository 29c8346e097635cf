/* SPDX-License-Identifier: MIT */
/* The content of the health endpoint's answers: the stop plan's state, or before a stop the application's, with
 * the numbers of the last poll. core/http/health and core/http/metrics format it. */
#pragma once

#include "core/http/health.h"
#include "core/http/metrics.h"
#include "core/stop/stop_plan.h"
#include "lastcall/app.h"
#include "lastcall/app_check.h"
#include "lastcall/notify.h"
#include "lastcall/task_protection.h"

/* Filled in by the supervisor; what it points to outlives it. */
struct health_answers {
	const struct stop_plan *plan;
	struct notify *notify;
	const struct app *app;
	const struct label_list *labels;
	const struct task_protection *protection; /* NULL: without --protect */
	struct connection_watch *watch;
	struct app_check *check;
	int64_t app_started_unix_ms;

	const struct app_status *app_status; /* NULL before the first request */
	msec_t asked_at; /* for app_status */
};

/* The state, and when it was entered. */
enum health_state health_answers_state(
	const struct stop_plan *plan, const struct notify *notify, const struct app_status *app);
msec_t health_answers_since(
	const struct stop_plan *plan, const struct notify *notify, const struct app_status *app);

/* The callbacks for http_server; arg is a struct health_answers. */
void health_answers_tell_status(void *arg, struct health_status *ret_status);
void health_answers_tell_metrics(void *arg, struct metrics *ret_metrics);
