/* SPDX-License-Identifier: MIT */
#include "core/cli/option_parser.h"

#include "core/cli/option_table.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#define ENVIRONMENT_PREFIX "LASTCALL_"
#define LABEL_PREFIX "LASTCALL_LABEL_"

static bool is_flag(enum option_id id)
{
	return option_rows[id].set == option_set_flag;
}

/* Then it is given behind a `=` alone. */
static bool has_optional_value(enum option_id id)
{
	return option_rows[id].metavar != NULL && option_rows[id].metavar[0] == '[';
}

const char *option_name(enum option_id id)
{
	return option_rows[id].name;
}

static void *field_of(struct options *options, enum option_id id)
{
	return (char *)options + option_rows[id].field;
}

const bool *option_flag(const struct options *options, enum option_id id)
{
	return is_flag(id) ? (const void *)((const char *)options + option_rows[id].field) : NULL;
}

const char *option_default_text(enum option_id id)
{
	const struct option_row *row = &option_rows[id];

	if (row->initial_text != NULL)
		return row->initial_text;
	return row->initial != NULL ? row->initial : "";
}

static const char *accepted_form(enum option_id id)
{
	const char *form = option_rows[id].form;

	return form != NULL ? form : "1 or 0, true or false, yes or no, on or off";
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
	switch ((int)id) {
	case OPTION_PORT:
		options->port_range_count = 0;
		break;
	case OPTION_LABEL:
		options->labels.count = 0;
		options->label_bytes_used = 0;
		break;
	case OPTION_IGNORE_PEER:
		options->ignored_peer_count = 0;
		break;
	case OPTION_REPORT:
		options->report_count = 0;
		break;
	case OPTION_APP_CHECK:
		options->app_check_count = 0;
		options->app_check_bytes_used = 0;
		break;
	case OPTION_STOP_ON:
		options->stop_on = 0;
		break;
	case OPTION_REWRITE:
		map_to_itself(options->rewrite, SIGNAL_MAX + 1);
		break;
	case OPTION_EXIT_MAP:
		map_to_itself(options->exit_map, EXIT_CODES);
		break;
	default:
		break;
	}
}

/* Gives a value to an option, or says in *error what is wrong with it. */
static int apply(struct options *options, enum option_id id, const char *value,
	enum option_source source, struct text *error)
{
	char origin[64];

	if (options->source[id] != source)
		clear_list(options, id); /* a stronger source replaces the list of a weaker one */
	options->source[id] = source;
	options->given[id] = value;
	if (option_rows[id].set(options, field_of(options, id), value) < 0) {
		text_printf(error, "%s='%s' is not accepted; give %s",
			option_origin(options, id, origin, sizeof origin), value,
			accepted_form(id));
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
		const char *initial = option_rows[id].initial;

		clear_list(options, (enum option_id)id);
		if (initial != NULL)
			(void)option_rows[id].set(
				options, field_of(options, (enum option_id)id), initial);
	}
}

/* Questions are asked on the command line only: LASTCALL_VERSION is what an image may say of itself. */
static bool has_variable(enum option_id id)
{
	return option_rows[id].group != GROUP_QUESTIONS;
}

/* The value of NAME=…, or NULL where that is not this option's variable. */
static const char *value_of_variable(const char *variable, enum option_id id)
{
	char buf[64];
	struct text name;

	text_init(&name, buf, sizeof buf);
	add_environment_name(&name, id);
	if (strncmp(variable, buf, name.len) != 0 || variable[name.len] != '=')
		return NULL;
	return variable + name.len + 1;
}

/* Behind the X of X_PORT=tcp://... or of X_PORT_80_TCP, X_PORT_80_TCP_ADDR and the like. */
static bool is_address_or_number(const char *rest)
{
	const char *end = rest + 1;

	if (*rest == '=')
		return (end = strchr(end, ':')) != NULL && end[1] == '/';
	while (*end >= '0' && *end <= '9')
		end++;
	return *rest == '_' && *end == '_';
}

/* Kubernetes gives these to every pod beside a service named lastcall or lastcall-x, Docker to a container with such a
 * link: X_SERVICE_HOST, X_SERVICE_PORT, X_SERVICE_PORT_name, and the above. */
static bool is_service_link(const char *variable)
{
	for (; *variable != '=' && *variable != '\0'; variable++) {
		if (strncmp(variable, "_SERVICE_HOST=", 14) == 0 ||
			strncmp(variable, "_SERVICE_PORT", 13) == 0 ||
			(strncmp(variable, "_PORT", 5) == 0 && is_address_or_number(variable + 5)))
			return true;
	}
	return false;
}

