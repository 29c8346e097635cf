/* SPDX-License-Identifier: MIT */
#include "core/options.h"

#include "core/option_help.h"
#include "core/option_values.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>

#define ENVIRONMENT_PREFIX "LASTCALL_"

static const char form_duration[] = "a number with its unit, like 500ms, 10s or 1m30s";
static const char form_duration_or_off[] =
	"a number with its unit, like 500ms, 10s or 1m30s, or off";
static const char form_positive_duration[] =
	"a number above 0 with its unit, like 500ms, 10s or 1m30s";
static const char form_positive_duration_or_off[] =
	"a number above 0 with its unit, like 500ms, 10s or 1m30s, or off";
static const char form_signal[] = "a signal's name or number, like SIGQUIT, QUIT or 3";
static const char form_flag[] = "1 or 0, true or false, yes or no, on or off";

/* Alphabetical, as --help and the man page list them. A metavar in brackets may be left out. initial is parsed like a value that somebody
 * gave; initial_text says a default that is computed. */
static const struct option_spec {
	const char *name, *metavar;
	option_set_fn *set;
	const char *initial, *initial_text, *form, *help;
	char letter;
	uint16_t field; /* of struct options */
} specs[OPTION_COUNT] = {
	[OPTION_APP_CHECK] = {"app-check", "CHECK", option_set_app_check, "listen", NULL,
		"listen, tcp:PORT, http://ADDR:PORT/PATH with a loopback address, or none",
		"how the application's health is found out: listen (its accept queue is looked "
		"at), "
		"tcp:PORT, http://127.0.0.1:PORT/PATH, or none",
		.field = offsetof(struct options, app_check)},
	[OPTION_CHECK] = {"check", NULL, option_set_flag, NULL, NULL, form_flag,
		"print the effective settings and the stop's timeline, then exit",
		.field = offsetof(struct options, check)},
	[OPTION_CHECK_FAILURES] = {"check-failures", "COUNT", option_set_check_failures, "2", NULL,
		"a number from 1 to 100", "so many failed checks in a row mean that it is stuck",
		.field = offsetof(struct options, check_failures)},
	[OPTION_CHECK_INTERVAL] = {"check-interval", "DURATION", option_set_positive_duration, "5s",
		NULL, form_positive_duration, "time from one check to the next",
		.field = offsetof(struct options, check_interval)},
	[OPTION_CHECK_TIMEOUT] = {"check-timeout", "DURATION", option_set_positive_duration, "4s",
		NULL, form_positive_duration,
		"longest time for the application to answer a check, or to accept a connection",
		.field = offsetof(struct options, check_timeout)},
	[OPTION_DRAIN] = {"drain", NULL, option_set_flag, "on", NULL, form_flag,
		"with --drain=off be an init and no more: forward stop signals at once, end "
		"with COMMAND",
		.field = offsetof(struct options, drain)},
	[OPTION_DRAIN_BUDGET] = {"drain-budget", "DURATION", option_set_duration, NULL,
		"all that the other phases leave", form_duration,
		"longest time for work in flight to finish",
		.field = offsetof(struct options, drain_budget)},
	[OPTION_DRAIN_STATUS] = {"drain-status", "CODE", option_set_drain_status, "503", NULL,
		"an HTTP status from 200 to 599",
		"what the health endpoint answers from the stop signal on",
		.field = offsetof(struct options, drain_status)},
	[OPTION_EXIT_MAP] = {"exit-map", "CODE:CODE[,...]", option_set_exit_map, NULL, "none",
		"two codes from 0 to 255, like 143:0, or several such pairs with commas",
		"exit with the second where COMMAND's status is the first, 143:0 (repeatable)",
		.field = offsetof(struct options, exit_map)},
	[OPTION_EXIT_WHEN_IDLE] = {"exit-when-idle", "DURATION", option_set_duration_or_off, "off",
		NULL, form_duration_or_off,
		"kill an application that was told to stop and has had nothing in flight for this "
		"long",
		.field = offsetof(struct options, exit_when_idle)},
	[OPTION_GROUP] = {"group", NULL, option_set_flag, NULL, NULL, form_flag,
		"signals go to COMMAND's process group, not to it alone",
		.field = offsetof(struct options, group)},
	[OPTION_HEALTH_PATH] = {"health-path", "PATH", option_set_health_path, "/healthcheck", NULL,
		"an absolute path without query, like /healthcheck", "path of the health endpoint",
		.field = offsetof(struct options, health_path)},
	[OPTION_HEALTHCHECK] = {"healthcheck", "[=URL]", option_set_healthcheck, NULL, NULL,
		"nothing, or a URL with a numeric address, like http://127.0.0.1:5278/healthcheck",
		"ask the health endpoint that runs here, or URL, and exit with 0 or 1",
		.field = offsetof(struct options, healthcheck)},
	[OPTION_HELP] = {"help", NULL, option_set_flag, NULL, NULL, form_flag, "print this page",
		.letter = 'h', .field = offsetof(struct options, help)},
	[OPTION_HURRY] = {"hurry", NULL, option_set_flag, NULL, NULL, form_flag,
		"a second stop signal ends the drain, a third kills",
		.field = offsetof(struct options, hurry)},
	[OPTION_IDLE_AFTER] = {"idle-after", "DURATION", option_set_duration_or_off, "off", NULL,
		form_duration_or_off,
		"a connection on which no byte moved for this long is idle, whatever it looks "
		"like; for "
		"HTTP/2 and WebSocket",
		.field = offsetof(struct options, idle_after)},
	[OPTION_IGNORE_PEER] = {"ignore-peer", "CIDR[,CIDR...]", option_set_ignored_peer, NULL,
		"none",
		"addresses or ranges with commas, like 10.0.0.7,10.1.0.0/16,fd00::/8, 16 at most",
		"peers whose connections are no work, like a scraper's (repeatable)",
		.field = offsetof(struct options, ignored_peers)},
	[OPTION_LABEL] = {"label", "KEY=VALUE[,...]", option_set_label, NULL, "none",
		"KEY=VALUE, or several with commas, KEY of letters, digits, '.', '_' and '-'",
		"a label in the report (repeatable)", .field = offsetof(struct options, labels)},
	[OPTION_LISTEN] = {"listen", "ADDR:PORT", option_set_listen, "[::]:5278", NULL,
		"ADDR:PORT with a numeric address, like 127.0.0.1:5278 or [::]:5278, or off",
		"where the health endpoint listens, or off",
		.field = offsetof(struct options, listen)},
	[OPTION_LOG_FORMAT] = {"log-format", "FORMAT", option_set_log_format, "text", NULL,
		"text or json", "text or json", .field = offsetof(struct options, log_format)},
	[OPTION_MARGIN] = {"margin", "DURATION", option_set_duration, NULL,
		"1s, or a tenth of a stop timeout under 10s", form_duration,
		"how long before the stop timeout we are gone",
		.field = offsetof(struct options, margin)},
	[OPTION_MIN_DRAIN] = {"min-drain", "DURATION", option_set_duration, "0s", NULL,
		form_duration, "serve at least this long after the stop signal",
		.field = offsetof(struct options, min_drain)},
	[OPTION_ORDER] = {"order", "ORDER", option_set_order, "drain-first", NULL,
		"drain-first or signal-first",
		"drain-first: the application is told when nothing is in flight; signal-first: at "
		"once, it drains by itself",
		.field = offsetof(struct options, order)},
	[OPTION_PARENT_DEATH_SIGNAL] = {"parent-death-signal", "SIGNAL", option_set_signal, NULL,
		"none", form_signal, "what we are sent when our parent ends",
		.field = offsetof(struct options, parent_death_signal)},
	[OPTION_PORT] = {"port", "PORT[,PORT...]", option_set_port, NULL,
		"where the application listens",
		"a port from 1 to 65535, or several with commas, 64 at most",
		"ports whose connections are work (repeatable)", .letter = 'p',
		.field = offsetof(struct options, ports)},
	[OPTION_QUIET] = {"quiet", NULL, option_set_flag, NULL, NULL, form_flag,
		"log only warnings and errors; the report is written all the same", .letter = 'q',
		.field = offsetof(struct options, quiet)},
	[OPTION_QUIET_PERIOD] = {"quiet-period", "DURATION", option_set_duration, "0s", NULL,
		form_duration,
		"serve until no connection or request has come for this long: until the load "
		"balancer "
		"has noticed",
		.field = offsetof(struct options, quiet_period)},
	[OPTION_REPORT] = {"report", "WHERE", option_set_report, "stderr", NULL,
		"stderr, stdout, fd:N, a path, or off",
		"where the report goes: stderr, stdout, fd:N, a path, or off",
		.field = offsetof(struct options, report)},
	[OPTION_REWRITE] = {"rewrite", "FROM:TO[,...]", option_set_rewrite, NULL, "none",
		"two signals by name or number, the second may be 0, like TERM:QUIT or HUP:0, or "
		"several such pairs with commas",
		"what COMMAND gets for a signal, TERM:QUIT; 0 drops it (repeatable)",
		.field = offsetof(struct options, rewrite)},
	[OPTION_SETSID] = {"setsid", NULL, option_set_flag, NULL, NULL, form_flag,
		"COMMAND leads a session of its own", .field = offsetof(struct options, setsid)},
	[OPTION_SETTLE] = {"settle", "DURATION", option_set_duration, "200ms", NULL, form_duration,
		"a connection on which data moved this recently is still busy",
		.field = offsetof(struct options, settle)},
	[OPTION_START_TIMEOUT] = {"start-timeout", "DURATION", option_set_start_timeout, "off",
		NULL, form_positive_duration_or_off,
		"stop an application that is not ready in this time, and exit with 124",
		.field = offsetof(struct options, start_timeout)},
	[OPTION_STOP_SIGNAL] = {"stop-signal", "SIGNAL", option_set_signal, NULL,
		"the one received", form_signal, "what the application is sent to stop it",
		.field = offsetof(struct options, stop_signal)},
	[OPTION_STOP_TIMEOUT] = {"stop-timeout", "DURATION", option_set_duration, NULL,
		"ECS_CONTAINER_STOP_TIMEOUT, else 30s on ECS and Kubernetes, else 10s",
		form_duration, "when the orchestrator's SIGKILL comes", .letter = 't',
		.field = offsetof(struct options, stop_timeout)},
	[OPTION_SUBREAPER] = {"subreaper", NULL, option_set_flag, "on", NULL, form_flag,
		"adopt and reap orphans where we are not PID 1, too",
		.field = offsetof(struct options, subreaper)},
	[OPTION_TERM_GRACE] = {"term-grace", "DURATION", option_set_duration, NULL,
		"a quarter of the time there is, 5s at most", form_duration,
		"from the application's stop signal to its SIGKILL",
		.field = offsetof(struct options, term_grace)},
	[OPTION_VERBOSE] = {"verbose", NULL, option_set_flag, NULL, NULL, form_flag,
		"log every event, forwarded signals too", .letter = 'v',
		.field = offsetof(struct options, verbose)},
	[OPTION_VERSION] = {"version", NULL, option_set_flag, NULL, NULL, form_flag,
		"print the version", .letter = 'V', .field = offsetof(struct options, version)},
	[OPTION_WAIT] = {"wait", "WHOM", option_set_wait, "all", NULL, "all or main",
		"after the main process: wait for all others, or leave at once",
		.field = offsetof(struct options, wait)},
	[OPTION_WARN_ON_REAP] = {"warn-on-reap", NULL, option_set_flag, NULL, NULL, form_flag,
		"log a warning for each orphan that is reaped",
		.field = offsetof(struct options, warn_on_reap)},
};

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
	return specs[id].set == option_set_flag
		       ? (const void *)((const char *)options + specs[id].field)
		       : NULL;
}

