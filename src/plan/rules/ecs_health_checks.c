/* SPDX-License-Identifier: MIT */
/* Health checks of containers. */
#include "plan/rules/ecs_checks.h"

#include "plan/model/container_command.h"

#include <string.h>

enum { INTERVAL_S = 30, TIMEOUT_S = 5 };

/* The words that are executed: CMD and its words, CMD-SHELL and a script. */
static char *const *health_words(const struct ecs_words *words, struct arena *arena)
{
	struct word_list list;
	const bool is_shell = words->count > 1 && strcmp(words->words[0], "CMD-SHELL") == 0;

	word_list_init(&list, arena);
	if (is_shell) {
		word_list_add(&list, "sh");
		word_list_add(&list, "-c");
	}
	for (size_t i = is_shell || (words->count > 0 && strcmp(words->words[0], "CMD") == 0);
		i < words->count; i++)
		word_list_add(&list, words->words[i]);
	return list.words;
}

/* LC112 */
static void check_command(struct check *check, const struct ecs_model *model,
	const struct ecs_container *container, struct arena *arena)
{
	const struct check_settings *settings = check->settings;
	const struct ecs_words *words = &container->health_command;
	const char *program;

	if (words->state != VALUE_KNOWN || words->count == 0 || settings->image_has_curl)
		return;
	program = words_find_downloader(health_words(words, arena));
	if (!program)
		return;
	check_add_as(check, "LC112", settings->has_image_list ? SEVERITY_WARNING : SEVERITY_NOTE,
		words->node,
		ecs_fix(check, model, "Command", "[\"CMD\", \"lastcall\", \"--healthcheck\"]"),
		"%s: the health check needs %s, which %s", container->name, program,
		settings->has_image_list ? "the image does not have" : "the image may lack");
}

struct range {
	const char *name;
	const struct value *value;
	int64_t min, max, usual;
};

/* LC113. Returns whether all are known and in their range. */
static bool check_ranges(struct check *check, const struct ecs_model *model,
	const struct ecs_container *container, const struct range *ranges, size_t count)
{
	bool is_valid = true;

	for (size_t i = 0; i < count; i++) {
		const struct range *range = &ranges[i];
		int64_t number;

		if (value_is_absent(range->value))
			continue;
		if (!value_number(range->value, &number)) {
			is_valid = false;
			continue;
		}
		if (number >= range->min && number <= range->max)
			continue;
		is_valid = false;
		check_add(check, "LC113", range->value->node,
			ecs_fix_number(check, model, range->name, range->usual),
			"%s: %s of the health check is %lld%s and ECS accepts %lld to %lld",
			container->name, ecs_name(check, model, range->name), (long long)number,
			ecs_by_default(range->value), (long long)range->min, (long long)range->max);
	}
	return is_valid;
}

/* LC114 */
static void check_overlap(
	struct check *check, const struct ecs_model *model, const struct ecs_container *container)
{
	int64_t interval, timeout;

	if (!value_number_or(&container->health_interval, INTERVAL_S, &interval) ||
		!value_number_or(&container->health_timeout, TIMEOUT_S, &timeout) ||
		timeout < interval || value_is_absent(&container->health_timeout))
		return;
	check_add(check, "LC114", container->health_timeout.node,
		ecs_fix_number(check, model, "Timeout", interval > TIMEOUT_S ? TIMEOUT_S : 2),
		"%s: a health check may take %lld s and the next one begins after %lld s",
		container->name, (long long)timeout, (long long)interval);
}

static void check_health(
	struct check *check, const struct ecs_model *model, const struct ecs_container *container)
{
	const struct range ranges[] = {
		{"Interval", &container->health_interval, 5, 300, 30},
		{"Timeout", &container->health_timeout, 2, 60, 5},
		{"Retries", &container->health_retries, 1, 10, 3},
		{"StartPeriod", &container->health_start_period, 0, 300, 60},
	};
	struct arena arena = {0};

	check_command(check, model, container, &arena);
	arena_done(&arena);
	if (check_ranges(check, model, container, ranges, sizeof(ranges) / sizeof(*ranges)))
		check_overlap(check, model, container);
}

void ecs_check_container_health(
	struct check *check, const struct ecs_model *model, const struct ecs_task *task)
{
	for (size_t i = 0; i < task->container_count; i++) {
		if (task->containers[i].health_check)
			check_health(check, model, &task->containers[i]);
	}
}
