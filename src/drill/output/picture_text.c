/* SPDX-License-Identifier: MIT */
#include "drill/output/picture_text.h"

#include "drill/core/lane.h"
#include "drill/core/measure.h"
#include "host/core/seconds_text.h"

#include <string.h>

#define INDENT 20 /* before the plot: the lanes' names */
#define PLOT_MIN 24
#define PLOT_MAX 120
#define LABEL_ROWS 3

struct plot {
	const struct run *run;
	struct axis axis;
	unsigned width;
	struct terminal terminal;
	FILE *out;
};

static const enum run_mark shown[] = {
	MARK_SIGNAL, MARK_UNHEALTHY, MARK_LISTENER_CLOSED, MARK_EXIT, MARK_DEADLINE};
#define SHOWN_COUNT (sizeof(shown) / sizeof(*shown))

static unsigned column_of(const struct plot *plot, drill_us_t moment)
{
	const unsigned column = (unsigned)(axis_position(&plot->axis, moment) * plot->width);

	return column < plot->width ? column : plot->width - 1;
}

static bool is_shown(const struct plot *plot, enum run_mark mark)
{
	return plot->run->marks[mark] != DRILL_NEVER &&
	       (mark != MARK_DEADLINE || plot->axis.has_deadline);
}

static bool column_has_mark(const struct plot *plot, unsigned column)
{
	for (unsigned i = 0; i < SHOWN_COUNT; i++) {
		if (is_shown(plot, shown[i]) &&
			column_of(plot, plot->run->marks[shown[i]]) == column)
			return true;
	}
	return false;
}

struct cell {
	const char *glyph;
	enum tone tone;
};

/* A row of the plot, up to the last thing in it. */
static void put_cells(const struct plot *plot, const struct cell cells[PLOT_MAX])
{
	enum tone now = TONE_PLAIN;
	unsigned end = plot->width;

	while (end > 0 && cells[end - 1].glyph[0] == ' ')
		end--;
	for (unsigned c = 0; c < end; c++) {
		if (cells[c].tone != now && now != TONE_PLAIN)
			fputs(terminal_tone(&plot->terminal, TONE_PLAIN), plot->out);
		if (cells[c].tone != now && cells[c].tone != TONE_PLAIN)
			fputs(terminal_tone(&plot->terminal, cells[c].tone), plot->out);
		now = cells[c].tone;
		fputs(cells[c].glyph, plot->out);
	}
	if (now != TONE_PLAIN)
		fputs(terminal_tone(&plot->terminal, TONE_PLAIN), plot->out);
	fputc('\n', plot->out);
}

/* Where nothing is, the marks go through. */
static struct cell empty_cell(const struct plot *plot, unsigned column, const char *empty)
{
	if (column_has_mark(plot, column))
		empty = plot->terminal.has_unicode ? "│" : "|";
	return (struct cell){empty, TONE_FAINT};
}

