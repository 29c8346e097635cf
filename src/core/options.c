/* SPDX-License-Identifier: MIT */
#include "core/options.h"

#include "core/long_text.h"
#include "core/option_help.h"
#include "core/option_values.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>

#define ENVIRONMENT_PREFIX "LASTCALL_"

/* Alphabetical, as --help and the man page list them. What they are called, their defaults and what is said
 * of them is in texts/long_texts.c. */
static const struct option_spec {
	option_set_fn *set;
	uint16_t field; /* of struct options */
	char letter;
} specs[OPTION_COUNT] = {
	[OPTION_APP_CHECK] = {option_set_app_check, .field = offsetof(struct options, app_check)},
	[OPTION_CHECK] = {option_set_flag, .field = offsetof(struct options, check)},
	[OPTION_CHECK_FAILURES] = {option_set_check_failures,
		.field = offsetof(struct options, check_failures)},
	[OPTION_CHECK_INTERVAL] = {option_set_positive_duration,
		.field = offsetof(struct options, check_interval)},
	[OPTION_CHECK_TIMEOUT] = {option_set_positive_duration,
		.field = offsetof(struct options, check_timeout)},
	[OPTION_DRAIN] = {option_set_flag, .field = offsetof(struct options, drain)},
	[OPTION_DRAIN_BUDGET] = {option_set_duration,
		.field = offsetof(struct options, drain_budget)},
	[OPTION_DRAIN_STATUS] = {option_set_drain_status,
		.field = offsetof(struct options, drain_status)},
	[OPTION_EXIT_MAP] = {option_set_exit_map, .field = offsetof(struct options, exit_map)},
	[OPTION_EXIT_WHEN_IDLE] = {option_set_duration_or_off,
		.field = offsetof(struct options, exit_when_idle)},
	[OPTION_GROUP] = {option_set_flag, .field = offsetof(struct options, group)},
	[OPTION_HEALTH_PATH] = {option_set_health_path,
		.field = offsetof(struct options, health_path)},
	[OPTION_HEALTHCHECK] = {option_set_healthcheck,
		.field = offsetof(struct options, healthcheck)},
	[OPTION_HELP] = {option_set_flag, .field = offsetof(struct options, help), .letter = 'h'},
	[OPTION_HURRY] = {option_set_flag, .field = offsetof(struct options, hurry)},
	[OPTION_IGNORE_PEER] = {option_set_ignored_peer,
		.field = offsetof(struct options, ignored_peers)},
	[OPTION_LABEL] = {option_set_label, .field = offsetof(struct options, labels)},
	[OPTION_LISTEN] = {option_set_listen, .field = offsetof(struct options, listen)},
	[OPTION_LOG_FORMAT] = {option_set_log_format,
		.field = offsetof(struct options, log_format)},
	[OPTION_LONGEST_REQUEST] = {option_set_positive_duration,
		.field = offsetof(struct options, longest_request)},
	[OPTION_MARGIN] = {option_set_duration, .field = offsetof(struct options, margin)},
	[OPTION_MIN_DRAIN] = {option_set_duration, .field = offsetof(struct options, min_drain)},
	[OPTION_ORDER] = {option_set_order, .field = offsetof(struct options, order)},
	[OPTION_PARENT_DEATH_SIGNAL] = {option_set_signal,
		.field = offsetof(struct options, parent_death_signal)},
	[OPTION_PORT] = {option_set_port, .field = offsetof(struct options, ports), .letter = 'p'},
	[OPTION_QUIET] = {option_set_flag, .field = offsetof(struct options, quiet), .letter = 'q'},
	[OPTION_QUIET_PERIOD] = {option_set_duration,
		.field = offsetof(struct options, quiet_period)},
	[OPTION_REPORT] = {option_set_report, .field = offsetof(struct options, report)},
	[OPTION_REWRITE] = {option_set_rewrite, .field = offsetof(struct options, rewrite)},
	[OPTION_SETSID] = {option_set_flag, .field = offsetof(struct options, setsid)},
	[OPTION_SETTLE] = {option_set_duration, .field = offsetof(struct options, settle)},
	[OPTION_START_TIMEOUT] = {option_set_positive_duration_or_off,
		.field = offsetof(struct options, start_timeout)},
	[OPTION_STOP_SIGNAL] = {option_set_signal, .field = offsetof(struct options, stop_signal)},
	[OPTION_STOP_TIMEOUT] = {option_set_positive_duration,
		.field = offsetof(struct options, stop_timeout), .letter = 't'},
	[OPTION_SUBREAPER] = {option_set_flag, .field = offsetof(struct options, subreaper)},
	[OPTION_TERM_GRACE] = {option_set_duration, .field = offsetof(struct options, term_grace)},
	[OPTION_VERBOSE] = {option_set_flag, .field = offsetof(struct options, verbose),
		.letter = 'v'},
	[OPTION_VERSION] = {option_set_flag, .field = offsetof(struct options, version),
		.letter = 'V'},
	[OPTION_WAIT] = {option_set_wait, .field = offsetof(struct options, wait)},
	[OPTION_WARN_ON_REAP] = {option_set_flag, .field = offsetof(struct options, warn_on_reap)},
};

