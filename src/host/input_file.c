/* SPDX-License-Identifier: MIT */
#include "host/input_file.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FIRST_ROOM 65536

/* Of a regular file a byte more than it has, which shows its end: many small ones may be kept at once. */
static size_t first_room(FILE *file, size_t max)
{
	struct stat status;

	if (fstat(fileno(file), &status) < 0 || !S_ISREG(status.st_mode) || status.st_size <= 0 ||
		(uintmax_t)status.st_size > max)
		return FIRST_ROOM;
	return (size_t)status.st_size + 2;
}

static int read_all(FILE *file, size_t max, char **ret_bytes, size_t *ret_len)
{
	size_t room = first_room(file, max), len = 0, got;
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
	*ret_bytes = bytes;
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
