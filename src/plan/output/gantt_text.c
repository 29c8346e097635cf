/* SPDX-License-Identifier: MIT */
#include "plan/output/gantt_text.h"

#include "core/text/duration.h"

#include <string.h>

#define LABEL_COLUMNS 14
#define CELLS 62
#define ROWS 13
#define TICKS 5

struct chart {
	struct gantt gantt;
	const struct rollout *rollout;
	enum plan_platform platform;
	const struct terminal *terminal;
	FILE *out;
};

static const char *glyph(const struct chart *chart, enum gantt_state state)
{
	static const char *const unicode[] = {" ", "░", "▒", "█", "═", "×"};
	static const char *const ascii[] = {" ", ".", ":", "#", "=", "x"};

	return (chart->terminal->has_unicode ? unicode : ascii)[state];
}

static enum tone tone_of(enum gantt_state state, bool is_old)
{
	if (state == GANTT_SERVING)
		return is_old ? TONE_PLAIN : TONE_GOOD;
	return state == GANTT_STOPPING ? TONE_WARN : TONE_FAINT;
}

static int64_t moment_of_cell(const struct gantt *g, unsigned cell)
{
	return g->end * (2 * (int64_t)cell + 1) / (INT64_C(2) * CELLS);
}

static unsigned cell_of_moment(const struct gantt *g, int64_t moment)
{
	return (unsigned)(moment * CELLS / g->end);
}

static void put_axis(const struct chart *chart)
{
	const struct gantt *g = &chart->gantt;
	char line[CELLS + DURATION_TEXT_BYTES];
	size_t end = 0;

	memset(line, ' ', sizeof line);
	for (int64_t at = 0; at <= g->end; at += g->tick) {
		char label[DURATION_TEXT_BYTES];
		const size_t cell = cell_of_moment(g, at), len = strlen(duration_text(label, at));

		if (cell + len > CELLS || (at > 0 && cell < end + 1))
			continue;
		memcpy(line + cell, label, len);
		end = cell + len;
	}
	(void)fprintf(chart->out, "  %s%*s%.*s%s\n", terminal_tone(chart->terminal, TONE_FAINT),
		LABEL_COLUMNS, "", (int)end, line, terminal_tone(chart->terminal, TONE_PLAIN));
}

static void put_label(const struct chart *chart, const struct gantt_row *row)
{
	char label[GANTT_ROW_LABEL_BYTES];

	(void)fprintf(chart->out, "  %-*s", LABEL_COLUMNS, gantt_row_label(row, label));
}

static void put_cells(const struct chart *chart, const struct gantt_row *row)
{
	enum tone tone = TONE_PLAIN;
	unsigned last = 0;

	for (unsigned cell = 0; cell < CELLS; cell++) {
		if (gantt_state_at(&chart->gantt, row, moment_of_cell(&chart->gantt, cell)) !=
			GANTT_NONE)
			last = cell + 1;
	}
	for (unsigned cell = 0; cell < last; cell++) {
		const enum gantt_state state =
			gantt_state_at(&chart->gantt, row, moment_of_cell(&chart->gantt, cell));
		const enum tone next = state == GANTT_NONE ? tone : tone_of(state, row->is_old);

		if (next != tone)
			(void)fprintf(chart->out, "%s%s",
				terminal_tone(chart->terminal, TONE_PLAIN),
				terminal_tone(chart->terminal, next));
		tone = next;
		(void)fputs(glyph(chart, state), chart->out);
	}
	(void)fprintf(chart->out, "%s\n", terminal_tone(chart->terminal, TONE_PLAIN));
}

static void put_row(const struct chart *chart, const struct gantt_row *row)
{
	if (row->is_gap) {
		(void)fprintf(chart->out, "  %-*s%d more batches\n", LABEL_COLUMNS, "...",
			(int)row->last);
		return;
	}
	put_label(chart, row);
	put_cells(chart, row);
}

/* The phases of a deployment that shifts traffic, each as |name until the next. */
static void put_phases(const struct chart *chart)
{
	const struct rollout *r = chart->rollout;
	char line[CELLS + 1];
	unsigned end = 0;

	if (r->phase_count == 0)
		return;
	memset(line, ' ', CELLS);
	for (unsigned i = 0; i < r->phase_count; i++) {
		const unsigned from = cell_of_moment(&chart->gantt, r->phases[i].from);
		const unsigned to = cell_of_moment(&chart->gantt, r->phases[i].to);
		const char *name = gantt_phase_label(r->phases[i].kind);
		const size_t room = to > from + 1 ? to - from - 1 : 0;

		if (from >= CELLS)
			continue;
		line[from] = '|';
		/* NOLINTNEXTLINE(bugprone-not-null-terminated-result): the name stands within the line */
		memcpy(line + from + 1, name, strlen(name) <= room ? strlen(name) : 0);
		end = to < CELLS ? to + 1 : CELLS;
		if (to < CELLS)
			line[to] = '|';
	}
	(void)fprintf(chart->out, "  %-*s%.*s\n", LABEL_COLUMNS, "phase", (int)end, line);
}

static bool has_state(const struct chart *chart, enum gantt_state state)
{
	for (unsigned i = 0; i < chart->gantt.row_count; i++) {
		const struct gantt_span span =
			gantt_span(&chart->gantt, &chart->gantt.rows[i], state);

		if (!chart->gantt.rows[i].is_gap && span.to > span.from)
			return true;
	}
	return false;
}

static void put_legend(const struct chart *chart)
{
	const char *separator = "";

	(void)fputs("  ", chart->out);
	for (unsigned s = GANTT_STARTING; s < GANTT_STATE_COUNT; s++) {
		if (!has_state(chart, s))
			continue;
		(void)fprintf(chart->out, "%s%s%s%s %s", separator,
			terminal_tone(chart->terminal, tone_of(s, false)), glyph(chart, s),
			terminal_tone(chart->terminal, TONE_PLAIN),
			gantt_state_label(s, chart->platform));
		separator = "  ";
	}
	(void)fputc('\n', chart->out);
}

void gantt_text_write(const struct rollout *rollout, enum plan_platform platform,
	const struct terminal *terminal, FILE *out)
{
	struct chart chart = {
		.rollout = rollout, .platform = platform, .terminal = terminal, .out = out};

	gantt_make(&chart.gantt, rollout, ROWS, TICKS);
	put_axis(&chart);
	put_phases(&chart);
	for (unsigned i = 0; i < chart.gantt.row_count; i++)
		put_row(&chart, &chart.gantt.rows[i]);
	put_legend(&chart);
}
