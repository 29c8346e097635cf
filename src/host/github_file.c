/* SPDX-License-Identifier: MIT */
#include "host/github_file.h"

#include <errno.h>
#include <stdio.h>

#define SUMMARY_MAX_BYTES (1024UL * 1024)

int github_file_append(const char *path, const char *bytes, size_t len)
{
	FILE *file = fopen(path, "a");
	int r = 0;

	if (!file)
		return -errno;
	if (fwrite(bytes, 1, len, file) != len)
		r = -errno;
	if (fclose(file) != 0 && r == 0)
		r = -errno;
	return r;
}

/* What steps before us wrote into it; a file that is not there yet is empty. */
static long size_of(const char *path)
{
	FILE *file = fopen(path, "r");
	long size = 0;

	if (!file)
		return 0;
	if (fseek(file, 0, SEEK_END) == 0)
		size = ftell(file);
	fclose(file);
	return size > 0 ? size : 0;
}

int github_file_append_summary(const char *path, const char *bytes, size_t len)
{
	if ((size_t)size_of(path) + len > SUMMARY_MAX_BYTES)
		return -EFBIG;
	return github_file_append(path, bytes, len);
}
