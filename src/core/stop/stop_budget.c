/* SPDX-License-Identifier: MIT */
#include "core/stop/stop_budget.h"

#include "core/cli/environment.h"
#include "core/cli/option_parser.h"
#include "core/text/duration.h"
#include "core/text/number.h"

#include <errno.h>
#include <string.h>

#define ECS_DEFAULT_MS 30000
#define UNKNOWN_MS 10000 /* what docker stop waits, and most of those that are not known */
#define PLATFORM_MAX_MS 120000 /* without --stop-timeout no deploy waits longer */
#define AT_ONCE_BELOW_MS 2000 /* the application needs all of this to end by itself */
#define CARRIED_MAX_S 86400

/* A bare number's seconds, at most the agent's default; 0 is the default there. */
static msec_t seconds_at_most_default(const char *digits)
{
	msec_t seconds = 0;

	for (; *digits != '\0' && seconds < ECS_DEFAULT_MS; digits++)
		seconds = seconds * 10 + (*digits - '0');
	return seconds == 0 ? ECS_DEFAULT_MS : msec_min(seconds * 1000, ECS_DEFAULT_MS);
}

/* Goes before a warning: the options may have had one, too. */
static void separate(struct text *warning)
{
	if (warning->len > 0)
		text_add(warning, "; ");
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
		separate(ret_warning);
		text_printf(ret_warning,
			"ECS_CONTAINER_STOP_TIMEOUT='%s' has no unit: the ECS agent "
			"uses 30s; using %s, the smaller of both",
			value, duration_text(buf, msec));
		return msec;
	}
	separate(ret_warning);
	text_printf(ret_warning,
		"ECS_CONTAINER_STOP_TIMEOUT='%s' is not a duration: the ECS agent and lastcall "
		"use 30s",
		value);
	return ECS_DEFAULT_MS;
}

/* Whole seconds, as Railway and App Service read theirs: empty is the default. Returns -1 for that, and
 * for what is no number. */
static msec_t read_seconds(const struct platform *platform, const char *value, struct text *warning)
{
	char buf[DURATION_TEXT_BYTES];
	int64_t seconds = number_parse(value, 0, CARRIED_MAX_S);

	if (seconds >= 0)
		return seconds * 1000;
	if (*value != '\0') {
		separate(warning);
		text_printf(warning,
			"%s='%s' is not a number of seconds: using %s, the default of %s",
			platform->carrier, value, duration_text(buf, platform->grace),
			platform->name);
	}
	return -1;
}

/* What the platform's own variable says; -1: there is none, or it says nothing. */
static msec_t find_carried(
	const struct platform *platform, const struct platform_facts *facts, struct text *warning)
{
	const char *value = platform->carrier != NULL
				    ? environment_get(facts->environment, platform->carrier)
				    : NULL;

	if (value == NULL)
		return -1;
	return strcmp(platform->carrier, "ECS_CONTAINER_STOP_TIMEOUT") == 0
		       ? stop_budget_read_ecs_timeout(value, warning)
		       : read_seconds(platform, value, warning);
}

/* Where the report says that a time comes from which the user gave. */
static const char *source_of(
	const struct options *options, enum option_id id, const char *variable, const char *option)
{
	return options->source[id] == OPTION_FROM_ENVIRONMENT ? variable : option;
}

static void find_timeout(const struct options *options, const struct platform_facts *facts,
	struct stop_budget *budget, struct text *warning)
{
	const struct platform *platform = platform_find(facts);
	msec_t carried;

	budget->platform = platform;
	if (options->stop_timeout != OPTION_UNSET) {
		budget->timeout = options->stop_timeout;
		budget->timeout_source = source_of(
			options, OPTION_STOP_TIMEOUT, "LASTCALL_STOP_TIMEOUT", "--stop-timeout");
		return;
	}
	carried = find_carried(platform, facts, warning);
	budget->timeout = carried >= 0 ? carried : msec_min(platform->grace, PLATFORM_MAX_MS);
	budget->timeout_source = carried >= 0 ? platform->carrier : platform->source;
	budget->at_once = budget->timeout < AT_ONCE_BELOW_MS;
}

static void find_longest_source(const struct options *options, struct stop_budget *budget)
{
	budget->longest_request_source =
		options->longest_request == OPTION_UNSET
			? "default"
			: source_of(options, OPTION_LONGEST_REQUEST, "LASTCALL_LONGEST_REQUEST",
				  "--longest-request");
}

/* What was given stands, and either of the two is a user's word on when the traffic stops. The platform's
 * shrinks to what is left. */
