/* SPDX-License-Identifier: MIT */
#include "core/cli/help_page.h"

#include "core/cli/option_help.h"
#include "core/cli/option_parser.h"
#include "core/cli/option_table.h"

static void write_entry(struct text *text, enum option_id id)
{
	const struct option_row *row = &option_rows[id];
	const struct option_help entry = {
		row->letter, row->name, row->metavar, row->help, option_default_text(id)};

	option_help_write(text, &entry);
}

void options_write_help(struct text *text)
{
	static const char headings[GROUP_COUNT][sizeof "Instead of running an application"] = {
		[GROUP_STOP] = "The stop",
		[GROUP_IN_FLIGHT] = "What counts as work in flight",
		[GROUP_HEALTH] = "Health",
		[GROUP_SIGNALS] = "Signals",
		[GROUP_OUTPUT] = "Log and report",
		[GROUP_PROCESSES] = "Processes",
		[GROUP_QUESTIONS] = "Instead of running an application",
	};
	int group = -1;

	text_add(text, "Usage: lastcall [OPTION]... [--] COMMAND [ARG]...\n"
		       "\n"
		       "Runs COMMAND as PID 1 of a container, and answers /healthcheck. When the\n"
		       "container is stopped, lastcall lets requests in flight finish, stops "
		       "COMMAND,\n"
		       "writes a report, and exits before the orchestrator's SIGKILL.\n");
	for (int id = 0; id < OPTION_COUNT; id++) {
		if (option_rows[id].group != group) {
			group = option_rows[id].group;
			text_printf(text, "\n%s:\n", headings[group]);
		}
		write_entry(text, (enum option_id)id);
	}
	text_add(text,
		"\n"
		"Every setting is also read from the environment: --stop-timeout=25s is\n"
		"LASTCALL_STOP_TIMEOUT=25s. The command line wins. A DURATION has a unit: 500ms,\n"
		"10s, 1m30s. Options end at COMMAND.\n"
		"\n"
		"Exit status: COMMAND's own, or 128 + the signal that ended it; 2: bad usage;\n"
		"124: COMMAND was not ready within --start-timeout; 125: lastcall could not set\n"
		"itself up; 126: COMMAND cannot be executed; 127: COMMAND was not found.\n"
		"See man lastcall.\n");
}
