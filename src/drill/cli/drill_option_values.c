/* SPDX-License-Identifier: MIT */
#include "drill/cli/drill_option_values.h"

#include "core/text/duration.h"
#include "core/text/number.h"
#include "core/text/signal_name.h"
#include "drill/core/drill_profile.h"
#include "drill/core/drill_result.h"
#include "drill/core/target_url.h"

#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_COUNT 100000
#define MAX_DURATION_MS (INT64_C(24) * 3600 * 1000)

int drill_option_set_flag(struct drill_options *options, void *field, const char *value)
{
	(void)options;
	(void)value;
	*(bool *)field = true;
	return 0;
}

int drill_option_set_string(struct drill_options *options, void *field, const char *value)
{
	(void)options;
	if (*value == '\0')
		return -EINVAL;
	*(const char **)field = value;
	return 0;
}

int drill_option_set_url(struct drill_options *options, void *field, const char *value)
{
	struct target_url url;

	return target_url_parse(value, &url) < 0 ? -EINVAL
						 : drill_option_set_string(options, field, value);
}

int drill_option_set_duration(struct drill_options *options, void *field, const char *value)
{
	msec_t msec;

	(void)options;
	if (duration_parse(value, &msec) < 0 || msec > MAX_DURATION_MS)
		return -EINVAL;
	*(int64_t *)field = msec * 1000;
	return 0;
}

int drill_option_set_seconds(struct drill_options *options, void *field, const char *value)
{
	int64_t us;
	int r = drill_option_set_duration(options, &us, value);

	if (r == 0)
		*(double *)field = (double)us / 1e6;
	return r;
}

int drill_option_set_count(struct drill_options *options, void *field, const char *value)
{
	const int64_t number = number_parse(value, 0, MAX_COUNT);

	(void)options;
	if (number < 0)
		return -EINVAL;
	*(unsigned *)field = (unsigned)number;
	return 0;
}

int drill_option_set_runs(struct drill_options *options, void *field, const char *value)
{
	unsigned runs;

	if (drill_option_set_count(options, &runs, value) < 0 || runs == 0 || runs > DRILL_MAX_RUNS)
		return -EINVAL;
	*(unsigned *)field = runs;
	return 0;
}

/* Multiples of 1024, as is usual for buffers. */
int drill_option_set_bytes(struct drill_options *options, void *field, const char *value)
{
	int64_t number = number_take(&value, INT64_C(1) << 40);

	(void)options;
	if (number <= 0)
		return -EINVAL;
	if (*value == 'k' || *value == 'K')
		number *= 1024, value++;
	else if (*value == 'M')
		number *= INT64_C(1024) * 1024, value++;
	if (strcmp(value, "/s") != 0 && *value != '\0')
		return -EINVAL;
	*(int64_t *)field = number;
	return 0;
}

int drill_option_set_rate(struct drill_options *options, void *field, const char *value)
{
	const int64_t number = number_take(&value, MAX_COUNT);

	(void)options;
	if (number < 0 || (strcmp(value, "/s") != 0 && *value != '\0'))
		return -EINVAL;
	*(double *)field = (double)number;
	return 0;
}

int drill_option_set_share(struct drill_options *options, void *field, const char *value)
{
	char *end;
	double share = strtod(value, &end);

	(void)options;
	if (*value < '0' || *value > '9' || *end != '\0' || !(share >= 0 && share <= 1))
		return -EINVAL;
	*(double *)field = share;
	return 0;
}

int drill_option_set_offsets(struct drill_options *options, void *field, const char *value)
{
	unsigned count = 0;

	(void)field;
	for (const char *word = value;; word++) {
		size_t len = strcspn(word, ",");
		char one[DURATION_TEXT_BYTES];

		if (len >= sizeof(one) || count == LOAD_MAX_OFFSETS)
			return -EINVAL;
		memcpy(one, word, len);
		one[len] = '\0';
		if (drill_option_set_duration(
			    options, &options->keep_alive_offsets_us[count++], one) < 0)
			return -EINVAL;
		word += len;
		if (*word == '\0')
			break;
	}
	options->keep_alive_offset_count = count;
	return 0;
}

int drill_option_set_body(struct drill_options *options, void *field, const char *value)
{
	(void)options;
	return body_pattern_parse(value, field);
}

