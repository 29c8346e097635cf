/* SPDX-License-Identifier: MIT */
#include "plan/output/time_json.h"

#include "host/json_value.h"
#include "host/json_write.h"

#define MAX_BATCHES 400 /* of each list; the counts say how many there are */

/* Milliseconds as seconds; ROLLOUT_NEVER is null. */
static json_t *seconds(int64_t msec)
{
	return msec == ROLLOUT_NEVER ? json_null() : json_value_seconds((double)msec / 1000);
}

static json_t *count(int64_t number)
{
	return number < 0 ? json_null() : json_integer(number);
}

static json_t *value_text(enum plan_input input, const struct plan_value *value)
{
	char buf[64];
	struct text text;

	text_init(&text, buf, sizeof buf);
	plan_value_add(&text, input, value);
	return json_string(buf);
}

static json_t *place_json(const struct plan_value *value)
{
	if (value->source != PLAN_DOCUMENT || value->place.file == NULL)
		return json_null();
	return json_pack("{s:o, s:o, s:o}", "file", json_value_text(value->place.file), "line",
		value->place.line > 0 ? json_integer(value->place.line) : json_null(), "column",
		value->place.column > 0 ? json_integer(value->place.column) : json_null());
}

static json_t *values_json(const struct plan_inputs *inputs)
{
	json_t *values = json_object();

	for (unsigned i = 0; i < PLAN_INPUT_COUNT; i++) {
		const struct plan_value *value = &inputs->values[i];
		const char *setting = plan_input_row(i)->settings[inputs->platform];

		if (!plan_input_is_used(inputs, i))
			continue;
		(void)json_object_set_new(values, plan_input_row(i)->name,
			json_pack("{s:o, s:s, s:o, s:o}", "value", value_text(i, value), "source",
				plan_source_name(value->source), "place", place_json(value),
				"setting", setting != NULL ? json_string(setting) : json_null()));
	}
	return values;
}

static json_t *estimate_json(const struct rollout *r)
{
	if (r->is_stuck)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:o, s:I, s:I}", "complete_s", seconds(r->complete),
		"all_new_s", seconds(r->all_new), "all_traffic_s", seconds(r->all_traffic),
		"old_gone_s", seconds(r->old_gone), "most_running", (json_int_t)r->most_running,
		"least_healthy", (json_int_t)r->least_healthy);
}

static json_t *batches_json(const struct rollout_batch *batches, unsigned batch_count)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < batch_count && i < MAX_BATCHES; i++)
		(void)json_array_append_new(array,
			json_pack("{s:o, s:o, s:I}", "from_s", seconds(batches[i].from), "to_s",
				seconds(batches[i].to), "count", (json_int_t)batches[i].count));
	return array;
}

static json_t *phases_json(const struct rollout *r)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < r->phase_count; i++)
		(void)json_array_append_new(array,
			json_pack("{s:s, s:o, s:o}", "name", rollout_phase_name(r->phases[i].kind),
				"from_s", seconds(r->phases[i].from), "to_s",
				seconds(r->phases[i].to)));
	return array;
}

static json_t *timeline_json(const struct rollout *r)
{
	return json_pack("{s:o, s:o, s:o, s:b}", "new", batches_json(r->started, r->started_count),
		"old", batches_json(r->stopped, r->stopped_count), "phases", phases_json(r),
		"is_cut", r->started_count > MAX_BATCHES || r->stopped_count > MAX_BATCHES);
}

static json_t *task_json(const struct rollout_task *task)
{
	return json_pack("{s:o, s:o, s:o, s:o}", "start_s", seconds(task->start), "healthy_s",
		seconds(task->healthy), "drain_s", seconds(task->drain), "stop_s",
		seconds(task->stop));
}

