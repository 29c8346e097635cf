/* SPDX-License-Identifier: MIT */
/* lastcall-plan: one subcommand a question, and the status that says what came of it. */
#include "plan/cli/commands.h"

#include <stdio.h>
#include <string.h>

static const struct command {
	const char *name;
	plan_command_fn *run;
	const char *summary;
} commands[] = {
	{"init", init_command, "the settings of a platform that let a server drain"},
	{"time", time_command, "how long a deployment takes, and what shortens it"},
	{"lint", lint_command, "what is wrong with files that describe a deployment"},
	{"explain", explain_command, "what a rule of lint means, and how to mend it"},
};

#define COMMAND_COUNT (sizeof commands / sizeof *commands)

static int print_help(void)
{
	printf("Usage: lastcall-plan COMMAND [OPTION]... [FILE]...\n\n"
	       "Computes a deployment, and checks the files that describe it.\n\n");
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		printf("  %-9s %s\n", commands[i].name, commands[i].summary);
	printf("\n  -h, --help     print this page; after COMMAND that of the command\n"
	       "      --version  print the version\n");
	return PLAN_EXIT_OK;
}

static int run(int argc, char *argv[])
{
	if (argc < 2) {
		(void)fprintf(
			stderr, "lastcall-plan: error: no command; see lastcall-plan --help\n");
		return PLAN_EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		return print_help();
	if (strcmp(argv[1], "--version") == 0) {
		printf("lastcall-plan %s\n", LASTCALL_VERSION);
		return PLAN_EXIT_OK;
	}
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	}
	(void)fprintf(stderr,
		"lastcall-plan: error: '%s' is no command; see lastcall-plan --help\n", argv[1]);
	return PLAN_EXIT_USAGE;
}

int main(int argc, char *argv[])
{
	const int status = run(argc, argv);

	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	(void)fprintf(stderr, "lastcall-plan: error: cannot write standard output\n");
	return PLAN_EXIT_USAGE;
}