/* "Name: value", of one line. */
int drill_option_set_header(struct drill_options *options, void *field, const char *value)
{
	struct text text;
	const char *colon = strchr(value, ':');
	size_t len = strlen(options->headers); /* of those before it */

	(void)field;
	if (colon == NULL || colon == value || strcspn(value, " \t") < (size_t)(colon - value) ||
		strpbrk(value, "\r\n") != NULL)
		return -EINVAL;
	text_init(&text, options->headers + len, sizeof(options->headers) - len);
	text_printf(&text, "%s\r\n", value);
	return text.truncated ? -EINVAL : 0;
}

int drill_option_set_pid(struct drill_options *options, void *field, const char *value)
{
	const int64_t pid = number_parse(value, 2, INT32_MAX);

	(void)field;
	if (pid < 0)
		return -EINVAL;
	options->server.pid = (pid_t)pid;
	return 0;
}

int drill_option_set_signal(struct drill_options *options, void *field, const char *value)
{
	int signal = signal_parse(value);

	(void)options;
	if (signal < 0)
		return -EINVAL;
	*(int *)field = signal;
	return 0;
}

int drill_option_set_fail_on(struct drill_options *options, void *field, const char *value)
{
	(void)field;
	return thresholds_parse(&options->thresholds, value);
}

int drill_option_set_retry_safe(struct drill_options *options, void *field, const char *value)
{
	(void)field;
	return thresholds_parse_retry_safe(&options->thresholds, value);
}

int drill_option_set_exits(struct drill_options *options, void *field, const char *value)
{
	(void)field;
	return thresholds_parse_exits(&options->thresholds, value);
}

int drill_option_set_status(struct drill_options *options, void *field, const char *value)
{
	const int64_t status = number_parse(value, 200, 599);

	(void)options;
	if (status < 0)
		return -EINVAL;
	*(int *)field = (int)status;
	return 0;
}

int drill_option_set_threshold(struct drill_options *options, void *field, const char *value)
{
	const int64_t count = number_parse(value, 1, 100);

	(void)options;
	if (count < 0)
		return -EINVAL;
	*(unsigned *)field = (unsigned)count;
	return 0;
}

int drill_option_set_place(struct drill_options *options, void *field, const char *value)
{
	(void)options;
	if (strcmp(value, "child") != 0 && strcmp(value, "pid1") != 0)
		return -EINVAL;
	*(enum server_place *)field = *value == 'c' ? SERVER_AS_CHILD : SERVER_AS_PID1;
	return 0;
}

int drill_option_set_profile(struct drill_options *options, void *field, const char *value)
{
	(void)field;
	options->profile = drill_profile_find(value);
	return options->profile != NULL ? 0 : -EINVAL;
}

/* A token (RFC 9110 5.6.2). */
int drill_option_set_method(struct drill_options *options, void *field, const char *value)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";

	(void)options;
	if (*value == '\0' || value[strspn(value, letters)] != '\0')
		return -EINVAL;
	*(const char **)field = value;
	return 0;
}

static int read_data(struct drill_options *options, const char *path)
{
	static char bytes[DRILL_MAX_DATA_BYTES + 1]; /* of the one command line that there is */
	FILE *file = fopen(path, "re");
	size_t len;
	bool is_whole;

	if (file == NULL)
		return -EINVAL;
	len = fread(bytes, 1, sizeof bytes, file);
	is_whole = !ferror(file) && len < sizeof bytes;
	(void)fclose(file);
	if (!is_whole)
		return -EINVAL;
	options->form.data = bytes;
	options->form.data_len = len;
	return 0;
}

int drill_option_set_data(struct drill_options *options, void *field, const char *value)
{
	(void)field;
	if (*value == '@')
		return read_data(options, value + 1);
	options->form.data = value;
	options->form.data_len = strlen(value);
	return 0;
}

int drill_option_set_connect_to(struct drill_options *options, void *field, const char *value)
{
	(void)field;
	if (options->detour_count == TARGET_MAX_DETOURS)
		return -EINVAL;
	return target_detour_parse(value, &options->detours[options->detour_count++]);
}

int drill_option_set_regex(struct drill_options *options, void *field, const char *value)
{
	regex_t regex;

	if (regcomp(&regex, value, REG_EXTENDED | REG_NOSUB) != 0)
		return -EINVAL;
	regfree(&regex);
	return drill_option_set_string(options, field, value);
}
