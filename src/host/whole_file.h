/* SPDX-License-Identifier: MIT */
/* A file that is written whole or not at all: into a temporary one beside it, which takes its name when all
 * of it has reached the disk. Where there can be none (a device, a pipe, a name of an open descriptor, a
 * directory that may not be written), or it may not take the name (a file that is mounted into a container, that
 * has another name as a hard link, or whose owner cannot be given to the new one), the file itself is written;
 * "-" is standard output. */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

struct whole_file {
	FILE *out; /* to write to */
	char path[PATH_MAX], temporary[PATH_MAX + 16]; /* temporary: empty where there is none */
	bool keeps_file; /* the file is to stay the one that it is: it is copied into at the end */
};

/* Whether it could be written now; leaves nothing behind. Returns 0 or -errno. */
int whole_file_check(const char *path);

/* Returns 0, or -errno with nothing open. */
int whole_file_begin(struct whole_file *ret_file, const char *path);

/* result: below 0 where what wrote has failed, which leaves the old file as it was. Returns result, or
 * -errno of what did not reach the file. */
int whole_file_end(struct whole_file *file, int result);
