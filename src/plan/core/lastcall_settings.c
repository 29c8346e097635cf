/* SPDX-License-Identifier: MIT */
#include "plan/core/lastcall_settings.h"

#include "core/cli/option_parser.h"
#include "plan/core/command_words.h"

#include <string.h>

/* What lastcall would see of each platform (core/recognise/platform.c). */
static const char *const marks[] = {
	[CONTAINER_ON_ECS] = "ECS_CONTAINER_METADATA_URI_V4=http://169.254.170.2/v4/x",
	[CONTAINER_ON_KUBERNETES] = "KUBERNETES_SERVICE_HOST=10.0.0.1",
	[CONTAINER_ON_DOCKER] = "container=docker",
	[CONTAINER_ON_NOMAD] = "NOMAD_ALLOC_ID=x",
};

/* The mark, and variables of platforms that say how long they wait. */
#define PLATFORM_VARIABLES 4

static bool is_lastcall(const char *word)
{
	const char *slash = strrchr(word, '/');

	return strcmp(slash != NULL ? slash + 1 : word, "lastcall") == 0;
}

char *const *lastcall_find(char *const *argv)
{
	const size_t at = command_words_program(argv);

	return argv[at] != NULL && is_lastcall(argv[at]) ? argv + at : NULL;
}

static bool has_variable(char *const *envp, const char *prefix)
{
	for (; *envp != NULL; envp++) {
		if (strncmp(*envp, prefix, strlen(prefix)) == 0)
			return true;
	}
	return false;
}

/* Everything else of a container's environment could only be mistaken for another platform's mark. */
static void take_platform_variables(
	const struct container_words *words, char *ret_environment[PLATFORM_VARIABLES])
{
	static const char carrier[] = "ECS_CONTAINER_STOP_TIMEOUT=";
	size_t count = 0;

	ret_environment[count++] = (char *)marks[words->platform];
	for (char *const *at = words->envp; *at != NULL && count + 1 < PLATFORM_VARIABLES; at++) {
		if (words->platform == CONTAINER_ON_ECS &&
			strncmp(*at, carrier, sizeof carrier - 1) == 0)
			ret_environment[count++] = *at;
	}
	ret_environment[count] = NULL;
}

/* argv: from lastcall on; NULL: the document's command has no lastcall. */
static void read_options(const struct container_words *words, char *const *argv,
	struct lastcall_settings *settings, struct text *error)
{
	char program[] = "lastcall";
	char *const no_words[] = {program, NULL};
	char warning_buf[256];
	struct text warning;

	text_init(&warning, warning_buf, sizeof warning_buf);
	if (!argv)
		argv = no_words;
	(void)options_parse(argv, words->envp, &settings->options, error, &warning);
}

static void compute_budget(
	const struct container_words *words, struct lastcall_settings *settings, struct text *error)
{
	char *environment[PLATFORM_VARIABLES];
	const struct platform_facts facts = {.environment = environment,
		.has_dockerenv = words->platform == CONTAINER_ON_DOCKER,
		.pid = 1};
	char warning_buf[256];
	struct text warning;

	text_init(&warning, warning_buf, sizeof warning_buf);
	take_platform_variables(words, environment);
	(void)stop_budget_compute(&settings->options, &facts, &settings->budget, error, &warning);
}

void lastcall_settings_read(
	const struct container_words *words, struct lastcall_settings *ret_settings)
{
	char *const *argv = lastcall_find(words->argv);
	struct text error;

	*ret_settings = (struct lastcall_settings){0};
	text_init(&error, ret_settings->problem, sizeof ret_settings->problem);
	ret_settings->is_first_word = argv == words->argv;
	ret_settings->is_used =
		argv != NULL || words->image_has_lastcall || has_variable(words->envp, "LASTCALL_");
	if (!ret_settings->is_used)
		return;
	read_options(words, argv, ret_settings, &error);
	ret_settings->is_timeout_given = ret_settings->options.given[OPTION_STOP_TIMEOUT] != NULL;
	ret_settings->is_timeout_known =
		ret_settings->is_timeout_given || !words->has_more_variables;
	if (error.len == 0 && ret_settings->is_timeout_known && ret_settings->options.drain)
		compute_budget(words, ret_settings, &error);
	else if (!ret_settings->options.drain)
		ret_settings->is_timeout_known = false; /* nothing is timed */
}
