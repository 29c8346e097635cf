/* SPDX-License-Identifier: MIT */
#include "drill/core/thresholds.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void look_at_nothing(struct thresholds *thresholds)
{
	for (int i = 0; i < OUTCOME_COUNT; i++)
		thresholds->most[i] = THRESHOLD_OFF;
	thresholds->most_in_flight_cut = THRESHOLD_OFF;
	thresholds->is_refused_given = false;
}

void thresholds_init(struct thresholds *thresholds)
{
	look_at_nothing(thresholds);
	thresholds->most[OUTCOME_TRUNCATED] = 0;
	thresholds->most[OUTCOME_CORRUPT] = 0;
	thresholds->most[OUTCOME_STALLED] = 0;
	thresholds->most[OUTCOME_RESET_MID_BODY] = 0;
	thresholds->most[OUTCOME_HTTP_5XX] = 0;
	thresholds->most[OUTCOME_REFUSED] = 0;
	thresholds->most_in_flight_cut = 0;
	thresholds->min_completion = thresholds->max_stop_s = (double)NAN;
	thresholds->max_overshoot_s = thresholds->max_gap_s = (double)NAN;
	thresholds->min_margin_s = 0;
}

static bool is_word(const char *word, size_t len, const char *name)
{
	return strlen(name) == len && strncmp(word, name, len) == 0;
}

/* The limit that a name stands for; NULL: no such name. */
static int64_t *find_limit(struct thresholds *thresholds, const char *word, size_t len)
{
	if (is_word(word, len, "in_flight_cut"))
		return &thresholds->most_in_flight_cut;
	for (int i = 0; i < OUTCOME_COUNT; i++) {
		if (i == OUTCOME_OK || i == OUTCOME_CLIENT_ERROR ||
			!is_word(word, len, outcome_name((enum outcome)i)))
			continue;
		if (i == OUTCOME_REFUSED)
			thresholds->is_refused_given = true;
		return &thresholds->most[i];
	}
	return NULL;
}

/* One "truncated>0". */
static int take_limit(struct thresholds *thresholds, const char *word, size_t len)
{
	const char *sign = memchr(word, '>', len);
	int64_t *limit;
	char *end;
	long long most;

	if (is_word(word, len, "none")) {
		look_at_nothing(thresholds);
		return 0;
	}
	if (sign == NULL || sign[1] < '0' || sign[1] > '9')
		return -EINVAL;
	most = strtoll(sign + 1, &end, 10);
	limit = find_limit(thresholds, word, (size_t)(sign - word));
	if (end != word + len || limit == NULL || most > UINT32_MAX)
		return -EINVAL;
	*limit = most;
	return 0;
}

int thresholds_parse(struct thresholds *thresholds, const char *list)
{
	struct thresholds read = *thresholds;

	for (const char *word = list;; word++) {
		size_t len = strcspn(word, ",");

		if (take_limit(&read, word, len) < 0)
			return -EINVAL;
		word += len;
		if (*word == '\0')
			break;
	}
	*thresholds = read;
	return 0;
}
