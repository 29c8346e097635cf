/* SPDX-License-Identifier: MIT */
#include "plan/cli/commands.h"
#include "plan/cli/time_options.h"

#include <stdio.h>

static int complain(const char *line)
{
	(void)fprintf(stderr, "lastcall-plan: error: time: %s\n", line);
	return PLAN_EXIT_USAGE;
}

static int print_help(void)
{
	static char page[TIME_HELP_BYTES];
	struct text text;

	text_init(&text, page, sizeof page);
	time_options_write_help(&text);
	(void)fputs(page, stdout);
	return PLAN_EXIT_OK;
}

/* Options are the strongest source, the platform is decided before its defaults are filled in. */
static void collect_inputs(const struct time_options *options, struct plan_inputs *inputs)
{
	*inputs = (struct plan_inputs){
		.platform = options->has_platform ? options->platform : PLAN_ECS,
		.platform_is_known = options->has_platform,
	};
	for (unsigned i = 0; i < PLAN_INPUT_COUNT; i++) {
		if (options->values[i].source != PLAN_UNSET)
			(void)plan_inputs_set(inputs, (enum plan_input)i, &options->values[i]);
	}
	plan_inputs_complete(inputs);
}

int time_command(int argc, char *argv[])
{
	struct time_options options;
	struct plan_inputs inputs;
	char line[512];
	struct text error;

	text_init(&error, line, sizeof line);
	if (time_options_parse(argc, argv, &options, &error) < 0)
		return complain(line);
	if (options.help)
		return print_help();
	collect_inputs(&options, &inputs);
	if (time_options_check(&options, &inputs, &error) < 0)
		return complain(line);
	for (unsigned i = 0; i < PLAN_INPUT_COUNT; i++) {
		char value[64];
		struct text text;

		if (!plan_input_is_used(&inputs, (enum plan_input)i))
			continue;
		text_init(&text, value, sizeof value);
		plan_value_add(&text, (enum plan_input)i, &inputs.values[i]);
		printf("%-22s %-10s %s\n", plan_input_row(i)->name, value,
			plan_source_name(inputs.values[i].source));
	}
	return PLAN_EXIT_OK;
}
