/* SPDX-License-Identifier: MIT */
#include "core/cli/option_values.h"

#include "core/text/duration.h"
#include "core/text/number.h"
#include "core/text/signal_name.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>

static int set_duration(
	struct options *options, void *field, const char *value, msec_t min, bool may_be_off)
{
	msec_t msec = MSEC_NEVER;

	(void)options;
	if (!(may_be_off && strcmp(value, "off") == 0) &&
		(duration_parse(value, &msec) < 0 || msec < min))
		return -EINVAL;
	*(msec_t *)field = msec;
	return 0;
}

int option_set_duration(struct options *options, void *field, const char *value)
{
	return set_duration(options, field, value, 0, false);
}

int option_set_duration_or_off(struct options *options, void *field, const char *value)
{
	return set_duration(options, field, value, 0, true);
}

int option_set_positive_duration(struct options *options, void *field, const char *value)
{
	return set_duration(options, field, value, 1, false);
}

int option_set_positive_duration_or_off(struct options *options, void *field, const char *value)
{
	return set_duration(options, field, value, 1, true);
}

/* The index of value among count names, each behind the NUL of the one before, or -EINVAL. */
static int choose(const char *value, const char *names, int count)
{
	for (int i = 0; i < count; i++, names += strlen(names) + 1) {
		if (strcmp(value, names) == 0)
			return i;
	}
	return -EINVAL;
}

int option_set_flag(struct options *options, void *field, const char *value)
{
	/* the last one is empty: switched off */
	int word = choose(value,
		"0\0"
		"1\0"
		"false\0"
		"true\0"
		"no\0"
		"yes\0"
		"off\0"
		"on\0",
		9);

	(void)options;
	if (word < 0)
		return -EINVAL;
	*(bool *)field = word % 2 == 1;
	return 0;
}

static int set_number(struct options *options, void *field, const char *value, int min, int max)
{
	int64_t number = number_parse(value, min, max);

	(void)options;
	if (number < 0)
		return -EINVAL;
	*(int *)field = (int)number;
	return 0;
}

int option_set_drain_status(struct options *options, void *field, const char *value)
{
	return set_number(options, field, value, 200, 599);
}

int option_set_check_failures(struct options *options, void *field, const char *value)
{
	return set_number(options, field, value, 1, 100);
}

int option_set_healthcheck(struct options *options, void *field, const char *value)
{
	(void)field;
	options->healthcheck = true;
	if (*value == '\0')
		return 0;
	return http_url_parse(value, &options->healthcheck_url) < 0 ||
			       options->healthcheck_url.is_localhost
		       ? -EINVAL
		       : 0;
}

int option_set_health_path(struct options *options, void *field, const char *value)
{
	(void)field;
	if (strlen(value) > 1024 || !http_url_is_path(value) || strchr(value, '?') != NULL)
		return -EINVAL;
	options->health_path = value;
	return 0;
}

/* Gives the items of a comma list to set, one by one: the environment has no other way to repeat. */
static int set_each(struct options *options, void *field, const char *list, option_set_fn *set)
{
	char item[APP_CHECK_PATH_MAX + 64];

	for (;; list++) {
		size_t len = strcspn(list, ",");

		if (len >= sizeof item)
			return -EINVAL;
		memcpy(item, list, len);
		item[len] = '\0';
		if (set(options, field, item) < 0)
			return -EINVAL;
		list += len;
		if (*list == '\0')
			return 0;
	}
}

