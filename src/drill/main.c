/* SPDX-License-Identifier: MIT */
/* lastcall-drill: options, the drill, its outputs, and the status that says what came of it. */
#include "drill/server/command.h"
#include "drill/compare.h"
#include "drill/cli/drill_option_parser.h"
#include "drill/outputs.h"
#include "drill/report.h"
#include "drill/runs.h"
#include "sys/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	EXIT_PASS,
	EXIT_FAIL,
	EXIT_USAGE, /* an output that cannot be written, too */
	EXIT_UNREACHED, /* the target could not be started, or reached */
	EXIT_INCONCLUSIVE,
	EXIT_INTERRUPTED = 128, /* plus the signal */
};

static int complain(int status, const char *line)
{
	(void)fprintf(stderr, "lastcall-drill: error: %s\n", line);
	return status;
}

static int print(const char *page)
{
	if (fputs(page, stdout) < 0 || fflush(stdout) != 0)
		return complain(EXIT_USAGE, "cannot write standard output");
	return EXIT_PASS;
}

static int print_help(void)
{
	static char page[DRILL_HELP_BYTES];
	struct text text;

	text_init(&text, page, sizeof(page));
	drill_options_write_help(&text);
	return print(page);
}

static int status_of(const struct drill_result *result, const struct event_wait *wait, int r)
{
	if (r == -EINTR)
		return EXIT_INTERRUPTED + wait->interrupted_by;
	if (result->verdict == VERDICT_FAIL)
		return EXIT_FAIL;
	if (r < 0)
		return r == -EREMOTE ? EXIT_USAGE : EXIT_UNREACHED;
	return result->verdict == VERDICT_PASS ? EXIT_PASS : EXIT_INCONCLUSIVE;
}

/* What a target leaves becomes ours, to be ended; a closed pipe is an error of write(2), no signal. */
static void setup_reaping(void)
{
	command_keep_limits();
	(void)child_become_subreaper(); /* without it, a daemon of the target's may stay */
	(void)signal(SIGPIPE, SIG_IGN);
}

/* Else the first file that is opened would be standard output, and have what is printed in it. Writing to
 * such a one is an error, as it was. */
static void fill_standard_descriptors(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDONLY);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		(void)close(fd);
}

/* libev's own end is abort, after a message of its own. */
static void on_loop_error(const char *what)
{
	(void)fprintf(stderr, "lastcall-drill: error: %s: %s\n", what, strerror(errno));
	_exit(EXIT_UNREACHED);
}

static int drill(const struct drill_options *options)
{
	struct drill_result result;
	struct outputs outputs;
	struct event_wait wait;
	struct ev_loop *loop;
	char bytes[1024];
	struct text error;
	int r, status;

	text_init(&error, bytes, sizeof(bytes));
	if (outputs_open(options, &outputs, &error) < 0)
		return complain(EXIT_USAGE, bytes);
	ev_set_syserr_cb(on_loop_error);
	loop = ev_loop_new(EVFLAG_AUTO);
	if (loop == NULL)
		return complain(EXIT_UNREACHED, "cannot make an event loop");
	event_wait_init(&wait, loop);
	r = runs_execute(options, &wait, &result, &error);
	status = status_of(&result, &wait, r);
	if (r < 0 && r != -EINTR)
		(void)complain(status, bytes);
	outputs.has_table &= r == 0 || result.run_count > 0;
	text_init(&error, bytes, sizeof(bytes));
	if (outputs_write(&outputs, options, &result, &error) < 0)
		status = complain(status == EXIT_PASS ? EXIT_USAGE : status, bytes);
	runs_done(&result);
	event_wait_done(&wait);
	ev_loop_destroy(loop);
	return status;
}

int main(int argc, char *argv[])
{
	static struct drill_options options;
	char bytes[1024];
	struct text error;

	fill_standard_descriptors();
	if (argc > 1 && strcmp(argv[1], "compare") == 0)
		return compare_main(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "report") == 0)
		return report_main(argc - 1, argv + 1);
	text_init(&error, bytes, sizeof(bytes));
	if (drill_options_parse(argc, argv, &options, &error) < 0)
		return complain(EXIT_USAGE, bytes);
	if (options.help)
		return print_help();
	if (options.version)
		return print("lastcall-drill " LASTCALL_VERSION "\n");
	setup_reaping();
	return drill(&options);
}
