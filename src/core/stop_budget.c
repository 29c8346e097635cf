/* SPDX-License-Identifier: MIT */
#include "core/stop_budget.h"

#include "core/duration.h"

#include <errno.h>
#include <string.h>

#define ECS_DEFAULT_MS 30000
#define DOCKER_DEFAULT_MS 10000

/* A bare number's seconds, at most the agent's default; 0 is the default there. */
static msec_t seconds_at_most_default(const char *digits)
{
	msec_t seconds = 0;

	for (; *digits != '\0' && seconds < ECS_DEFAULT_MS; digits++)
		seconds = seconds * 10 + (*digits - '0');
	return seconds == 0 ? ECS_DEFAULT_MS : msec_min(seconds * 1000, ECS_DEFAULT_MS);
}

msec_t stop_budget_read_ecs_timeout(const char *value, struct text *ret_warning)
{
	char buf[DURATION_TEXT_BYTES];
	msec_t msec;

	if (*value == '\0')
		return ECS_DEFAULT_MS;
	if (duration_parse_go(value, &msec) == 0) {
		if (msec == 0 && strpbrk(value, "123456789") == NULL)
			return ECS_DEFAULT_MS;
		return msec < 1000 ? 1000 : msec - msec % 1000;
	}
	if (strspn(value, "0123456789") == strlen(value)) {
		msec = seconds_at_most_default(value);
		text_printf(ret_warning,
			"ECS_CONTAINER_STOP_TIMEOUT='%s' has no unit: the ECS agent "
			"leaves 30s; using %s, the smaller of both",
			value, duration_text(buf, msec));
		return msec;
	}
	text_printf(ret_warning,
		"ECS_CONTAINER_STOP_TIMEOUT='%s' is not a duration: the ECS agent leaves 30s, and "
		"so "
		"do we",
		value);
	return ECS_DEFAULT_MS;
}

static void find_timeout(const struct options *options,
	const struct stop_surroundings *surroundings, struct stop_budget *budget,
	struct text *warning)
{
	if (options->stop_timeout != OPTION_UNSET) {
		budget->timeout = options->stop_timeout;
		budget->timeout_source =
			options->source[OPTION_STOP_TIMEOUT] == OPTION_FROM_ENVIRONMENT
				? "LASTCALL_STOP_TIMEOUT"
				: "--stop-timeout";
	} else if (surroundings->ecs_container_stop_timeout != NULL) {
		budget->timeout = stop_budget_read_ecs_timeout(
			surroundings->ecs_container_stop_timeout, warning);
		budget->timeout_source = "ECS_CONTAINER_STOP_TIMEOUT";
	} else if (surroundings->on_ecs || surroundings->on_kubernetes) {
		budget->timeout = ECS_DEFAULT_MS;
		budget->timeout_source =
			surroundings->on_ecs ? "ecs-default" : "kubernetes-default";
	} else {
		budget->timeout = DOCKER_DEFAULT_MS;
		budget->timeout_source = "docker-default";
	}
}

/* "--drain-budget=20s + --term-grace=5s (default) + …": one term of a sum that is too big. */
static void add_term(
	struct text *text, const struct options *options, enum option_id id, msec_t msec)
{
	char origin[64], duration[DURATION_TEXT_BYTES];

	/* the default grace is all that is left: the sum needs only what is kept free for it */
	text_printf(text, "%s%s=%s%s", text->len > 0 ? " + " : "",
		option_origin(options, id, origin, sizeof origin), duration_text(duration, msec),
		options->given[id] != NULL ? ""
		: id == OPTION_TERM_GRACE  ? " or more (default)"
					   : " (default)");
}

static int refuse(struct text *error, const struct stop_budget *budget, msec_t sum)
{
	char total[DURATION_TEXT_BYTES], timeout[DURATION_TEXT_BYTES], excess[DURATION_TEXT_BYTES];

	text_printf(error, " = %s does not fit into the stop timeout of %s (%s): %s too much",
		duration_text(total, sum), duration_text(timeout, budget->timeout),
		budget->timeout_source, duration_text(excess, msec_add(sum, -budget->timeout)));
	return -EINVAL;
}

static int refuse_beyond_drain(struct text *error, const struct options *options, enum option_id id,
	msec_t msec, msec_t drain)
{
	char budget[DURATION_TEXT_BYTES], excess[DURATION_TEXT_BYTES];

	add_term(error, options, id, msec);
	text_printf(error, " does not fit into the drain budget of %s: %s too much",
		duration_text(budget, drain), duration_text(excess, msec - drain));
	return -EINVAL;
}

int stop_budget_compute(const struct options *options, const struct stop_surroundings *surroundings,
	struct stop_budget *ret_budget, struct text *ret_error, struct text *ret_warning)
{
	struct stop_budget b = {.min_drain = options->min_drain};
	msec_t usable, sum;

	find_timeout(options, surroundings, &b, ret_warning);
	b.margin =
		options->margin != OPTION_UNSET ? options->margin : msec_min(b.timeout / 10, 1000);
	usable = b.timeout - b.margin;
	if (usable <= 0) {
		add_term(ret_error, options, OPTION_MARGIN, b.margin);
		return refuse(ret_error, &b, b.margin);
	}
	b.kill_reserve = msec_min(usable / 20, 500);

	/* what was given stands; a default shrinks to what is left */
	b.term_grace = options->term_grace != OPTION_UNSET ? options->term_grace : MSEC_NEVER;
	b.term_reserve = options->term_grace != OPTION_UNSET ? options->term_grace
							     : msec_min(usable / 4, 5000);
	if (b.term_grace == MSEC_NEVER && options->drain_budget != OPTION_UNSET)
		b.term_reserve =
			msec_max(msec_min(b.term_reserve, usable - options->drain_budget), 0);
	b.drain = options->drain_budget != OPTION_UNSET
			  ? options->drain_budget
			  : msec_max(usable - b.term_reserve - b.kill_reserve, 0);

	sum = msec_add(msec_add(b.drain, b.term_reserve), b.margin);
	if (sum > b.timeout) {
		add_term(ret_error, options, OPTION_DRAIN_BUDGET, b.drain);
		add_term(ret_error, options, OPTION_TERM_GRACE, b.term_reserve);
		add_term(ret_error, options, OPTION_MARGIN, b.margin);
		return refuse(ret_error, &b, sum);
	}
	if (b.min_drain > b.drain)
		return refuse_beyond_drain(
			ret_error, options, OPTION_MIN_DRAIN, b.min_drain, b.drain);
	if (options->quiet_period > b.drain)
		return refuse_beyond_drain(
			ret_error, options, OPTION_QUIET_PERIOD, options->quiet_period, b.drain);
	*ret_budget = b;
	return 0;
}