static void find_lame_duck(const struct options *options, struct stop_budget *budget)
{
	const struct platform *platform = budget->platform;

	budget->min_drain = options->min_drain;
	budget->quiet_period = options->quiet_period;
	if (options->given[OPTION_MIN_DRAIN] != NULL || options->given[OPTION_QUIET_PERIOD] != NULL)
		return;
	budget->min_drain = msec_min(platform->min_drain, budget->drain);
	budget->quiet_period = msec_min(platform->quiet_period, budget->drain);
	budget->lame_duck_is_default = budget->min_drain > 0 || budget->quiet_period > 0;
}

/* Names the options that were given and that say how to drain: nothing is drained. */
static void warn_without_effect(const struct options *options, struct text *warning)
{
	static const enum option_id of_drains[] = {OPTION_ORDER, OPTION_MARGIN, OPTION_DRAIN_BUDGET,
		OPTION_TERM_GRACE, OPTION_MIN_DRAIN, OPTION_QUIET_PERIOD, OPTION_LONGEST_REQUEST};
	bool is_first = true;

	for (size_t i = 0; i < sizeof of_drains / sizeof *of_drains; i++) {
		enum option_id id = of_drains[i];
		char origin[64];

		if (options->given[id] == NULL ||
			(id == OPTION_ORDER && options->order == ORDER_SIGNAL_FIRST))
			continue;
		text_printf(warning, "%s%s=%s", is_first ? "; without effect: " : ", ",
			option_origin(options, id, origin, sizeof origin), options->given[id]);
		is_first = false;
	}
}

/* Nothing is drained, whatever was given: a platform that is recognised must not keep a container from
 * starting that has started elsewhere. */
static void pass_at_once(
	const struct options *options, struct stop_budget *budget, struct text *warning)
{
	char timeout[DURATION_TEXT_BYTES];
	struct stop_budget b = {.platform = budget->platform,
		.timeout = budget->timeout,
		.timeout_source = budget->timeout_source,
		.longest_request_source = budget->longest_request_source,
		.margin = budget->timeout / 10,
		.term_grace = MSEC_NEVER,
		.at_once = true};

	b.gone = b.timeout > 0 ? b.timeout - b.margin : UNKNOWN_MS - UNKNOWN_MS / 10;
	b.kill_reserve = msec_min(b.gone / 20, 500);
	separate(warning);
	text_printf(warning,
		"%s leaves %s between the stop signal and SIGKILL (%s): signals are "
		"forwarded at once and nothing is drained; if it leaves more, set "
		"--stop-timeout=30s",
		b.platform->name, duration_text(timeout, b.timeout), b.timeout_source);
	warn_without_effect(options, warning);
	*budget = b;
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

/* A doubt cannot be waited for longer than a drain. */
static void find_longest_request(
	const struct options *options, struct stop_budget *budget, struct text *warning)
{
	char origin[64], given[DURATION_TEXT_BYTES], drain[DURATION_TEXT_BYTES];

	budget->is_longest_given = options->longest_request != OPTION_UNSET;
	budget->longest_request =
		budget->is_longest_given ? options->longest_request : LONGEST_REQUEST_DEFAULT_MS;
	budget->longest_said = budget->longest_request;
	if (budget->longest_request <= budget->drain)
		return;
	if (budget->is_longest_given) {
		separate(warning);
		text_printf(warning, "%s=%s is longer than the drain budget; using its %s",
			option_origin(options, OPTION_LONGEST_REQUEST, origin, sizeof origin),
			duration_text(given, options->longest_request),
			duration_text(drain, budget->drain));
	}
	budget->longest_request = msec_max(budget->drain, 1);
}

int stop_budget_compute(const struct options *options, const struct platform_facts *facts,
	struct stop_budget *ret_budget, struct text *ret_error, struct text *ret_warning)
{
	struct stop_budget b = {0};
	msec_t usable, sum;

	find_timeout(options, facts, &b, ret_warning);
	find_longest_source(options, &b);
	if (b.at_once) {
		pass_at_once(options, &b, ret_warning);
		*ret_budget = b;
		return 0;
	}
	b.margin =
		options->margin != OPTION_UNSET ? options->margin : msec_min(b.timeout / 10, 1000);
	usable = b.timeout - b.margin;
	if (usable <= 0) {
		add_term(ret_error, options, OPTION_MARGIN, b.margin);
		return refuse(ret_error, &b, b.margin);
	}
	b.gone = usable;
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
	find_lame_duck(options, &b);
	if (b.min_drain > b.drain)
		return refuse_beyond_drain(
			ret_error, options, OPTION_MIN_DRAIN, b.min_drain, b.drain);
	if (b.quiet_period > b.drain)
		return refuse_beyond_drain(
			ret_error, options, OPTION_QUIET_PERIOD, b.quiet_period, b.drain);
	find_longest_request(options, &b, ret_warning);
	*ret_budget = b;
	return 0;
}
