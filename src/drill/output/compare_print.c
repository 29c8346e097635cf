/* SPDX-License-Identifier: MIT */
#include "drill/output/compare_print.h"

#include "host/core/clean_text.h"
#include "host/core/seconds_text.h"
#include "host/json_value.h"
#include "host/json_write.h"
#include "host/wrapped.h"

#include <math.h>
#include <string.h>

/* The value of "b_is" in the JSON document. */
static const char *compared_word(const struct comparison *comparison)
{
	if (comparison->is_too_small)
		return "too few runs";
	if (comparison->worse > 0)
		return comparison->better > 0 ? "mixed" : "worse";
	return comparison->better > 0 ? "better" : "not shown";
}

static const char *value_text(
	char buf[static SECONDS_TEXT_BYTES], unsigned measure, double value, bool has_sign)
{
	if (!isfinite(value))
		return "-";
	if (comparison_row_is_count(measure)) {
		(void)snprintf(
			buf, SECONDS_TEXT_BYTES, has_sign && fabs(value) > 0 ? "%+g" : "%g", value);
		return buf;
	}
	seconds_text(buf, value);
	if (has_sign && value > 0 && strcmp(buf, "0 s") != 0) {
		memmove(buf + 1, buf, strlen(buf) + 1);
		buf[0] = '+';
	}
	return buf;
}

static void p_text(char *buf, size_t cap, double p)
{
	if (isnan(p))
		(void)snprintf(buf, cap, "-");
	else if (p < 0.001)
		(void)snprintf(buf, cap, "<0.001");
	else
		(void)snprintf(buf, cap, "%.3f", p);
}

static void add_clean(struct text *line, const char *text)
{
	char clean[CLEAN_TEXT_BYTES(DRILL_TEXT_BYTES)];

	text_add(line, clean_text(clean, sizeof(clean), text));
}

static void put_verdict(const struct compared *compared, const struct terminal *terminal, FILE *out)
{
	const struct comparison *c = compared->comparison;
	const enum tone tone = c->is_too_small ? TONE_WARN
			       : c->worse > 0  ? TONE_BAD
			       : c->better > 0 ? TONE_GOOD
					       : TONE_PLAIN;

	fputs(terminal_tone(terminal, tone), out);
	if (c->is_too_small)
		fprintf(out, "TOO FEW RUNS: %u and %u cannot show any difference, %u each can",
			compared->a->run_count, compared->b->run_count,
			comparison_runs_needed(c->most_questions));
	else if (c->worse > 0)
		fprintf(out, "B IS WORSE in %u of %u%s", c->worse, c->questions,
			c->better > 0 ? ", and better in others" : "");
	else if (c->better > 0)
		fprintf(out, "B IS BETTER in %u of %u, and worse in none", c->better, c->questions);
	else
		fprintf(out, "NO DIFFERENCE SHOWN");
	fprintf(out, "%s\n\n", terminal_tone(terminal, TONE_PLAIN));
}

static void put_side(char letter, const char *path, const struct drill_document *document,
	const struct terminal *terminal, FILE *out)
{
	char bytes[4UL * CLEAN_TEXT_BYTES(DRILL_TEXT_BYTES)];
	struct text line;

	text_init(&line, bytes, sizeof(bytes));
	add_clean(&line, path);
	text_printf(&line, ": %s, %u run%s, ", document->verdict, document->run_count,
		document->run_count == 1 ? "" : "s");
	add_clean(&line, document->target);
	text_add(&line, ", ");
	add_clean(&line, document->stop);
	text_printf(&line, ", %s", document->started_at);
	fprintf(out, "  %c  ", letter);
	wrapped_write_to(out, bytes, 5, 5, terminal_line_end(terminal));
}

/* Numbers that were measured under different conditions say little about the servers. */
static void put_conditions(
	const struct compared *compared, const struct terminal *terminal, FILE *out)
{
	const struct drill_document *a = compared->a, *b = compared->b;
	char x[SECONDS_TEXT_BYTES], y[SECONDS_TEXT_BYTES];

	fputs(terminal_tone(terminal, TONE_WARN), out);
	if (fabs(a->stop_timeout_s - b->stop_timeout_s) > 0)
		fprintf(out, "  the stop timeouts differ: %s and %s\n",
			seconds_text(x, a->stop_timeout_s), seconds_text(y, b->stop_timeout_s));
	if (fabs(a->in_flight - b->in_flight) > 0.1 * fmax(a->in_flight, b->in_flight))
		fprintf(out, "  the load differs: %g and %g in flight at the stop\n", a->in_flight,
			b->in_flight);
	fprintf(out, "%s\n", terminal_tone(terminal, TONE_PLAIN));
}

