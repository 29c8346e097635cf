/* SPDX-License-Identifier: MIT */
#include "drill/core/thresholds.h"

#include "core/text/number.h"

#include <errno.h>
#include <math.h>
#include <string.h>

static void look_at_nothing(struct thresholds *thresholds)
{
	for (int i = 0; i < OUTCOME_COUNT; i++)
		thresholds->most[i] = THRESHOLD_OFF;
	thresholds->most_in_flight_cut = THRESHOLD_OFF;
}

void thresholds_init(struct thresholds *thresholds)
{
	look_at_nothing(thresholds);
	for (int i = OUTCOME_OK + 1; i < OUTCOME_CLIENT_ERROR; i++)
		thresholds->most[i] = 0;
	thresholds->most_in_flight_cut = 0;
	thresholds->min_completion = thresholds->max_stop_s = (double)NAN;
	thresholds->max_overshoot_s = thresholds->max_gap_s = (double)NAN;
	thresholds->min_margin_s = 0;
	memset(thresholds->is_retry_safe, 0, sizeof thresholds->is_retry_safe);
	thresholds->expect_exit_count = 0;
}

static bool is_word(const char *word, size_t len, const char *name)
{
	return strlen(name) == len && strncmp(word, name, len) == 0;
}

/* The outcome of a name that a server can be blamed for; OUTCOME_COUNT: there is none. */
static enum outcome find_outcome(const char *word, size_t len)
{
	for (int i = OUTCOME_OK + 1; i < OUTCOME_CLIENT_ERROR; i++) {
		if (is_word(word, len, outcome_name((enum outcome)i)))
			return (enum outcome)i;
	}
	return OUTCOME_COUNT;
}

/* The limit that a name stands for; NULL: no such name. */
static int64_t *find_limit(struct thresholds *thresholds, const char *word, size_t len)
{
	enum outcome outcome = find_outcome(word, len);

	if (is_word(word, len, "in_flight_cut"))
		return &thresholds->most_in_flight_cut;
	return outcome < OUTCOME_COUNT ? &thresholds->most[outcome] : NULL;
}

/* One "truncated>0". */
static int take_limit(struct thresholds *thresholds, const char *word, size_t len)
{
	const char *sign = memchr(word, '>', len), *end;
	int64_t *limit, most;

	if (is_word(word, len, "none")) {
		look_at_nothing(thresholds);
		return 0;
	}
	if (sign == NULL)
		return -EINVAL;
	end = sign + 1;
	most = number_take(&end, UINT32_MAX);
	limit = find_limit(thresholds, word, (size_t)(sign - word));
	if (most < 0 || end != word + len || limit == NULL)
		return -EINVAL;
	*limit = most;
	return 0;
}

static int take_retry_safe(struct thresholds *thresholds, const char *word, size_t len)
{
	enum outcome outcome = find_outcome(word, len);

	if (outcome == OUTCOME_COUNT)
		return -EINVAL;
	thresholds->is_retry_safe[outcome] = true;
	return 0;
}

static int take_exit(struct thresholds *thresholds, const char *word, size_t len)
{
	const char *end = word;
	const int64_t code = number_take(&end, 255);

	if (code < 0 || end != word + len || thresholds->expect_exit_count == THRESHOLD_MAX_EXITS)
		return -EINVAL;
	thresholds->expect_exit[thresholds->expect_exit_count++] = (int)code;
	return 0;
}

/* Gives the members of a comma-separated list to take; nothing is changed when one is refused. */
static int take_list(struct thresholds *thresholds, const char *list,
	int (*take)(struct thresholds *thresholds, const char *word, size_t len))
{
	struct thresholds read = *thresholds;

	for (const char *word = list;; word++) {
		size_t len = strcspn(word, ",");

		if (take(&read, word, len) < 0)
			return -EINVAL;
		word += len;
		if (*word == '\0')
			break;
	}
	*thresholds = read;
	return 0;
}

int thresholds_parse(struct thresholds *thresholds, const char *list)
{
	return take_list(thresholds, list, take_limit);
}

int thresholds_parse_retry_safe(struct thresholds *thresholds, const char *list)
{
	return take_list(thresholds, list, take_retry_safe);
}

int thresholds_parse_exits(struct thresholds *thresholds, const char *list)
{
	return take_list(thresholds, list, take_exit);
}
