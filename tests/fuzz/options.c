/* SPDX-License-Identifier: MIT */
/* Options and variables: a line with "LASTCALL_" at its start is a variable, any other one a word of the command line.
 * What is refused is refused with one line; what is taken is within its bounds. */
#include "core/cli/option_parser.h"

#include "words.h"

#include <errno.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_one_line(const struct text *text)
{
	return text->len > 0 && memchr(text->buf, '\n', text->len) == NULL;
}

static void check_options(const struct options *options, char *const *end)
{
	require(options->command >= end - WORDS_MAX - 1 && options->command <= end);
	require(options->port_range_count <= OPTIONS_MAX_PORT_RANGES);
	require(options->report_count <= OPTIONS_MAX_REPORTS);
	require(options->app_check_count <= OPTIONS_MAX_APP_CHECKS);
	require(options->ignored_peer_count <= OPTIONS_MAX_IGNORED_PEERS);
	require(options->app_check_bytes_used <= sizeof options->app_check_bytes);
	require(options->label_bytes_used <= sizeof options->label_bytes);
	require(options->drain_status >= 100 && options->drain_status <= 599);
	require(options->settle >= 0 && options->check_interval >= 0 &&
		options->check_timeout >= 0);
	for (unsigned i = 0; i < options->port_range_count; i++)
		require(options->ports[i].first <= options->ports[i].last);
	for (int signal = 1; signal <= SIGNAL_MAX; signal++)
		require(options->rewrite[signal] <= SIGNAL_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct options options;
	static char name[] = "lastcall";
	char *argv[WORDS_MAX + 2] = {name}, *envp[WORDS_MAX + 1] = {NULL};
	char error_bytes[4096], warning_bytes[4096];
	size_t argc = 1, variables = 0;
	struct text error, warning;
	struct words words;
	int r;

	words_take(&words, data, size);
	for (size_t i = 0; i < words.count; i++) {
		if (strncmp(words.list[i], "LASTCALL_", strlen("LASTCALL_")) == 0)
			envp[variables++] = words.list[i];
		else
			argv[argc++] = words.list[i];
	}
	text_init(&error, error_bytes, sizeof error_bytes);
	text_init(&warning, warning_bytes, sizeof warning_bytes);
	r = options_parse(argv, envp, &options, &error, &warning);
	require(r == 0 || r == -EINVAL);
	if (r == 0)
		check_options(&options, argv + argc);
	else
		require(is_one_line(&error));
	free(words.bytes);
	return 0;
}