static struct cell height_cell(const struct plot *plot, uint32_t count, uint32_t most)
{
	static const char *const unicode[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	static const char *const ascii[] = {".", ".", ":", ":", "+", "+", "#", "#"};
	const unsigned step = lane_steps(count, most, 8);

	return (struct cell){(plot->terminal.has_unicode ? unicode : ascii)[step - 1], TONE_PLAIN};
}

/* How many requests were in flight in each column: their lines are seen as one outline. */
static void count_in_flight(const struct plot *plot, uint32_t counts[PLOT_MAX], uint32_t *ret_most)
{
	*ret_most = 0;
	memset(counts, 0, PLOT_MAX * sizeof(*counts));
	for (size_t i = 0; i < plot->run->attempt_count; i++) {
		const struct attempt *a = &plot->run->attempts[i];

		if (a->cohort != COHORT_IN_FLIGHT)
			continue;
		for (unsigned c = column_of(plot, a->start); c <= column_of(plot, a->end); c++)
			counts[c]++;
	}
	for (unsigned c = 0; c < plot->width; c++) {
		if (counts[c] > *ret_most)
			*ret_most = counts[c];
	}
}

static void count_good(const struct plot *plot, const struct lane *lane, uint32_t counts[PLOT_MAX],
	uint32_t *ret_most)
{
	*ret_most = lane->most_good;
	for (unsigned c = 0; c < plot->width; c++)
		counts[c] =
			lane->counts[c][OUTCOME_GROUP_OK] + lane->counts[c][OUTCOME_GROUP_DRAINING];
}

static void put_good(const struct plot *plot, const struct lane *lane)
{
	const char *empty = plot->terminal.has_unicode ? "·" : " ";
	struct cell cells[PLOT_MAX];
	uint32_t counts[PLOT_MAX], most;
	char name[64];

	if (lane->cohort == COHORT_IN_FLIGHT)
		count_in_flight(plot, counts, &most);
	else
		count_good(plot, lane, counts, &most);
	snprintf(name, sizeof(name), "%c %s", cohort_letter(lane->cohort),
		cohort_name(lane->cohort));
	fprintf(plot->out, "  %-*s", INDENT - 2, name);
	for (unsigned c = 0; c < plot->width; c++)
		cells[c] = counts[c] > 0 ? height_cell(plot, counts[c], most)
					 : empty_cell(plot, c, empty);
	put_cells(plot, cells);
}

/* Where failures are drawn. Requests in flight failed when they ended, not when they began. */
static void count_failures(
	const struct plot *plot, const struct lane *lane, enum outcome_group worst[PLOT_MAX])
{
	memset(worst, 0, PLOT_MAX * sizeof(*worst));
	for (size_t i = 0; i < plot->run->attempt_count; i++) {
		const struct attempt *a = &plot->run->attempts[i];
		const enum outcome_group group = outcome_group_of_attempt(a);
		const bool ends = a->cohort == COHORT_IN_FLIGHT || a->cohort == COHORT_ACCEPT_QUEUE;
		const unsigned column = column_of(plot, ends ? a->end : a->start);

		if (a->cohort == lane->cohort && a->start <= plot->axis.to && group > worst[column])
			worst[column] = group;
	}
}

static void put_failures(const struct plot *plot, const struct lane *lane)
{
	enum outcome_group worst[PLOT_MAX];
	struct cell cells[PLOT_MAX];
	char note[64];

	count_failures(plot, lane, worst);
	snprintf(note, sizeof(note), "%u, %u failed", lane->attempts, lane->failures);
	fprintf(plot->out, "  %s%-*s%s ", terminal_tone(&plot->terminal, TONE_FAINT), INDENT - 3,
		note, terminal_tone(&plot->terminal, TONE_PLAIN));
	for (unsigned c = 0; c < plot->width; c++) {
		if (outcome_group_is_failure(worst[c]))
			cells[c] = (struct cell){outcome_group_letter(worst[c]),
				worst[c] == OUTCOME_GROUP_REFUSED ? TONE_WARN : TONE_BAD};
		else
			cells[c] = empty_cell(plot, c, " ");
	}
	put_cells(plot, cells);
}

/* One row of labels. What runs into the label before it waits for the next row. */
static bool put_labels(const struct plot *plot, bool is_done[SHOWN_COUNT])
{
	unsigned at = 0;
	bool is_complete = true;

	fprintf(plot->out, "%*s", INDENT, "");
	for (unsigned i = 0; i < SHOWN_COUNT; i++) {
		char moment[SECONDS_TEXT_BYTES], label[64];
		unsigned column, len;

		if (is_done[i] || !is_shown(plot, shown[i]))
			continue;
		column = column_of(plot, plot->run->marks[shown[i]]);
		snprintf(label, sizeof(label), "%s %s",
			shown[i] == MARK_LISTENER_CLOSED ? "closed"
							 : run_mark_label(plot->run, shown[i]),
			seconds_text(moment, (double)plot->run->marks[shown[i]] / 1e6));
		len = (unsigned)strlen(label);
		if (column + len > plot->width)
			column = plot->width > len ? plot->width - len : 0;
		if (at > 0 && column <= at) {
			is_complete = false;
			continue;
		}
		fprintf(plot->out, "%*s%s", (int)(column - at), "", label);
		at = column + len;
		is_done[i] = true;
	}
	fputc('\n', plot->out);
	return is_complete;
}

static void put_key(const struct plot *plot, const uint32_t totals[OUTCOME_GROUP_COUNT])
{
	unsigned column = 0;

	for (unsigned g = 0; g < OUTCOME_GROUP_COUNT; g++) {
		const unsigned len = (unsigned)strlen(outcome_group_label(g)) + 4;

		if (!outcome_group_is_failure(g) || totals[g] == 0)
			continue;
		if (column > 0 && column + len > plot->terminal.columns) {
			fputc('\n', plot->out);
			column = 0;
		}
		fprintf(plot->out, "  %s %s", outcome_group_letter(g), outcome_group_label(g));
		column += len;
	}
	fputc('\n', plot->out);
}

static void put_lanes(const struct plot *plot)
{
	uint32_t totals[OUTCOME_GROUP_COUNT] = {0}, failures = 0;

	for (unsigned c = 0; c < COHORT_COUNT; c++) {
		struct lane lane;

		lane_fill(&lane, plot->run, c, &plot->axis, plot->width);
		if (lane.attempts == 0)
			continue;
		put_good(plot, &lane);
		if (lane.failures > 0)
			put_failures(plot, &lane);
		failures += lane.failures;
		for (unsigned g = 0; g < OUTCOME_GROUP_COUNT; g++)
			totals[g] += lane.totals[g];
	}
	if (failures > 0)
		put_key(plot, totals);
}

void picture_text_write(
	const struct drill_result *result, const struct terminal *terminal, FILE *out)
{
	struct plot plot = {measure_worst_run(result), {0}, 0, *terminal, out};
	bool is_done[SHOWN_COUNT] = {false};

	if (!plot.run || plot.run->attempt_count == 0)
		return;
	plot.axis = axis_of_run(plot.run);
	plot.width =
		terminal->columns > INDENT + PLOT_MIN ? terminal->columns - INDENT - 1 : PLOT_MIN;
	if (plot.width > PLOT_MAX)
		plot.width = PLOT_MAX;
	for (unsigned row = 0; row < LABEL_ROWS && !put_labels(&plot, is_done); row++)
		;
	put_lanes(&plot);
}
