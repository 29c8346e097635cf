/* SPDX-License-Identifier: MIT */
#include "core/stop_picture.h"

#include "core/duration.h"
#include "core/long_text.h"

#define COLUMNS 64

/* What one column of the bar shows. */
static char phase_at(const struct stop_budget *budget, enum stop_order order, msec_t at)
{
	msec_t gone = budget->timeout - budget->margin;
	msec_t kill = msec_min(budget->drain + budget->term_grace, gone - budget->kill_reserve);

	if (at >= gone)
		return '.';
	if (at >= kill)
		return 'K';
	if (order == ORDER_SIGNAL_FIRST || at >= budget->drain)
		return 'T';
	return at < budget->min_drain ? 'M' : 'd';
}

static void add_moment(struct text *text, enum long_text what, msec_t at)
{
	char moment[DURATION_TEXT_BYTES];

	text_printf(text, "  %8s  %s\n", duration_text(moment, at), long_text(what));
}

void stop_picture_draw(struct text *text, const struct stop_budget *budget, enum stop_order order)
{
	msec_t gone = budget->timeout - budget->margin;
	msec_t kill = msec_min(budget->drain + budget->term_grace, gone - budget->kill_reserve);

	text_add(text, "  |");
	for (int column = 0; column < COLUMNS; column++) {
		text_add_char(text, phase_at(budget, order, budget->timeout * column / COLUMNS));
	}
	text_add(text, "|\n");
	if (order == ORDER_SIGNAL_FIRST) {
		add_moment(text, TEXT_TOLD_AT_ONCE, 0);
	} else {
		add_moment(text, TEXT_DRAINS_AT_ONCE, 0);
		if (budget->min_drain > 0)
			add_moment(text, TEXT_SERVED_UNTIL, budget->min_drain);
		add_moment(text, TEXT_TOLD, budget->drain);
	}
	add_moment(text, TEXT_KILLED, kill);
	add_moment(text, TEXT_GONE, gone);
	add_moment(text, TEXT_EXPECTED_KILL, budget->timeout);
}
