/* SPDX-License-Identifier: MIT */
#include "host/input_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 65536

static int read_all(FILE *file, size_t max, char **ret_bytes, size_t *ret_len)
{
	size_t room = FIRST_ROOM, len = 0, got;
	char *bytes = malloc(room), *more;

	while (bytes && (got = fread(bytes + len, 1, room - 1 - len, file)) > 0) {
		len += got;
		if (len > max) {
			free(bytes);
			return -EFBIG;
		}
		if (len < room - 1)
			continue;
		room *= 2;
		more = realloc(bytes, room);
		if (!more)
			free(bytes);
		bytes = more;
	}
	if (!bytes)
		return -ENOMEM;
	if (ferror(file)) {
		const int r = errno > 0 ? -errno : -EIO; /* of a directory: EISDIR */

		free(bytes);
		return r;
	}
	bytes[len] = '\0';
	more = realloc(bytes, len + 1); /* many files may be kept open at once */
	*ret_bytes = more ? more : bytes;
	*ret_len = len;
	return 0;
}

int input_file_read(const char *path, size_t max, char **ret_bytes, size_t *ret_len)
{
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	int r;

	if (!file)
		return -errno;
	errno = 0;
	r = read_all(file, max, ret_bytes, ret_len);
	if (file != stdin)
		(void)fclose(file);
	return r;
}
