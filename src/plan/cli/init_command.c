/* SPDX-License-Identifier: MIT */
#include "plan/cli/commands.h"
#include "plan/cli/init_options.h"

#include <stdio.h>

static int complain(const char *line)
{
	(void)fprintf(stderr, "lastcall-plan: error: init: %s\n", line);
	return PLAN_EXIT_USAGE;
}

static int print_help(void)
{
	static char page[INIT_HELP_BYTES];
	struct text text;

	text_init(&text, page, sizeof page);
	init_options_write_help(&text);
	(void)fputs(page, stdout);
	return PLAN_EXIT_OK;
}

int init_command(int argc, char *argv[])
{
	static char document[FRAGMENT_BYTES];
	struct init_options options;
	char line[512];
	struct text text;

	text_init(&text, line, sizeof line);
	if (init_options_parse(argc, argv, &options, &text) < 0)
		return complain(line);
	if (options.help)
		return print_help();
	text_init(&text, document, sizeof document);
	fragment_write(&text, &options.fragment);
	(void)fputs(document, stdout);
	return PLAN_EXIT_OK;
}
