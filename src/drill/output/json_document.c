/* SPDX-License-Identifier: MIT */
#include "drill/output/json_document.h"

#include "host/json_value.h"
#include "host/json_write.h"

/* DRILL_NEVER: null. */
static json_t *moment_json(drill_us_t moment)
{
	return moment == DRILL_NEVER ? json_null() : json_real((double)moment / 1e6);
}

static json_t *checks_json(const struct drill_result *result)
{
	json_t *checks = json_array();

	for (unsigned i = 0; i < result->check_count; i++) {
		const struct check *check = &result->checks[i];

		(void)json_array_append_new(
			checks, json_pack("{s:o, s:b, s:b, s:I, s:o, s:o}", "name",
					json_value_text(check->name), "passed", check->has_passed,
					"as_before_stop", check->is_doubtful, "failed_runs",
					(json_int_t)check->failed_runs, "limit",
					json_value_text(check->limit), "observed",
					json_value_text(check->observed)));
	}
	return checks;
}

static json_t *warnings_json(const struct drill_result *result)
{
	json_t *warnings = json_array();

	for (unsigned i = 0; i < result->warning_count; i++)
		(void)json_array_append_new(warnings, json_value_text(result->warnings[i]));
	return warnings;
}

static json_t *outcomes_json(const uint32_t counts[OUTCOME_COUNT])
{
	json_t *outcomes = json_object();

	for (unsigned o = 0; o < OUTCOME_COUNT; o++)
		(void)json_object_set_new(outcomes, outcome_name(o), json_integer(counts[o]));
	return outcomes;
}

static json_t *latency_json(const struct run_latency *latency)
{
	return json_pack("{s:o, s:o}", "before", json_value_percentiles(&latency->before_s),
		"drain", json_value_percentiles(&latency->drain_s));
}

static json_t *cohorts_json(const struct run_numbers *numbers)
{
	json_t *cohorts = json_object();

	for (unsigned c = 0; c < COHORT_COUNT; c++) {
		const struct cohort_numbers *cohort = &numbers->cohorts[c];

		(void)json_object_set_new(cohorts, cohort_name(c),
			json_pack("{s:I, s:o, s:o}", "attempts", (json_int_t)cohort->attempts,
				"outcomes", outcomes_json(cohort->outcomes), "latency_s",
				latency_json(&numbers->latency[c])));
	}
	return cohorts;
}

static json_t *marks_json(const struct run *run)
{
	json_t *marks = json_object();

	for (unsigned mark = 0; mark < RUN_MARK_COUNT; mark++)
		(void)json_object_set_new(
			marks, run_mark_name(mark), moment_json(run->marks[mark]));
	return marks;
}

static json_t *numbers_json(const struct run_numbers *n)
{
	return json_pack("{s:I, s:o, s:I, s:I, s:o, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
			 "s:o, s:o, s:o}",
		"in_flight_at_stop", (json_int_t)n->in_flight_at_stop, "queued_at_stop",
		n->queue_unknown > 0 ? json_null() : json_integer(n->queued_at_stop),
		"in_flight_completed", (json_int_t)n->in_flight_completed, "in_flight_cut",
		(json_int_t)n->in_flight_cut, "completion_ratio",
		json_value_seconds(n->completion_ratio), "succeeded_after_stop",
		(json_int_t)n->succeeded_after_stop, "refused_while_healthy",
		(json_int_t)n->refused_while_healthy, "stop_wall_s",
		json_value_seconds(n->stop_wall_s), "ideal_stop_s",
		json_value_seconds(n->ideal_stop_s), "overshoot_s",
		json_value_seconds(n->overshoot_s), "undershoot_s",
		json_value_seconds(n->undershoot_s), "efficiency",
		json_value_seconds(n->efficiency), "deadline_margin_s",
		json_value_seconds(n->deadline_margin_s), "lame_duck_s",
		json_value_seconds(n->lame_duck_s), "max_gap_s", json_value_seconds(n->max_gap_s),
		"drain_s", json_value_percentiles(&n->drain_s), "lost", outcomes_json(n->lost));
}

static json_t *exit_json(const struct run *run)
{
	if (!run->exit.is_known)
		return json_null();
	return json_pack("{s:o, s:o, s:b, s:b}", "code",
		run->exit.code < 0 ? json_null() : json_integer(run->exit.code), "signal",
		run->exit.signal == 0 ? json_null() : json_integer(run->exit.signal), "oom_killed",
		run->exit.is_oom_killed, "killed_at_deadline", run->numbers.was_killed_at_deadline);
}

/* Below 0: it was not said. */
static json_t *count_json(int64_t count)
{
	return count < 0 ? json_null() : json_integer(count);
}