static void put_row(const struct comparison_row *row, unsigned measure,
	const struct terminal *terminal, FILE *out)
{
	char a[SECONDS_TEXT_BYTES], b[SECONDS_TEXT_BYTES], shift[SECONDS_TEXT_BYTES], p[16];
	const enum tone tone = row->word == COMPARISON_WORSE    ? TONE_BAD
			       : row->word == COMPARISON_BETTER ? TONE_GOOD
								: TONE_PLAIN;

	p_text(p, sizeof(p), row->test.p);
	fprintf(out, "  %-21s %10s %10s %10s %8s%s%s%s%s\n", comparison_row_label(measure),
		value_text(a, measure, row->a_median, false),
		value_text(b, measure, row->b_median, false),
		value_text(shift, measure, row->shift, true), p,
		row->word == COMPARISON_UNKNOWN ? "" : "  ", terminal_tone(terminal, tone),
		comparison_word_text(row->word), terminal_tone(terminal, TONE_PLAIN));
}

/* Of the outcomes those that a run has lost a request by. */
static bool is_worth_a_row(const struct comparison *comparison, unsigned row)
{
	const struct comparison_row *r = &comparison->rows[row];

	return row < MEASURE_COUNT || !isnan(r->test.p) || r->a_median > 0;
}

static void put_method(
	const struct comparison *comparison, const struct terminal *terminal, FILE *out)
{
	bool is_exact = true;
	char line[512];

	for (unsigned m = 0; m < COMPARISON_ROWS; m++)
		is_exact &= isnan(comparison->rows[m].test.p) || comparison->rows[m].test.is_exact;
	(void)snprintf(line, sizeof(line),
		"A and B are medians over runs, B - A is the median of all differences. p is that "
		"of the two-sided rank-sum test (%s), raised for %u question%s at once (Holm; "
		"costs and outcomes each for themselves); below %g it is taken for a difference. "
		"Outcomes: requests that a run has lost so, sent before the exit.",
		is_exact ? "exact" : "normal approximation", comparison->most_questions,
		comparison->most_questions == 1 ? "" : "s", COMPARISON_ALPHA);
	fprintf(out, "%s  ", terminal_tone(terminal, TONE_FAINT));
	wrapped_write_to(out, line, 2, 2, terminal->columns);
	fputs(terminal_tone(terminal, TONE_PLAIN), out);
}

void compare_print(const struct compared *compared, const struct terminal *terminal, FILE *out)
{
	put_verdict(compared, terminal, out);
	put_side('A', compared->a_path, compared->a, terminal, out);
	put_side('B', compared->b_path, compared->b, terminal, out);
	put_conditions(compared, terminal, out);
	fprintf(out, "  %s%-21s %10s %10s %10s %8s%s\n", terminal_tone(terminal, TONE_FAINT), "",
		"A", "B", "B - A", "p", terminal_tone(terminal, TONE_PLAIN));
	for (unsigned m = 0; m < COMPARISON_ROWS; m++) {
		if (is_worth_a_row(compared->comparison, m))
			put_row(&compared->comparison->rows[m], m, terminal, out);
	}
	fputc('\n', out);
	if (compared->comparison->questions > 0)
		put_method(compared->comparison, terminal, out);
}

static json_t *number_json(double value)
{
	return json_value_seconds(value);
}

static json_t *rows_json(const struct compared *compared)
{
	json_t *rows = json_array();

	for (unsigned m = 0; m < COMPARISON_ROWS; m++) {
		const struct comparison_row *row = &compared->comparison->rows[m];
		const char *word = comparison_word_text(row->word);

		(void)json_array_append_new(rows,
			json_pack("{s:s, s:I, s:I, s:o, s:o, s:o, s:o, s:b, s:o}", "name",
				comparison_row_name(m), "a_runs",
				(json_int_t)compared->a->side.counts[m], "b_runs",
				(json_int_t)compared->b->side.counts[m], "a_median",
				number_json(row->a_median), "b_median", number_json(row->b_median),
				"shift", number_json(row->shift), "p",
				isnan(row->test.p) ? json_null() : json_real(row->test.p), "exact",
				row->test.is_exact, "word", json_value_text(word)));
	}
	return rows;
}

static json_t *side_json(const char *path, const struct drill_document *document)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:I}", "file", json_value_text(path), "target",
		json_value_text(document->target), "stop", json_value_text(document->stop),
		"verdict", json_value_text(document->verdict), "started_at",
		json_value_text(document->started_at), "runs", (json_int_t)document->run_count);
}

int compare_print_json(const struct compared *compared, FILE *out)
{
	const struct comparison *c = compared->comparison;
	json_t *document =
		json_pack("{s:s, s:s, s:o, s:o, s:f, s:I, s:o}", "schema", "lastcall.compare/1",
			"b_is", compared_word(c), "a", side_json(compared->a_path, compared->a),
			"b", side_json(compared->b_path, compared->b), "alpha", COMPARISON_ALPHA,
			"questions", (json_int_t)c->questions, "measures", rows_json(compared));

	return json_write(document, JSON_INDENT(2), out);
}
