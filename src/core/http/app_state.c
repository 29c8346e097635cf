/* SPDX-License-Identifier: MIT */
#include "core/http/app_state.h"

#include "core/text/duration.h"

/* An application that starts within a second is noticed within 20 ms of being ready, one that needs a
 * minute within 8 s, or the interval. */
#define STARTING_FIRST_PAUSE_MS 20
#define STARTING_PAUSE_PART 8 /* of the time since the start */

void app_status_init(struct app_status *status, msec_t now)
{
	*status = (struct app_status){.state = APP_STARTING, .since = now};
}

static bool has_stuck_queue(
	const struct app_state_settings *settings, const struct app_evidence *evidence)
{
	return evidence->visible && evidence->queue_stalled_for >= settings->patience;
}

static enum app_state judge_checks(
	const struct app_state_settings *settings, const struct app_evidence *evidence)
{
	if (!evidence->was_healthy)
		return APP_STARTING;
	return evidence->failures >= settings->failures ? APP_STUCK : APP_SERVING;
}

/* One that was seen to listen has to listen. */
static enum app_state judge_listeners(
	const struct app_state_settings *settings, const struct app_evidence *evidence)
{
	if (!evidence->visible)
		return APP_SERVING; /* nothing speaks against it */
	if (!evidence->listens)
		return evidence->said_ready && !evidence->has_listened ? APP_SERVING : APP_STARTING;
	return has_stuck_queue(settings, evidence) ? APP_STUCK : APP_SERVING;
}

static enum app_state judge_by_kind(
	const struct app_state_settings *settings, const struct app_evidence *evidence)
{
	switch (settings->kind) {
	case APP_CHECK_NONE:
		return APP_SERVING;
	case APP_CHECK_LISTEN:
		return judge_listeners(settings, evidence);
	case APP_CHECK_TCP:
		/* the kernel completes a handshake whether or not the application ever accepts */
		if (judge_checks(settings, evidence) == APP_SERVING &&
			has_stuck_queue(settings, evidence))
			return APP_STUCK;
		return judge_checks(settings, evidence);
	case APP_CHECK_HTTP:
		return judge_checks(settings, evidence);
	}
	return APP_STARTING;
}

static bool awaits_ready(
	const struct app_state_settings *settings, const struct app_evidence *evidence)
{
	return settings->awaits_ready && !evidence->said_ready;
}

enum app_state app_state_judge(
	const struct app_state_settings *settings, const struct app_evidence *evidence)
{
	enum app_state state;

	if (!evidence->runs || awaits_ready(settings, evidence))
		return APP_STARTING;
	state = judge_by_kind(settings, evidence);
	return state == APP_SERVING && evidence->watchdog_silent_for > 0 ? APP_STUCK : state;
}

static void explain(struct app_status *status, const struct app_state_settings *settings,
	const struct app_evidence *evidence, const char *failure)
{
	char duration[DURATION_TEXT_BYTES];
	struct text text;

	text_init(&text, status->reason, sizeof status->reason);
	if (status->state == APP_SERVING)
		return;
	if (!evidence->runs)
		text_add(&text, "it is not running");
	else if (awaits_ready(settings, evidence))
		text_add(&text, "it has not sent READY=1");
	else if (status->state == APP_STUCK && judge_by_kind(settings, evidence) == APP_SERVING)
		text_printf(&text, "its watchdog is silent, %s late",
			duration_text(duration, evidence->watchdog_silent_for));
	else if (settings->kind == APP_CHECK_LISTEN && !evidence->listens)
		text_add(&text, "it does not listen");
	else if (settings->kind != APP_CHECK_HTTP && status->state == APP_STUCK &&
		 has_stuck_queue(settings, evidence))
		text_printf(&text, "no connection accepted for %s",
			duration_text(duration, evidence->queue_stalled_for));
	else
		text_add(&text, evidence->failures > 0 ? failure : "not checked yet");
}

bool app_status_update(struct app_status *status, const struct app_state_settings *settings,
	const struct app_evidence *evidence, const char *failure, msec_t now)
{
	enum app_state before = status->state;

	status->state = app_state_judge(settings, evidence);
	if (status->state != before)
		status->since = now;
	status->was_ready |= status->state == APP_SERVING;
	explain(status, settings, evidence, failure);
	return status->state != before;
}

static void take_result(struct app_state_settings *settings, struct app_evidence *evidence,
	const struct app_check_result *result)
{
	settings->kind = result->kind;
	evidence->was_healthy = result->was_healthy;
	evidence->failures = result->failures;
}

/* An application of which one check has never passed has not been ready yet. */
static int weight_of(enum app_state state)
{
	return state == APP_STARTING ? 2 : state == APP_STUCK ? 1 : 0;
}

bool app_status_update_all(struct app_status *status, const struct app_state_settings *settings,
	const struct app_evidence *evidence, const struct app_check_result *results, size_t count,
	msec_t now)
{
	struct app_state_settings of_one = *settings;
	struct app_evidence seen = *evidence;
	int heaviest = -1;
	size_t decisive = 0;

	for (size_t i = 0; i < count; i++) {
		int weight;

		take_result(&of_one, &seen, &results[i]);
		weight = weight_of(app_state_judge(&of_one, &seen));
		if (weight > heaviest) {
			heaviest = weight;
			decisive = i;
		}
	}
	take_result(&of_one, &seen, &results[decisive]);
	return app_status_update(status, &of_one, &seen, results[decisive].failure, now);
}

msec_t app_state_starting_pause(msec_t since_start, msec_t interval)
{
	msec_t pause = msec_max(since_start / STARTING_PAUSE_PART, STARTING_FIRST_PAUSE_MS);

	return msec_min(pause, interval);
}