static bool is_flag(enum option_id id)
{
	return specs[id].set == option_set_flag;
}

const char *option_name(enum option_id id)
{
	return option_word(id, WORD_NAME);
}

void *option_field(struct options *options, enum option_id id)
{
	return (char *)options + specs[id].field;
}

const bool *option_flag(const struct options *options, enum option_id id)
{
	return is_flag(id) ? (const void *)((const char *)options + specs[id].field) : NULL;
}

const char *option_default_text(enum option_id id)
{
	const char *initial = option_word(id, WORD_INITIAL);

	return *initial != '\0' ? initial : long_text(long_text_of_option(id, TEXT_DEFAULT));
}

static void add_environment_name(struct text *text, enum option_id id)
{
	text_add(text, ENVIRONMENT_PREFIX);
	for (const char *c = option_name(id); *c != '\0'; c++)
		text_add_char(text, *c == '-' ? '_' : (char)(*c - 'a' + 'A'));
}

const char *option_origin(const struct options *options, enum option_id id, char *buf, size_t cap)
{
	struct text text;

	text_init(&text, buf, cap);
	if (options->source[id] == OPTION_FROM_ENVIRONMENT)
		add_environment_name(&text, id);
	else
		text_printf(&text, "--%s", option_name(id));
	return buf;
}

static void map_to_itself(uint8_t *map, int count)
{
	for (int i = 0; i < count; i++)
		map[i] = (uint8_t)i;
}

/* Empties the list of a repeatable option. */
static void clear_list(struct options *options, enum option_id id)
{
	if (id == OPTION_PORT)
		options->port_count = 0;
	else if (id == OPTION_LABEL)
		options->label_count = 0;
	else if (id == OPTION_IGNORE_PEER)
		options->ignored_peer_count = 0;
	else if (id == OPTION_REWRITE)
		map_to_itself(options->rewrite, SIGNAL_MAX + 1);
	else if (id == OPTION_EXIT_MAP)
		map_to_itself(options->exit_map, EXIT_CODES);
}

/* Gives a value that somebody wrote to an option, or says in *error what is wrong with it. */
static int apply(struct options *options, enum option_id id, const char *value,
	enum option_source source, struct text *error)
{
	char origin[64];

	if (options->source[id] != source)
		clear_list(options, id); /* a stronger source replaces the list of a weaker one */
	options->source[id] = source;
	options->given[id] = value;
	if (specs[id].set(options, id, value) < 0) {
		text_printf(error, "%s='%s' is not accepted; give %s",
			option_origin(options, id, origin, sizeof origin), value,
			long_text(long_text_of_option(id, TEXT_FORM)));
		return -EINVAL;
	}
	return 0;
}

static void apply_defaults(struct options *options)
{
	*options = (struct options){
		.stop_timeout = OPTION_UNSET,
		.margin = OPTION_UNSET,
		.term_grace = OPTION_UNSET,
		.drain_budget = OPTION_UNSET,
		.longest_request = OPTION_UNSET,
	};
	for (int id = 0; id < OPTION_COUNT; id++) {
		const char *initial = option_word((enum option_id)id, WORD_INITIAL);

		clear_list(options, (enum option_id)id);
		if (*initial != '\0')
			(void)specs[id].set(options, (enum option_id)id, initial);
	}
}

/* Questions are asked on the command line only: LASTCALL_VERSION is what an image may say of itself. */
static bool has_variable(enum option_id id)
{
	return id != OPTION_CHECK && id != OPTION_HEALTHCHECK && id != OPTION_HELP &&
	       id != OPTION_VERSION;
}

/* Whether NAME=… is this option's variable; *ret_value points behind the equals sign. */
static bool is_variable_of(const char *variable, enum option_id id, const char **ret_value)
{
	char buf[64];
	struct text name;

	text_init(&name, buf, sizeof buf);
	add_environment_name(&name, id);
	*ret_value = variable + name.len + 1;
	return strncmp(variable, buf, name.len) == 0 && variable[name.len] == '=';
}

static int apply_variable(
	struct options *options, const char *variable, struct text *error, struct text *warning)
{
	for (int id = 0; id < OPTION_COUNT; id++) {
		const char *value;

		if (!has_variable((enum option_id)id) ||
			!is_variable_of(variable, (enum option_id)id, &value))
			continue;
		if (id == OPTION_PORT && strncmp(value, "tcp://", 6) == 0) {
			/* Kubernetes gives this to every pod beside a service named lastcall */
			text_printf(warning, "%s is a Kubernetes service link, ignoring", variable);
			return 0;
		}
		return apply(options, (enum option_id)id, value, OPTION_FROM_ENVIRONMENT, error);
	}
	return 0;
}

static int refuse_without_value(struct text *error, enum option_id id)
{
	text_printf(error, " needs a value: %s", long_text(long_text_of_option(id, TEXT_FORM)));
	return -EINVAL;
}

