/* SPDX-License-Identifier: MIT */
/* The names in a directory, read with getdents64 into a buffer of its own: opendir allocates. */
#pragma once

#include <stddef.h>

struct directory {
	int fd;
	size_t at, len;
	_Alignas(8) char buf[4096];
};

/* Opens path, relative to the directory `parent` (AT_FDCWD: to the working one). Returns 0 or -errno. */
int directory_open(struct directory *directory, int parent, const char *path);
void directory_close(struct directory *directory);

/* Returns 1 with the next entry's name, valid until the next call; 0 at the end; or -errno. */
int directory_next(struct directory *directory, const char **ret_name);
