/* SPDX-License-Identifier: MIT */
#include "drill/report.h"

#include "host/input_file.h"
#include "drill/output/report_print.h"
#include "drill/cli/subcommand_options.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_NOTHING_LOST, EXIT_LOST, EXIT_USAGE, EXIT_NOTHING_KNOWN = 4 };

static const char help[] =
	"Usage: lastcall-drill report [--json] FILE...\n"
	"\n"
	"Finds the reports that lastcall has left in logs (docker logs, compose, Docker's\n"
	"json-file, CloudWatch: get-log-events, Logs Insights; - is standard input),\n"
	"skips all else, and shows how long the stops took, what was lost, and which\n"
	"deregistration_delay and stopTimeout follow.\n"
	"\n"
	"      --json     print JSON\n"
	"  -h, --help     print this page\n"
	"\n"
	"Exit status: 0 nothing was lost in any report that could see connections (the\n"
	"first line counts the others), 1 work was, 2 bad usage or an unreadable file,\n"
	"4 it is not known: there is no report, none could see connections, or one ended\n"
	"requests that may be unanswered.\n";

static int complain(const char *what, const char *why)
{
	(void)fprintf(stderr, "lastcall-drill: error: report: %s%s%s\n", what, why ? ": " : "",
		why ? why : "");
	return EXIT_USAGE;
}

/* Whole, for a report may be anywhere in an export that is one JSON document. */
static int search_file(struct report_search *search, const char *path)
{
	char *bytes;
	size_t len;
	int r = input_file_read(path, SIZE_MAX, &bytes, &len);

	if (r < 0)
		return r;
	r = report_search_text(search, bytes, len);
	free(bytes);
	return r;
}

static int print_found(const struct report_search *search, bool as_json)
{
	const struct terminal terminal = terminal_of(stdout);
	double *scratch = calloc(search->count + 1, sizeof(*scratch));
	struct sizing sizing;
	int r = 0;

	if (!scratch)
		return complain("no memory", NULL);
	sizing_make(&sizing, search->stops, search->count, scratch);
	free(scratch);
	if (as_json)
		r = report_print_json(search, &sizing, stdout);
	else
		report_print(search, &sizing, &terminal, stdout);
	if (r < 0 || fflush(stdout) != 0 || ferror(stdout) != 0)
		return complain("cannot write standard output", NULL);
	if (sizing.lost_work > 0)
		return EXIT_LOST;
	return sizing.unproven > 0 || sizing.unwatched == search->count ? EXIT_NOTHING_KNOWN
									: EXIT_NOTHING_LOST;
}

static int report(char *const paths[], bool as_json)
{
	struct report_search search;
	int status = 0;

	if (report_search_init(&search) < 0)
		return complain("no memory", NULL);
	for (; *paths && status == 0; paths++) {
		const int r = search_file(&search, *paths);

		if (r < 0)
			status = complain(*paths, strerror(-r));
	}
	if (status == 0)
		status = print_found(&search, as_json);
	report_search_done(&search);
	return status;
}

int report_main(int argc, char *argv[])
{
	struct subcommand_options options;

	if (subcommand_options_parse(argc, argv, &options) < 0)
		return complain("its options are --json and --help", NULL);
	if (options.help)
		return fputs(help, stdout) < 0 || fflush(stdout) != 0 ? EXIT_USAGE : 0;
	if (options.file_count == 0)
		return complain(
			"give a file with the log of lastcall, or - for standard input", NULL);
	return report(options.files, options.json);
}