static json_t *server_json(const struct self_report *server)
{
	if (!server->was_found)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "outcome",
		json_value_text(server->outcome), "busy_at_stop", count_json(server->busy_at_stop),
		"open_at_stop", count_json(server->open_at_stop), "finished",
		count_json(server->finished), "cut", count_json(server->cut), "unknown",
		count_json(server->unknown), "arrived_after_stop",
		count_json(server->arrived_after_stop), "lost_bytes",
		count_json(server->lost_bytes), "flushed_bytes", count_json(server->flushed_bytes),
		"accept_queue_lost", count_json(server->accept_queue_lost), "total_ms",
		count_json(server->total_ms), "headroom_ms",
		server->headroom_ms == SELF_REPORT_UNKNOWN ? json_null()
							   : json_integer(server->headroom_ms));
}

static json_t *disagreements_json(const struct run *run)
{
	json_t *disagreements = json_array();

	for (unsigned i = 0; i < run->disagreement_count; i++)
		(void)json_array_append_new(disagreements, json_value_text(run->disagreements[i]));
	return disagreements;
}

static json_t *run_json(const struct run *run)
{
	return json_pack("{s:I, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:o}",
		"number", (json_int_t)run->number, "deployment", run->is_deployment, "stopped_at",
		json_value_time(run->stopped_unix_ms), "error", json_value_text(run->error),
		"stop_timeout_s", json_value_seconds(run->stop_timeout_s), "min_drain_s",
		json_value_seconds(run->min_drain_s), "exit", exit_json(run), "processes_left",
		count_json(run->processes_left), "still_answers", run->still_answers, "marks_s",
		marks_json(run), "numbers", numbers_json(&run->numbers), "cohorts",
		cohorts_json(&run->numbers), "server", server_json(&run->server), "disagreements",
		disagreements_json(run));
}

static json_t *runs_json(const struct drill_result *result)
{
	json_t *runs = json_array();

	for (unsigned i = 0; i < result->run_count; i++)
		(void)json_array_append_new(runs, run_json(&result->runs[i]));
	return runs;
}

static json_t *control_json(const struct drill_result *result)
{
	if (!result->has_control)
		return json_null();
	return json_pack("{s:b}", "failed", result->control_failed);
}

int json_document_write(const struct drill_result *result, FILE *out)
{
	json_t *document = json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I, "
				     "s:b, s:o, s:o, s:o, s:o}",
		"schema", JSON_DOCUMENT_SCHEMA, "tool", "lastcall-drill", "version",
		LASTCALL_VERSION, "verdict", verdict_name(result->verdict), "inconclusive_because",
		json_value_text(result->inconclusive_because), "started_at",
		json_value_time(result->started_unix_ms), "wall_s",
		json_value_seconds(result->wall_s), "target", json_value_text(result->target),
		"url", json_value_text(result->url), "stop", json_value_text(result->stop_text),
		"profile", json_value_text(result->profile), "runs_asked",
		(json_int_t)result->runs_asked, "interrupted", result->was_interrupted, "control",
		control_json(result), "checks", checks_json(result), "warnings",
		warnings_json(result), "runs", runs_json(result));

	return json_write(document, JSON_INDENT(2), out);
}

static json_t *attempt_json(const struct run *run, const struct attempt *a)
{
	return json_pack("{s:I, s:I, s:s, s:s, s:s, s:s, s:b, s:b, s:o, s:o, s:o, s:o, s:o, s:o}",
		"run", (json_int_t)run->number, "connection", (json_int_t)a->connection, "cohort",
		cohort_name(a->cohort), "outcome", outcome_name(a->outcome), "phase_at_start",
		drill_phase_name(a->phase_at_start), "phase_at_end",
		drill_phase_name(a->phase_at_end), "reused", a->is_reused, "retry_safe",
		a->is_retry_safe, "http_status",
		a->http_status == 0 ? json_null() : json_integer(a->http_status), "start_s",
		moment_json(a->start), "first_byte_s", moment_json(a->first_byte), "end_s",
		moment_json(a->end), "bytes_expected", count_json(a->bytes_expected),
		"bytes_received", count_json(a->bytes_received));
}

int json_attempts_write(const struct drill_result *result, FILE *out)
{
	for (unsigned i = 0; i < result->run_count; i++) {
		const struct run *run = &result->runs[i];

		for (size_t j = 0; j < run->attempt_count; j++) {
			json_t *line = attempt_json(run, &run->attempts[j]);
			const int r = json_write(line, JSON_COMPACT, out);

			if (r < 0)
				return r;
		}
	}
	return 0;
}
