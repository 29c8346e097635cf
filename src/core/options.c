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

/* Alphabetical, as --help and the man page list them. initial is parsed like a value that somebody gave; a
 * default that is computed is among the texts, as is what else is said of an option: texts/long_texts.c. */
static const struct option_spec {
	char name[20], initial[13], letter;
	uint16_t field; /* of struct options */
	option_set_fn *set;
} specs[OPTION_COUNT] = {
	[OPTION_APP_CHECK] = {"app-check", "listen", 0, offsetof(struct options, app_check),
		option_set_app_check},
	[OPTION_CHECK] = {"check", "", 0, offsetof(struct options, check), option_set_flag},
	[OPTION_CHECK_FAILURES] = {"check-failures", "2", 0,
		offsetof(struct options, check_failures), option_set_check_failures},
	[OPTION_CHECK_INTERVAL] = {"check-interval", "5s", 0,
		offsetof(struct options, check_interval), option_set_positive_duration},
	[OPTION_CHECK_TIMEOUT] = {"check-timeout", "4s", 0, offsetof(struct options, check_timeout),
		option_set_positive_duration},
	[OPTION_DRAIN] = {"drain", "on", 0, offsetof(struct options, drain), option_set_flag},
	[OPTION_DRAIN_BUDGET] = {"drain-budget", "", 0, offsetof(struct options, drain_budget),
		option_set_duration},
	[OPTION_DRAIN_STATUS] = {"drain-status", "503", 0, offsetof(struct options, drain_status),
		option_set_drain_status},
	[OPTION_EXIT_MAP] = {"exit-map", "", 0, offsetof(struct options, exit_map),
		option_set_exit_map},
	[OPTION_EXIT_WHEN_IDLE] = {"exit-when-idle", "off", 0,
		offsetof(struct options, exit_when_idle), option_set_duration_or_off},
	[OPTION_GROUP] = {"group", "", 0, offsetof(struct options, group), option_set_flag},
	[OPTION_HEALTH_PATH] = {"health-path", "/healthcheck", 0,
		offsetof(struct options, health_path), option_set_health_path},
	[OPTION_HEALTHCHECK] = {"healthcheck", "", 0, offsetof(struct options, healthcheck),
		option_set_healthcheck},
	[OPTION_HELP] = {"help", "", 'h', offsetof(struct options, help), option_set_flag},
	[OPTION_HURRY] = {"hurry", "", 0, offsetof(struct options, hurry), option_set_flag},
	[OPTION_IDLE_AFTER] = {"idle-after", "off", 0, offsetof(struct options, idle_after),
		option_set_duration_or_off},
	[OPTION_IGNORE_PEER] = {"ignore-peer", "", 0, offsetof(struct options, ignored_peers),
		option_set_ignored_peer},
	[OPTION_LABEL] = {"label", "", 0, offsetof(struct options, labels), option_set_label},
	[OPTION_LISTEN] = {"listen", "[::]:5278", 0, offsetof(struct options, listen),
		option_set_listen},
	[OPTION_LOG_FORMAT] = {"log-format", "text", 0, offsetof(struct options, log_format),
		option_set_log_format},
	[OPTION_MARGIN] = {"margin", "", 0, offsetof(struct options, margin), option_set_duration},
	[OPTION_MIN_DRAIN] = {"min-drain", "0s", 0, offsetof(struct options, min_drain),
		option_set_duration},
	[OPTION_ORDER] = {"order", "drain-first", 0, offsetof(struct options, order),
		option_set_order},
	[OPTION_PARENT_DEATH_SIGNAL] = {"parent-death-signal", "", 0,
		offsetof(struct options, parent_death_signal), option_set_signal},
	[OPTION_PORT] = {"port", "", 'p', offsetof(struct options, ports), option_set_port},
	[OPTION_QUIET] = {"quiet", "", 'q', offsetof(struct options, quiet), option_set_flag},
	[OPTION_QUIET_PERIOD] = {"quiet-period", "0s", 0, offsetof(struct options, quiet_period),
		option_set_duration},
	[OPTION_REPORT] = {"report", "stderr", 0, offsetof(struct options, report),
		option_set_report},
	[OPTION_REWRITE] = {"rewrite", "", 0, offsetof(struct options, rewrite),
		option_set_rewrite},
	[OPTION_SETSID] = {"setsid", "", 0, offsetof(struct options, setsid), option_set_flag},
	[OPTION_SETTLE] = {"settle", "200ms", 0, offsetof(struct options, settle),
		option_set_duration},
	[OPTION_START_TIMEOUT] = {"start-timeout", "off", 0,
		offsetof(struct options, start_timeout), option_set_start_timeout},
	[OPTION_STOP_SIGNAL] = {"stop-signal", "", 0, offsetof(struct options, stop_signal),
		option_set_signal},
	[OPTION_STOP_TIMEOUT] = {"stop-timeout", "", 't', offsetof(struct options, stop_timeout),
		option_set_duration},
	[OPTION_SUBREAPER] = {"subreaper", "on", 0, offsetof(struct options, subreaper),
		option_set_flag},
	[OPTION_TERM_GRACE] = {"term-grace", "", 0, offsetof(struct options, term_grace),
		option_set_duration},
	[OPTION_VERBOSE] = {"verbose", "", 'v', offsetof(struct options, verbose), option_set_flag},
	[OPTION_VERSION] = {"version", "", 'V', offsetof(struct options, version), option_set_flag},
	[OPTION_WAIT] = {"wait", "all", 0, offsetof(struct options, wait), option_set_wait},
	[OPTION_WARN_ON_REAP] = {"warn-on-reap", "", 0, offsetof(struct options, warn_on_reap),
		option_set_flag},
};

static bool is_flag(enum option_id id)
{
	return specs[id].set == option_set_flag;
}

const char *option_name(enum option_id id)
{
	return specs[id].name;
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
	return specs[id].initial[0] != '\0' ? specs[id].initial
					    : long_text(long_text_of_option(id, TEXT_DEFAULT));
}

static void add_environment_name(struct text *text, enum option_id id)
{
	text_add(text, ENVIRONMENT_PREFIX);
	for (const char *c = specs[id].name; *c != '\0'; c++)
		text_printf(text, "%c", *c == '-' ? '_' : *c - 'a' + 'A');
}

const char *option_origin(const struct options *options, enum option_id id, char *buf, size_t cap)
{
	struct text text;

	text_init(&text, buf, cap);
	if (options->source[id] == OPTION_FROM_ENVIRONMENT)
		add_environment_name(&text, id);
	else
		text_printf(&text, "--%s", specs[id].name);
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
	};
	for (int id = 0; id < OPTION_COUNT; id++) {
		clear_list(options, (enum option_id)id);
		if (specs[id].initial[0] != '\0')
			(void)specs[id].set(options, (enum option_id)id, specs[id].initial);
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

static int take_long(
	struct options *options, const char *word, const char *next, struct text *error)
{
	const char *name = word + 2, *equals = strchr(name, '=');
	size_t len = equals != NULL ? (size_t)(equals - name) : strlen(name);
	const char *value = equals != NULL ? equals + 1 : NULL;
	int id = 0;

	while (id < OPTION_COUNT &&
		(strncmp(specs[id].name, name, len) != 0 || specs[id].name[len] != '\0'))
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
		text_printf(error, "--%s", specs[id].name);
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
	const struct option_help entry = {specs[id].letter, specs[id].name,
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