static bool is_label_key(const char *key, size_t len)
{
	return len > 0 &&
	       strspn(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") >=
		       len;
}

/* Copies a label, for both parts have to be terminated, and one may come from several sources. */
int option_add_label(struct options *options, const char *key, size_t key_len, const char *value)
{
	char *at = options->label_bytes + options->label_bytes_used;
	const size_t room = sizeof options->label_bytes - options->label_bytes_used;
	const size_t value_len = strlen(value);

	if (!is_label_key(key, key_len) || key_len + 1 + value_len + 1 > room)
		return -EINVAL;
	memcpy(at, key, key_len);
	at[key_len] = '\0';
	memcpy(at + key_len + 1, value, value_len + 1);
	if (label_list_set(&options->labels, LABELS_OF_USER, at, at + key_len + 1) < 0)
		return -EINVAL;
	options->label_bytes_used += key_len + 1 + value_len + 1;
	return 0;
}

static int set_one_label(struct options *options, void *field, const char *value)
{
	const char *equals = strchr(value, '=');

	(void)field;
	if (equals == NULL)
		return -EINVAL;
	return option_add_label(options, value, (size_t)(equals - value), equals + 1);
}

int option_set_label(struct options *options, void *field, const char *value)
{
	return set_each(options, field, value, set_one_label);
}

int option_set_listen(struct options *options, void *field, const char *value)
{
	(void)field;
	options->listen_off = strcmp(value, "off") == 0;
	return options->listen_off ? 0 : listen_address_parse(value, &options->listen);
}

/* One of count words, the values of an enum. */
static int set_choice(
	struct options *options, void *field, const char *value, const char *words, int count)
{
	int chosen = choose(value, words, count);

	(void)options;
	if (chosen < 0)
		return chosen;
	*(unsigned *)field = (unsigned)chosen;
	return 0;
}

int option_set_log_format(struct options *options, void *field, const char *value)
{
	return set_choice(options, field, value, "text\0json", 2);
}

int option_set_order(struct options *options, void *field, const char *value)
{
	return set_choice(options, field, value, "drain-first\0signal-first", 2);
}

int option_set_status(struct options *options, void *field, const char *value)
{
	int form = *value == '\0' ? 0 : choose(value, "text\0json", 2);

	(void)field;
	if (form < 0)
		return form;
	options->status = form == 0 ? STATUS_TEXT : STATUS_JSON;
	return 0;
}

int option_set_wait(struct options *options, void *field, const char *value)
{
	return set_choice(options, field, value, "all\0main", 2);
}

int option_set_notify(struct options *options, void *field, const char *value)
{
	return set_choice(options, field, value, "auto\0ready\0off\0pass", 4);
}

/* Keeps a copy, for a list has to be cut into its items. */
static int set_one_app_check(struct options *options, void *field, const char *value)
{
	struct app_check_target *target = &options->app_checks[options->app_check_count];
	char *copy = options->app_check_bytes + options->app_check_bytes_used;
	size_t size = strlen(value) + 1;

	(void)field;
	if (options->app_check_count == OPTIONS_MAX_APP_CHECKS ||
		size > sizeof options->app_check_bytes - options->app_check_bytes_used)
		return -EINVAL;
	memcpy(copy, value, size);
	if (app_check_target_parse(copy, target) < 0)
		return -EINVAL;
	if (options->app_check_count > 0 &&
		(target->kind == APP_CHECK_NONE || options->app_checks[0].kind == APP_CHECK_NONE))
		return -EINVAL; /* none is the lack of one */
	options->app_check_bytes_used += size;
	options->app_check_count++;
	return 0;
}

int option_set_app_check(struct options *options, void *field, const char *value)
{
	return set_each(options, field, value, set_one_app_check);
}

static int set_one_ignored_peer(struct options *options, void *field, const char *value)
{
	(void)field;
	if (options->ignored_peer_count == OPTIONS_MAX_IGNORED_PEERS ||
		peer_range_parse(value, &options->ignored_peers[options->ignored_peer_count]) < 0)
		return -EINVAL;
	options->ignored_peer_count++;
	return 0;
}

int option_set_ignored_peer(struct options *options, void *field, const char *value)
{
	return set_each(options, field, value, set_one_ignored_peer);
}

/* "8080" or "8000-8099". Returns 0 or -EINVAL. */
static int parse_port_range(const char *value, struct port_range *ret_range)
{
	int64_t first = number_take(&value, UINT16_MAX), last = first;

	if (*value == '-') {
		value++;
		last = number_take(&value, UINT16_MAX);
	}
	if (first < 1 || last < first || *value != '\0')
		return -EINVAL;
	*ret_range = (struct port_range){(uint16_t)first, (uint16_t)last};
	return 0;
}

static int set_one_port(struct options *options, void *field, const char *value)
{
	struct port_range range;

	(void)field;
	if (parse_port_range(value, &range) < 0)
		return -EINVAL;
	for (unsigned i = 0; i < options->port_range_count; i++) {
		if (options->ports[i].first <= range.first && options->ports[i].last >= range.last)
			return 0;
	}
	if (options->port_range_count == OPTIONS_MAX_PORT_RANGES)
		return -EINVAL;
	options->ports[options->port_range_count++] = range;
	return 0;
}

int option_set_port(struct options *options, void *field, const char *value)
{
	return set_each(options, field, value, set_one_port);
}

int option_set_report(struct options *options, void *field, const char *value)
{
	(void)field;
	for (;; value++) {
		const size_t len = strcspn(value, ",");

		if (len == strlen("off") && memcmp(value, "off", len) == 0) {
			options->report_count = 0;
		} else {
			if (options->report_count == OPTIONS_MAX_REPORTS ||
				report_destination_parse(
					value, len, &options->reports[options->report_count]) < 0)
				return -EINVAL;
			options->report_count++;
		}
		value += len;
		if (*value == '\0')
			return 0;
	}
}

int option_set_signal(struct options *options, void *field, const char *value)
{
	int signal = signal_parse(value);

	(void)options;
	if (signal < 0)
		return signal;
	*(int *)field = signal;
	return 0;
}

/* FROM:TO. What never arrives, and SIGCHLD, which is ours, cannot be rewritten. */
static int set_one_rewrite(struct options *options, void *field, const char *value)
{
	const char *colon = strchr(value, ':');
	char name[16] = "";
	int from, to;

	(void)field;
	if (colon == NULL || (size_t)(colon - value) >= sizeof name)
		return -EINVAL;
	memcpy(name, value, (size_t)(colon - value));
	from = signal_parse(name);
	to = strcmp(colon + 1, "0") == 0 ? 0 : signal_parse(colon + 1);
	if (from < 0 || to < 0 || from == SIGKILL || from == SIGSTOP || from == SIGCHLD)
		return -EINVAL;
	options->rewrite[from] = (uint8_t)to;
	return 0;
}

/* What never arrives, and SIGCHLD, which is ours, cannot ask for anything. */
static int add_stop_signal(struct options *options, void *field, const char *value)
{
	int signal = signal_parse(value);

	(void)field;
	if (signal < 0 || signal == SIGKILL || signal == SIGSTOP || signal == SIGCHLD)
		return -EINVAL;
	options->stop_on |= signal_bit(signal);
	return 0;
}

int option_set_stop_on(struct options *options, void *field, const char *value)
{
	return set_each(options, field, value, add_stop_signal);
}

int option_set_rewrite(struct options *options, void *field, const char *value)
{
	return set_each(options, field, value, set_one_rewrite);
}

static int set_one_exit_code(struct options *options, void *field, const char *value)
{
	int64_t from = number_take(&value, EXIT_CODES - 1), to;

	(void)field;
	if (from < 0 || *value != ':')
		return -EINVAL;
	to = number_parse(value + 1, 0, EXIT_CODES - 1);
	if (to < 0)
		return -EINVAL;
	options->exit_map[from] = (uint8_t)to;
	return 0;
}

int option_set_exit_map(struct options *options, void *field, const char *value)
{
	return set_each(options, field, value, set_one_exit_code);
}
