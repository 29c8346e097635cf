/* SPDX-License-Identifier: MIT */
/* The files that lint is asked to read. */
#pragma once

#include "plan/document/arena.h"

#include <stdbool.h>

struct listed_file {
	const char *path; /* "-": standard input */
	bool is_named; /* by hand: it has to be a document that lint knows */
};

struct file_list {
	struct listed_file *files;
	size_t count;
};

/* Adds a path: a file, standard input, a folder with all that is below it and may be a document, or a folder
 * that the CDK has written, whose manifest says which of its files are templates. Strings are in the arena.
 * Returns 0 or -errno. */
int file_list_add(struct file_list *list, struct arena *arena, const char *path);
void file_list_done(struct file_list *list);
