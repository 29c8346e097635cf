/* SPDX-License-Identifier: MIT */
/* The files that a drill was asked for, and the table on standard output. */
#pragma once

#include "drill/core/drill_result.h"
#include "drill/cli/drill_options.h"

#include <stdio.h>

struct outputs {
	bool has_table;
};

/* Before the first run: a drill whose result cannot be written must not take minutes first. Two outputs in
 * one file are refused. An output that is standard output, under whatever name, takes the table's place. Returns 0,
 * or -errno with one line in *error. */
int outputs_open(
	const struct drill_options *options, struct outputs *ret_outputs, struct text *error);

/* Writes each whole, or leaves what was there. Returns 0, or -errno of the first that failed, with a line in *error
 * that names all that failed. */
int outputs_write(const struct outputs *outputs, const struct drill_options *options,
	const struct drill_result *result, struct text *error);
