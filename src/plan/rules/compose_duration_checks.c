/* SPDX-License-Identifier: MIT */
/* Durations that are refused, or mean something else than they say. */
#include "plan/rules/compose_checks.h"

#include "core/text/text.h"

#include <errno.h>
#include <string.h>

/* All durations of a service. */
static const char *const durations[][4] = {
	{"stop_grace_period"},
	{"healthcheck", "interval"},
	{"healthcheck", "timeout"},
	{"healthcheck", "start_period"},
	{"healthcheck", "start_interval"},
	{"deploy", "update_config", "delay"},
	{"deploy", "update_config", "monitor"},
	{"deploy", "rollback_config", "delay"},
	{"deploy", "rollback_config", "monitor"},
	{"deploy", "restart_policy", "delay"},
	{"deploy", "restart_policy", "window"},
};

#define DURATION_COUNT (sizeof(durations) / sizeof(*durations))

struct check *compose_check_in(const struct compose_check *c, const struct node *node)
{
	const char *file = compose_file_of(c->model, node);

	/* the model does not outlive its findings */
	c->check->file = strcmp(file, c->model->file) == 0 ? c->model->file
							   : check_text(c->check, "%s", file);
	return c->check;
}

static const char *name_of(const char *const path[])
{
	while (path[1])
		path++;
	return *path;
}

/* Digits alone, with or without quotes, are a number and no misspelt unit. */
static bool is_bare_number(const char *text)
{
	return text[strspn(text, "0123456789.")] == '\0';
}

/* LC402: Go counts nanoseconds in 63 bits. */
static bool add_too_long(
	const struct compose_check *c, const char *const path[], const struct value *value)
{
	int64_t ns;

	if (compose_duration_parse(value->text, COMPOSE_UP, &ns) != -ERANGE)
		return false;
	check_add(compose_check_in(c, value->node), "LC402", value->node, "",
		"%s: %s '%s' is refused: no duration is longer than 2562047h (292 years)",
		c->service->name, name_of(path), value->text);
	return true;
}

/* LC402 and LC413 */
static void add_refused(
	const struct compose_check *c, const char *const path[], const struct value *value)
{
	char buf[64];
	struct text suggestion;
	const char *fix = "";

	if (add_too_long(c, path, value))
		return;
	text_init(&suggestion, buf, sizeof(buf));
	compose_duration_suggest(&suggestion, value->text);
	if (suggestion.len > 0 && !suggestion.truncated)
		fix = check_text(c->check, "%s: %s", name_of(path), buf);
	if (suggestion.len > 0 && !is_bare_number(value->text) &&
		strpbrk(value->text, "dw") == NULL)
		check_add(compose_check_in(c, value->node), "LC413", value->node, fix,
			"%s: %s '%s' is no duration: units are ms, s, m and h, in small letters, "
			"each behind its number",
			c->service->name, name_of(path), value->text);
	else
		check_add(compose_check_in(c, value->node), "LC402", value->node, fix,
			"%s: %s '%s' is refused: a duration is a string with units, like 90s or "
			"1m30s",
			c->service->name, name_of(path), value->text);
}

/* LC402: days and weeks, which only `docker compose` has */
static void add_only_up(
	const struct compose_check *c, const char *const path[], const struct value *value)
{
	char buf[64];
	struct text suggestion;

	text_init(&suggestion, buf, sizeof(buf));
	compose_duration_suggest(&suggestion, value->text);
	check_add_as(compose_check_in(c, value->node), "LC402", SEVERITY_WARNING, value->node,
		suggestion.len > 0 ? check_text(c->check, "%s: %s", name_of(path), buf) : "",
		"%s: docker stack deploy refuses the unit in %s '%s'", c->service->name,
		name_of(path), value->text);
}

void compose_check_durations(const struct compose_check *c)
{
	for (size_t i = 0; i < DURATION_COUNT; i++) {
		const struct value value = compose_value(c->model, c->service, durations[i]);

		if (compose_refuses_duration(&value, COMPOSE_UP))
			add_refused(c, durations[i], &value);
		else if (c->model->program == COMPOSE_STACK &&
			 compose_refuses_duration(&value, COMPOSE_STACK))
			add_only_up(c, durations[i], &value);
	}
}
