/* SPDX-License-Identifier: MIT */
#include "plan/cli/input_value.h"

#include "core/text/duration.h"
#include "core/text/number.h"
#include "plan/core/int_or_percent.h"

#include <errno.h>
#include <string.h>

/* "90" or "90%", with one digit behind a point where tenths are asked for. */
static int64_t parse_percent(const char *string, bool has_tenths)
{
	int64_t number = number_take(&string, 100000), tenth = 0;

	if (number < 0)
		return number;
	if (has_tenths && *string == '.') {
		string++;
		tenth = number_take(&string, 9);
		if (tenth < 0)
			return tenth;
	}
	if (*string == '%')
		string++;
	if (*string != '\0')
		return -EINVAL;
	return has_tenths ? 10 * number + tenth : number;
}

static int64_t parse_word(const char *const words[], const char *string)
{
	for (int i = 0; i < PLAN_MAX_WORDS && words[i] != NULL; i++) {
		if (strcmp(words[i], string) == 0)
			return i;
	}
	return -EINVAL;
}

static int64_t parse_duration(const char *string)
{
	msec_t msec;

	return duration_parse(string, &msec) == 0 ? (int64_t)msec : -EINVAL;
}

static int64_t parse_count_or_percent(const char *string, bool *ret_is_percent)
{
	struct int_or_percent value;

	if (int_or_percent_parse(string, false, &value) < 0)
		return -EINVAL;
	*ret_is_percent = value.is_percent;
	return value.value;
}

static int64_t parse(enum plan_input input, const char *string, bool *is_percent)
{
	static const char *const switches[PLAN_MAX_WORDS] = {"off", "on"};
	const struct plan_input_row *row = plan_input_row(input);

	switch (row->unit) {
	case PLAN_UNIT_COUNT:
		return number_parse(string, row->min, row->max);
	case PLAN_UNIT_PERCENT:
		return parse_percent(string, false);
	case PLAN_UNIT_TENTHS:
		return parse_percent(string, true);
	case PLAN_UNIT_DURATION:
		return parse_duration(string);
	case PLAN_UNIT_COUNT_OR_PERCENT:
		return parse_count_or_percent(string, is_percent);
	case PLAN_UNIT_SWITCH:
		return parse_word(switches, string);
	case PLAN_UNIT_CHOICE:
		return parse_word(row->words, string);
	}
	return -EINVAL;
}

int input_value_parse(enum plan_input input, const char *string, struct plan_value *ret_value)
{
	const struct plan_input_row *row = plan_input_row(input);
	bool is_percent = false;
	const int64_t number = parse(input, string, &is_percent);

	if (number < row->min || number > row->max)
		return -EINVAL;
	ret_value->number = number;
	ret_value->is_percent = is_percent;
	return 0;
}

static void add_words(struct text *text, const char *const words[])
{
	for (int i = 0; i < PLAN_MAX_WORDS && words[i] != NULL; i++) {
		if (i > 0)
			text_add(text,
				i + 1 < PLAN_MAX_WORDS && words[i + 1] != NULL ? ", " : " or ");
		text_add(text, words[i]);
	}
}

void input_value_add_form(struct text *text, enum plan_input input)
{
	const struct plan_input_row *row = plan_input_row(input);
	const int min = (int)row->min, max = (int)row->max;

	switch (row->unit) {
	case PLAN_UNIT_COUNT:
		text_printf(text, "a number from %d to %d", min, max);
		break;
	case PLAN_UNIT_PERCENT:
		text_printf(text, "a whole percentage from %d to %d", min, max);
		break;
	case PLAN_UNIT_TENTHS:
		text_printf(text, "a percentage from %d.%d to %d, with one decimal at most",
			min / 10, min % 10, max / 10);
		break;
	case PLAN_UNIT_DURATION:
		text_add(text, "a duration with a unit, like 500ms or 10s");
		text_add(text, ", ");
		duration_add(text, row->max);
		text_add(text, " at most");
		break;
	case PLAN_UNIT_COUNT_OR_PERCENT:
		text_printf(text, "a number or a percentage, like 1 or 25%%, %d at most", max);
		break;
	case PLAN_UNIT_SWITCH:
		text_add(text, "on or off");
		break;
	case PLAN_UNIT_CHOICE:
		add_words(text, row->words);
		break;
	}
}
