/* SPDX-License-Identifier: MIT */
#include "plan/cli/init_options.h"

#include "core/cli/option_help.h"
#include "core/text/duration.h"
#include "core/text/number.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

#define SERVER_MAX 40
#define HELP_WIDTH 80
#define NAME_BYTES "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"

enum init_option { SERVER, PLATFORM, PORT, STOP_TIMEOUT, HELP, INIT_OPTION_COUNT };

static const struct option_row {
	const char *name, *metavar, *form, *help, *initial;
} rows[] = {
	[SERVER] = {"server", "NAME",
		"a program's name of letters, digits, '.', '_' and '-', 40 at most",
		"the server that lastcall runs", NULL},
	[PLATFORM] = {"platform", "NAME", "ecs, kubernetes, compose, swarm or nomad",
		"ecs (CloudFormation), kubernetes, compose, swarm or nomad", NULL},
	[PORT] = {"port", "PORT", "a port from 1 to 65535", "where the server listens", "8080"},
	[STOP_TIMEOUT] = {"stop-timeout", "DURATION",
		"whole seconds, like 30s or 1m30s, at least 2s, on nomad at least 8s, on ecs at "
		"most 2m",
		"from the stop signal to SIGKILL", "60s on ecs and kubernetes, else 30s"},
	[HELP] = {"help", NULL, NULL, "print this page", NULL},
};

static bool is_name(const char *value)
{
	size_t len = strlen(value);

	return len > 0 && len <= SERVER_MAX && strspn(value, NAME_BYTES) == len &&
	       strchr("._-", value[0]) == NULL && strchr("._-", value[len - 1]) == NULL;
}

static int set_platform(struct fragment *fragment, const char *value)
{
	for (unsigned i = 0; i < FRAGMENT_PLATFORM_COUNT; i++) {
		if (strcmp(fragment_platform_name(i), value) == 0) {
			fragment->platform = i;
			return 0;
		}
	}
	return -EINVAL;
}

static int set_stop_timeout(struct fragment *fragment, const char *value)
{
	msec_t msec;

	if (duration_parse(value, &msec) < 0 || msec % 1000 != 0)
		return -EINVAL;
	fragment->stop_timeout = msec;
	return 0;
}

static int set_port(struct fragment *fragment, const char *value)
{
	const int64_t port = number_parse(value, 1, 65535);

	if (port < 0)
		return -EINVAL;
	fragment->port = (int)port;
	return 0;
}

static int set_server(struct fragment *fragment, const char *value)
{
	if (!is_name(value))
		return -EINVAL;
	fragment->server = value;
	fragment->known = server_signal_of_name(value);
	return 0;
}

static int set(struct init_options *options, int id, const char *value)
{
	switch ((enum init_option)id) {
	case SERVER:
		return set_server(&options->fragment, value);
	case PLATFORM:
		return set_platform(&options->fragment, value);
	case PORT:
		return set_port(&options->fragment, value);
	case STOP_TIMEOUT:
		return set_stop_timeout(&options->fragment, value);
	case HELP:
		options->help = true;
		return 0;
	case INIT_OPTION_COUNT:
		break;
	}
	return -EINVAL;
}

static int refuse(struct text *error, int id, const char *value)
{
	text_printf(
		error, "--%s='%s' is not accepted; give %s", rows[id].name, value, rows[id].form);
	return -EINVAL;
}

static int need(struct text *error, int id)
{
	text_printf(error, "--%s is needed: %s", rows[id].name, rows[id].form);
	return -EINVAL;
}

/* What has no default, and what the platform does not allow. */
static int complete(
	struct init_options *options, const bool given[INIT_OPTION_COUNT], struct text *error)
{
	struct fragment *fragment = &options->fragment;
	char timeout[DURATION_TEXT_BYTES];

	for (int id = SERVER; id <= PLATFORM; id++) {
		if (!given[id])
			return need(error, id);
	}
	if (!given[STOP_TIMEOUT])
		fragment->stop_timeout = fragment_stop_timeout_default(fragment->platform);
	if (fragment->stop_timeout < fragment_stop_timeout_min(fragment->platform) ||
		fragment->stop_timeout > fragment_stop_timeout_max(fragment->platform))
		return refuse(error, STOP_TIMEOUT, duration_text(timeout, fragment->stop_timeout));
	return 0;
}

int init_options_parse(
	int argc, char *argv[], struct init_options *ret_options, struct text *ret_error)
{
	struct option longs[INIT_OPTION_COUNT + 1] = {{0}};
	bool given[INIT_OPTION_COUNT] = {0};
	int letter, at = 0;

	*ret_options = (struct init_options){.fragment.port = 8080};
	for (int id = 0; id < INIT_OPTION_COUNT; id++)
		longs[id] = (struct option){rows[id].name,
			rows[id].metavar != NULL ? required_argument : no_argument, NULL, 0};
	opterr = 0;
	optind = 1;
	while ((letter = getopt_long(argc, argv, ":h", longs, &at)) != -1) {
		if (letter == 'h')
			at = HELP;
		if (letter != 0 && letter != 'h') {
			text_printf(ret_error,
				letter == ':'
					? "%s needs a value; see lastcall-plan init --help"
					: "unknown option '%s'; see lastcall-plan init --help",
				argv[optind - 1]);
			return -EINVAL;
		}
		if (set(ret_options, at, optarg) < 0)
			return refuse(ret_error, at, optarg);
		given[at] = true;
	}
	if (ret_options->help)
		return 0;
	if (optind < argc) {
		text_printf(ret_error, "'%s' is not an option; see lastcall-plan init --help",
			argv[optind]);
		return -EINVAL;
	}
	return complete(ret_options, given, ret_error);
}

/* On lines of 80 columns, each behind two blanks. */
static void write_servers(struct text *text)
{
	const struct server_signal *server;
	size_t column = 0;

	for (size_t i = 0; (server = server_signal_row(i)) != NULL; i++) {
		const size_t len = strlen(server->name);
		const bool is_next_line = column + len + 3 > HELP_WIDTH; /* ", " and a comma */

		text_printf(text, "%s%s",
			i == 0         ? "  "
			: is_next_line ? ",\n  "
				       : ", ",
			server->name);
		column = (i == 0 || is_next_line ? 0 : column) + 2 + len;
	}
}

void init_options_write_help(struct text *text)
{
	text_add(text,
		"Usage: lastcall-plan init --server=NAME --platform=NAME [OPTION]...\n"
		"\n"
		"Prints the settings of a platform that let a server drain, with lastcall in\n"
		"front of it: a document to paste from, in which lint finds nothing.\n"
		"\n");
	for (int id = 0; id < INIT_OPTION_COUNT; id++) {
		const struct option_help entry = {id == HELP ? 'h' : 0, rows[id].name,
			rows[id].metavar, rows[id].help, rows[id].initial};

		option_help_write(text, &entry);
	}
	text_add(text, "\nThese servers have a stop signal of their own, which lastcall knows:\n");
	write_servers(text);
	text_add(text, ".\nAny other name is taken for that of a program.\n");
}
