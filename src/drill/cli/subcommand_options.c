/* SPDX-License-Identifier: MIT */
#include "drill/cli/subcommand_options.h"

#include <errno.h>
#include <getopt.h>
#include <stddef.h>

int subcommand_options_parse(int argc, char *argv[], struct subcommand_options *ret_options)
{
	static const struct option options[] = {
		{"help", no_argument, NULL, 'h'}, {"json", no_argument, NULL, 'j'}, {0}};
	int letter;

	*ret_options = (struct subcommand_options){0};
	opterr = 0;
	optind = 0; /* another command line than the one that may have been read before */
	while ((letter = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (letter != 'h' && letter != 'j')
			return -EINVAL;
		ret_options->help |= letter == 'h';
		ret_options->json |= letter == 'j';
	}
	ret_options->files = argv + optind;
	ret_options->file_count = argc - optind;
	return 0;
}
