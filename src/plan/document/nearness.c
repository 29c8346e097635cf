/* SPDX-License-Identifier: MIT */
#include "plan/document/nearness.h"

#include <stddef.h>
#include <string.h>

static size_t folder_len(const char *file)
{
	const char *slash = strrchr(file, '/');
	size_t len = slash ? (size_t)(slash - file) : 0;

	while (len > 0 && file[len - 1] == '/')
		len--;
	return len;
}

enum nearness nearness_of(const char *file, const char *other)
{
	const size_t len = folder_len(file);

	if (strcmp(file, other) == 0)
		return SAME_FILE;
	return folder_len(other) == len && strncmp(file, other, len) == 0 ? SAME_FOLDER : ELSEWHERE;
}
