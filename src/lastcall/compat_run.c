/* SPDX-License-Identifier: MIT */
#include "lastcall/compat_run.h"

#include "sys/fd.h"

#include <string.h>
#include <unistd.h>

#define PAGE_BYTES 4096
#define LINE_BYTES 1024

static bool is_any_set(const struct options *options)
{
	for (int id = 0; id < OPTION_COUNT; id++) {
		if (options->source[id] == OPTION_FROM_ENVIRONMENT)
			return true;
	}
	return false;
}

/* An image whose ENTRYPOINT is lastcall, run with docker run --init: both of us have its variables. */
static bool is_ourselves(const char *command)
{
	const char *slash = strrchr(command, '/');

	return strcmp(slash != NULL ? slash + 1 : command, "lastcall") == 0;
}

int compat_run_begin(
	struct compat *compat, char **argv, char *const envp[], struct options *options)
{
	char page[PAGE_BYTES];
	struct text said;
	int status;

	compat->name = argv[0];
	compat->version = LASTCALL_VERSION;
	compat->pid = getpid();
	text_init(&said, page, sizeof page);
	status = compat->peer->parse(compat, argv, envp, options, &said);
	if (status != COMPAT_GO_ON)
		return fd_write_all(compat->says_to_stdout ? STDOUT_FILENO : STDERR_FILENO, page,
			       said.len) < 0
			       ? 1
			       : status;
	if (compat->pauses || !is_any_set(options) || is_ourselves(options->command[0]))
		options->drain = false;
	options->quiet |= !options->drain;
	if (options->given[OPTION_NOTIFY] == NULL && options->given[OPTION_WATCHDOG] == NULL)
		options->notify =
			NOTIFY_PASS; /* the application's environment is as they leave it */
	options->shell_for_scripts = true; /* as glibc's execvp(3), which they call */
	return COMPAT_GO_ON;
}

void compat_run_say(const struct compat *compat, struct log *log, const struct compat_event *event)
{
	char bytes[LINE_BYTES];
	struct text line;

	text_init(&line, bytes, sizeof bytes - 1);
	if (compat == NULL || log->sink.fd < 0 || !compat->peer->describe(compat, event, &line))
		return;
	bytes[line.len] = '\n';
	(void)report_sink_write_all(
		&log->sink, bytes, line.len + 1); /* a full pipe has no room for it */
}