const char *option_default_text(enum option_id id)
{
	return specs[id].initial != NULL ? specs[id].initial : specs[id].initial_text;
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
			option_origin(options, id, origin, sizeof origin), value, specs[id].form);
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
		if (specs[id].initial != NULL)
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
		if (specs[id].metavar == NULL) {
			(void)apply(
				options, (enum option_id)id, "1", OPTION_FROM_COMMAND_LINE, error);
			continue;
		}
		if (c[1] == '\0' && next == NULL) {
			text_printf(error, "-%c needs a value: %s", *c, specs[id].form);
			return -EINVAL;
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
	if (value == NULL && (specs[id].metavar == NULL || specs[id].metavar[0] == '[')) {
		return apply(options, (enum option_id)id, specs[id].metavar == NULL ? "1" : "",
			       OPTION_FROM_COMMAND_LINE, error) < 0
			       ? -EINVAL
			       : 1;
	}
	if (value == NULL && next == NULL) {
		text_printf(error, "--%s needs a value: %s", specs[id].name, specs[id].form);
		return -EINVAL;
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
	const struct option_spec *spec = &specs[id];
	const struct option_help entry = {
		spec->letter, spec->name, spec->metavar, spec->help, option_default_text(id)};

	option_help_write(text, &entry);
}

void options_write_help(struct text *text)
{
	text_add(text,
		"Usage: lastcall [OPTION]... [--] COMMAND [ARG]...\n"
		"\n"
		"Runs COMMAND as a container's PID 1. Answers /healthcheck, lets the requests in\n"
		"flight finish when the container is stopped, stops COMMAND, and is gone, with a\n"
		"report, before the orchestrator's SIGKILL.\n"
		"\n");
	for (int id = 0; id < OPTION_COUNT; id++)
		write_entry(text, (enum option_id)id);
	text_add(text,
		"\n"
		"Every setting is also read from the environment: --stop-timeout=25s is\n"
		"LASTCALL_STOP_TIMEOUT=25s. The command line wins. A DURATION has a unit: 500ms,\n"
		"10s, 1m30s. Options end at COMMAND.\n"
		"\n"
		"Exit status: COMMAND's own, or 128 + its signal; 2: bad usage, nothing was\n"
		"started; 124: COMMAND was not ready within --start-timeout; 126: COMMAND\n"
		"cannot be executed; 127: COMMAND was not found.\n"
		"See man lastcall.\n");
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
