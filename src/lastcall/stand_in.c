/* SPDX-License-Identifier: MIT */
#include "lastcall/stand_in.h"

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

int stand_in_begin(struct dropin *dropin, char **argv, char *const envp[], struct options *options)
{
	char page[PAGE_BYTES];
	struct text said;
	int status;

	dropin->name = argv[0];
	dropin->version = LASTCALL_VERSION;
	dropin->pid = getpid();
	text_init(&said, page, sizeof page);
	status = dropin->peer->parse(dropin, argv, envp, options, &said);
	if (status != DROPIN_GO_ON)
		return fd_write_all(dropin->says_to_stdout ? STDOUT_FILENO : STDERR_FILENO, page,
			       said.len) < 0
			       ? 1
			       : status;
	if (dropin->pauses || !is_any_set(options) || is_ourselves(options->command[0]))
		options->drain = false;
	options->quiet |= !options->drain;
	options->shell_for_scripts = true; /* as glibc's execvp(3), which they call */
	return DROPIN_GO_ON;
}

void stand_in_say(const struct dropin *dropin, struct log *log, const struct dropin_event *event)
{
	char bytes[LINE_BYTES];
	struct text line;

	text_init(&line, bytes, sizeof bytes - 1);
	if (dropin == NULL || log->sink.fd < 0 || !dropin->peer->describe(dropin, event, &line))
		return;
	bytes[line.len] = '\n';
	(void)report_sink_write(
		&log->sink, bytes, line.len + 1); /* a full pipe has no room for it */
}
