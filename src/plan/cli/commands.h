/* SPDX-License-Identifier: MIT */
/* The subcommands of lastcall-plan. */
#pragma once

enum plan_exit {
	PLAN_EXIT_OK,
	PLAN_EXIT_FOUND, /* findings of lint; a deployment that cannot proceed */
	PLAN_EXIT_USAGE, /* bad usage, bad input, an output that cannot be written */
};

/* argv[0] is the subcommand's name. Prints, and returns an enum plan_exit. */
typedef int plan_command_fn(int argc, char *argv[]);

plan_command_fn init_command;
plan_command_fn time_command;
plan_command_fn lint_command;
plan_command_fn explain_command;
