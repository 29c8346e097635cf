/* SPDX-License-Identifier: MIT */
#include "drill/compare.h"

#include "drill/output/compare_print.h"
#include "drill/cli/subcommand_options.h"

#include <stdlib.h>

enum { EXIT_NOT_WORSE, EXIT_WORSE, EXIT_USAGE, EXIT_TOO_FEW = 4 };

static const char help[] =
	"Usage: lastcall-drill compare [--json] A.json B.json\n"
	"\n"
	"Shows two drills (what --json wrote; - is standard input) side by side: the\n"
	"medians over their runs, by how much B differs, and how likely chance alone\n"
	"gives as much. Stop time, overshoot, longest gap, longest drain, what was cut or\n"
	"refused, and how many requests were lost by each outcome are tested.\n"
	"\n"
	"      --json     print JSON\n"
	"  -h, --help     print this page\n"
	"\n"
	"Exit status: 0 B is not shown to be worse, 1 it is, 2 bad usage or no such\n"
	"drill, 4 too few runs for any difference to show (five each are enough).\n";

static int complain(const char *line)
{
	(void)fprintf(stderr, "lastcall-drill: error: compare: %s\n", line);
	return EXIT_USAGE;
}

static int print_compared(const struct compared *compared, bool as_json)
{
	const struct terminal terminal = terminal_of(stdout);

	if (!as_json)
		compare_print(compared, &terminal, stdout);
	else if (compare_print_json(compared, stdout) < 0)
		return complain("cannot write standard output");
	if (fflush(stdout) != 0 || ferror(stdout) != 0)
		return complain("cannot write standard output");
	if (compared->comparison->is_too_small)
		return EXIT_TOO_FEW;
	return compared->comparison->worse > 0 ? EXIT_WORSE : EXIT_NOT_WORSE;
}

static int compare(const char *a_path, const char *b_path, bool as_json)
{
	struct drill_document *a = calloc(1, sizeof(*a)), *b = calloc(1, sizeof(*b));
	double *scratch = calloc((size_t)DRILL_MAX_RUNS * DRILL_MAX_RUNS, sizeof(*scratch));
	struct comparison comparison;
	char line[1024] = "no memory";
	struct text error;
	int status;

	text_init(&error, line, a && b && scratch ? sizeof(line) : 0);
	if (!a || !b || !scratch || drill_document_read(a_path, a, &error) < 0 ||
		drill_document_read(b_path, b, &error) < 0) {
		status = complain(line);
	} else {
		comparison_make(&comparison, &a->side, &b->side, scratch);
		status = print_compared(
			&(struct compared){a_path, b_path, a, b, &comparison}, as_json);
	}
	free(scratch);
	free(b);
	free(a);
	return status;
}

int compare_main(int argc, char *argv[])
{
	struct subcommand_options options;

	if (subcommand_options_parse(argc, argv, &options) < 0)
		return complain("its options are --json and --help");
	if (options.help)
		return fputs(help, stdout) < 0 || fflush(stdout) != 0 ? EXIT_USAGE : 0;
	if (options.file_count != 2)
		return complain("give two files that --json wrote, the old one first");
	return compare(options.files[0], options.files[1], options.json);
}