/* Most likely a mistake in writing: the option would keep its default in silence. Labels are read later. */
static void warn_of_unknown(const char *variable, struct text *warning)
{
	const char *end = variable;

	if (strncmp(variable, LABEL_PREFIX, strlen(LABEL_PREFIX)) == 0)
		return;
	while (*end != '=' && *end != '\0')
		end++;
	text_printf(warning, "%s%.*s is unknown, ignoring", warning->len > 0 ? "; " : "",
		(int)(end - variable), variable);
}

static int apply_variable(
	struct options *options, const char *variable, struct text *error, struct text *warning)
{
	if (is_service_link(variable))
		return 0;
	for (int id = 0; id < OPTION_COUNT; id++) {
		const char *value = value_of_variable(variable, (enum option_id)id);

		if (value == NULL)
			continue;
		if (!has_variable((enum option_id)id))
			return 0;
		return apply(options, (enum option_id)id, value, OPTION_FROM_ENVIRONMENT, error);
	}
	warn_of_unknown(variable, warning);
	return 0;
}

/* Behind the prefix, in small letters. Returns its length, or 0 if it does not fit. */
static size_t label_key(const char *name, size_t len, char *buf, size_t cap)
{
	if (len >= cap)
		return 0;
	for (size_t i = 0; i < len; i++)
		buf[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] - 'A' + 'a' : name[i]);
	buf[len] = '\0';
	return len;
}

/* LASTCALL_LABEL_POD=web-7d9 is the label pod: Kubernetes can set a variable from a field of the pod. An option
 * wins. */
static int take_label_variable(struct options *options, const char *variable, struct text *error)
{
	const char *name = variable + strlen(LABEL_PREFIX), *equals = strchr(name, '=');
	char key[64];
	size_t len;

	if (equals == NULL)
		return 0;
	len = label_key(name, (size_t)(equals - name), key, sizeof key);
	if (len > 0 && (label_list_value(&options->labels, key) != NULL ||
			       option_add_label(options, key, len, equals + 1) == 0))
		return 0;
	text_printf(error,
		"%.*s='%.100s' is not accepted; give a name of letters, digits and '_' after "
		"LASTCALL_LABEL_, and 16 labels and about 1000 bytes in all",
		(int)(equals - variable), variable, equals + 1);
	return -EINVAL;
}

static int take_label_variables(struct options *options, char *const envp[], struct text *error)
{
	for (; *envp != NULL; envp++) {
		if (strncmp(*envp, LABEL_PREFIX, strlen(LABEL_PREFIX)) == 0 &&
			take_label_variable(options, *envp, error) < 0)
			return -EINVAL;
	}
	return 0;
}

static int refuse_without_value(struct text *error, enum option_id id)
{
	text_printf(error, " needs a value: %s", accepted_form(id));
	return -EINVAL;
}

/* An operand is what follows; one letter may be one of several, -vp80. Returns how many words were
 * taken, 0 at an operand, or -EINVAL. */
static int take_letters(
	struct options *options, const char *word, const char *next, struct text *error)
{
	for (const char *c = word + 1; *c != '\0'; c++) {
		int id = 0;

		while (id < OPTION_COUNT && option_rows[id].letter != *c)
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
	if (value == NULL &&
		(is_flag((enum option_id)id) || has_optional_value((enum option_id)id))) {
		return apply(options, (enum option_id)id, is_flag((enum option_id)id) ? "1" : "",
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

/* Returns 0, or -EINVAL where two settings contradict each other. */
static int check_watchdog(const struct options *options, struct text *error)
{
	char watchdog[64], notify[64];

	if (options->watchdog == MSEC_NEVER || options->notify == NOTIFY_AUTO ||
		options->notify == NOTIFY_READY)
		return 0;
	text_printf(error, "%s='%s' needs %s to be auto or ready",
		option_origin(options, OPTION_WATCHDOG, watchdog, sizeof watchdog),
		options->given[OPTION_WATCHDOG],
		option_origin(options, OPTION_NOTIFY, notify, sizeof notify));
	return -EINVAL;
}

int options_parse(char *const argv[], char *const envp[], struct options *ret_options,
	struct text *ret_error, struct text *ret_warning)
{
	char *const *at = argv[0] != NULL ? argv + 1 : argv;
	int r;

	apply_defaults(ret_options);
	for (char *const *variable = envp; *variable != NULL; variable++) {
		if (strncmp(*variable, ENVIRONMENT_PREFIX, strlen(ENVIRONMENT_PREFIX)) == 0 &&
			apply_variable(ret_options, *variable, ret_error, ret_warning) < 0)
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
	r = take_label_variables(ret_options, envp, ret_error);
	return r < 0 ? r : check_watchdog(ret_options, ret_error);
}