/* An operand is what follows; one letter may be one of several, -vp80. Returns how many words were
 * taken, 0 at an operand, or -EINVAL. */
static int take_letters(
	struct options *options, const char *word, const char *next, struct text *error)
{
	for (const char *c = word + 1; *c != '\0'; c++) {
		int id = 0;

		while (id < OPTION_COUNT && specs[id].letter != *c)
			id++;
		if (id == OPTION_COUNT) {
			text_printf(error, "unknown option '-%c' in '%s'; see lastcall --help", *c,
				word);
			return -EINVAL;
		}
		if (is_flag((enum option_id)id)) {
			(void)apply(
				options, (enum option_id)id, "1", OPTION_FROM_COMMAND_LINE, error);
			continue;
		}
		if (c[1] == '\0' && next == NULL) {
			text_printf(error, "-%c", *c);
			return refuse_without_value(error, (enum option_id)id);
		}
		if (apply(options, (enum option_id)id, c[1] != '\0' ? c + 1 : next,
			    OPTION_FROM_COMMAND_LINE, error) < 0)
			return -EINVAL;
		return c[1] != '\0' ? 1 : 2;
	}
	return 1;
}

static bool is_name_of(enum option_id id, const char *name, size_t len)
{
	return strncmp(option_name(id), name, len) == 0 && option_name(id)[len] == '\0';
}

static int take_long(
	struct options *options, const char *word, const char *next, struct text *error)
{
	const char *name = word + 2, *equals = strchr(name, '=');
	size_t len = equals != NULL ? (size_t)(equals - name) : strlen(name);
	const char *value = equals != NULL ? equals + 1 : NULL;
	int id = 0;

	while (id < OPTION_COUNT && !is_name_of((enum option_id)id, name, len))
		id++;
	if (id == OPTION_COUNT) {
		text_printf(error, "unknown option '%s'; see lastcall --help", word);
		return -EINVAL;
	}
	if (value == NULL && (is_flag((enum option_id)id) || id == OPTION_HEALTHCHECK)) {
		return apply(options, (enum option_id)id, id == OPTION_HEALTHCHECK ? "" : "1",
			       OPTION_FROM_COMMAND_LINE, error) < 0
			       ? -EINVAL
			       : 1;
	}
	if (value == NULL && next == NULL) {
		text_printf(error, "--%s", option_name((enum option_id)id));
		return refuse_without_value(error, (enum option_id)id);
	}
	if (apply(options, (enum option_id)id, value != NULL ? value : next,
		    OPTION_FROM_COMMAND_LINE, error) < 0)
		return -EINVAL;
	return value != NULL ? 1 : 2;
}

void options_rewrite_for_session(struct options *options)
{
	static const uint8_t from_terminal[] = {SIGTSTP, SIGTTIN, SIGTTOU};

	for (size_t i = 0; options->setsid && i < sizeof from_terminal; i++) {
		if (options->rewrite[from_terminal[i]] == from_terminal[i])
			options->rewrite[from_terminal[i]] = SIGSTOP;
	}
}

int options_parse(char *const argv[], char *const envp[], struct options *ret_options,
	struct text *ret_error, struct text *ret_warning)
{
	char *const *at = argv[0] != NULL ? argv + 1 : argv;

	apply_defaults(ret_options);
	for (; *envp != NULL; envp++) {
		if (strncmp(*envp, ENVIRONMENT_PREFIX, strlen(ENVIRONMENT_PREFIX)) == 0 &&
			apply_variable(ret_options, *envp, ret_error, ret_warning) < 0)
			return -EINVAL;
	}
	while (*at != NULL && (*at)[0] == '-' && (*at)[1] != '\0') {
		int taken;

		if (strcmp(*at, "--") == 0) {
			at++;
			break;
		}
		taken = (*at)[1] == '-' ? take_long(ret_options, *at, at[1], ret_error)
					: take_letters(ret_options, *at, at[1], ret_error);
		if (taken < 0)
			return taken;
		at += taken;
	}
	options_rewrite_for_session(ret_options);
	ret_options->command = at;
	return 0;
}

static void write_entry(struct text *text, enum option_id id)
{
	const struct option_help entry = {specs[id].letter, option_name(id),
		long_text(long_text_of_option(id, TEXT_METAVAR)),
		long_text(long_text_of_option(id, TEXT_HELP)), option_default_text(id)};

	option_help_write(text, &entry);
}

void options_write_help(struct text *text)
{
	text_add(text, long_text(TEXT_HELP_BEGIN));
	for (int id = 0; id < OPTION_COUNT; id++)
		write_entry(text, (enum option_id)id);
	text_add(text, long_text(TEXT_HELP_END));
}

const char *environment_get(char *const envp[], const char *name)
{
	size_t len = strlen(name);

	for (; *envp != NULL; envp++) {
		if (strncmp(*envp, name, len) == 0 && (*envp)[len] == '=')
			return *envp + len + 1;
	}
	return NULL;
}