static json_t *levers_json(const struct levers *levers)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < levers->count; i++) {
		const struct lever *lever = &levers->levers[i];
		char setting[256];
		struct text text;

		text_init(&text, setting, sizeof setting);
		lever_add_setting(&text, lever);
		(void)json_array_append_new(array,
			json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:s, s:s, s:o}", "input",
				plan_input_row(lever->row->input)->name, "now",
				value_text(lever->row->input, &lever->now), "then",
				value_text(lever->row->input, &lever->then), "saves_s",
				seconds(lever->saves), "saves_lower_s", seconds(lever->saves_lower),
				"leaves_s", seconds(lever->total), "what", lever->row->what,
				"setting", setting, "cost",
				lever->row->cost != NULL ? json_string(lever->row->cost)
							 : json_null()));
	}
	return array;
}

static json_t *breaker_json(const struct time_plan *plan)
{
	const struct breaker *b = &plan->breaker;

	if (!time_plan_has_breaker(plan))
		return json_null();
	return json_pack("{s:b, s:b, s:I, s:I, s:o, s:o, s:I, s:o}", "enabled", b->is_on,
		"rolls_back", b->rolls_back, "threshold", (json_int_t)b->threshold, "at_once",
		(json_int_t)b->at_once, "crash_trip_s", seconds(b->crash_trip), "unhealthy_trip_s",
		seconds(b->unhealthy_trip), "stopped_before", (json_int_t)b->replaced, "rollback_s",
		seconds(b->rollback));
}

static json_t *freeing_json(const struct time_plan *plan)
{
	if (!plan->upper.is_stuck)
		return json_null();
	return json_pack("{s:o, s:o, s:s}", "max", count(plan->freeing_max), "min",
		count(plan->freeing_min), "smallest", time_plan_frees_by_max(plan) ? "max" : "min");
}

static json_t *notes_json(const struct time_plan *plan)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < plan->note_count; i++)
		(void)json_array_append_new(array, json_value_text(plan->notes[i]));
	return array;
}

static json_t *past_json(const struct time_plan *plan)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < plan->past_count; i++) {
		const struct past_deployment *past = &plan->past[i];
		const bool is_known = past->started >= 0 && past->finished >= past->started;

		(void)json_array_append_new(array,
			json_pack("{s:o, s:o, s:o, s:o}", "id", json_value_text(past->id), "status",
				json_value_text(past->status), "stage",
				json_value_text(past->stage), "took_s",
				is_known ? seconds(past->finished - past->started) : json_null()));
	}
	return array;
}

static json_t *measured_json(const struct time_plan *plan)
{
	if (plan->measured_stops == 0)
		return json_null();
	return json_pack("{s:I, s:I}", "stops", (json_int_t)plan->measured_stops, "percentile",
		(json_int_t)plan->percentile);
}

static json_t *document_of(const struct time_plan *plan)
{
	const struct rollout *r = &plan->upper;

	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:b, s:I, s:I, s:I, s:I, s:I, s:o, s:o, "
			 "s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
		"schema", TIME_JSON_SCHEMA, "tool", "lastcall-plan", "version", LASTCALL_VERSION,
		"command", "time", "platform", plan_platform_name(plan->inputs.platform), "name",
		json_value_text(plan->inputs.name != NULL ? plan->inputs.name : ""), "stuck",
		r->is_stuck, "tasks", (json_int_t)r->tasks, "floor", (json_int_t)r->floor,
		"ceiling", (json_int_t)r->ceiling, "batch",
		(json_int_t)(r->batch < r->tasks ? r->batch : r->tasks), "waves",
		(json_int_t)r->waves, "task", task_json(&r->task), "lower",
		estimate_json(&plan->lower), "upper", estimate_json(&plan->upper), "timeline",
		timeline_json(r), "levers", levers_json(&plan->levers), "leaves_with_all_s",
		seconds(plan->levers.all), "circuit_breaker", breaker_json(plan), "freeing",
		freeing_json(plan), "notes", notes_json(plan), "measured", measured_json(plan),
		"deployments", past_json(plan), "values", values_json(&plan->inputs));
}

int time_json_write(const struct time_plan *plan, FILE *out)
{
	return json_write(document_of(plan), JSON_INDENT(2), out);
}
