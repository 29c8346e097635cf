/* SPDX-License-Identifier: MIT */
#include "core/stop/stop_timeline.h"

#include "core/text/duration.h"

#define COLUMNS 64

static msec_t last_moment(const struct stop_budget *budget)
{
	return budget->gone - budget->kill_reserve;
}

/* For an application that is signalled as late as can be. */
static msec_t grace_is_over(const struct stop_budget *budget)
{
	return msec_min(msec_add(budget->drain, budget->term_grace), last_moment(budget));
}

/* What one column of the bar shows. */
static char phase_at(const struct stop_budget *budget, enum stop_order order, msec_t at)
{
	msec_t gone = budget->gone;

	if (at >= gone)
		return '.';
	if (at >= grace_is_over(budget))
		return 'K';
	if (order == ORDER_SIGNAL_FIRST || at >= budget->drain)
		return 'T';
	return at < budget->min_drain ? 'M' : 'd';
}

static void add_moment(struct text *text, const char *what, msec_t at)
{
	char moment[DURATION_TEXT_BYTES];

	text_printf(text, "  %8s  %s\n", duration_text(moment, at), what);
}

void stop_timeline_draw(struct text *text, const struct stop_budget *budget, enum stop_order order)
{
	msec_t gone = budget->gone;

	text_add(text, "  |");
	for (int column = 0; column < COLUMNS; column++) {
		text_add_char(text, phase_at(budget, order, budget->timeout * column / COLUMNS));
	}
	text_add(text, "|\n");
	if (order == ORDER_SIGNAL_FIRST) {
		add_moment(text,
			"stop signal: /healthcheck answers 503; the application is signalled (T)",
			0);
	} else {
		add_moment(text,
			"stop signal: /healthcheck answers 503; work in flight finishes (d)", 0);
		if (budget->min_drain > 0)
			add_moment(text, "minimum time to serve ends (M)", budget->min_drain);
		add_moment(text, "the application is signalled, at the latest (T)",
			msec_min(budget->drain, last_moment(budget)));
	}
	if (grace_is_over(budget) < last_moment(budget))
		add_moment(text,
			"SIGKILL for the application after --term-grace, if signalled that late "
			"(K)",
			grace_is_over(budget));
	add_moment(text, "SIGKILL for all remaining processes, at the latest (K)",
		last_moment(budget));
	add_moment(text, "flushed, reported, exited", gone);
	add_moment(text, "the orchestrator's SIGKILL", budget->timeout);
}
