/* SPDX-License-Identifier: MIT */
#include "drill/output/whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_regular_or_new(const char *path, mode_t *ret_mode)
{
	struct stat status;
	mode_t mask = umask(0);

	(void)umask(mask);
	*ret_mode = 0666 & ~mask;
	if (stat(path, &status) < 0)
		return errno == ENOENT;
	*ret_mode = status.st_mode & 07777;
	return S_ISREG(status.st_mode);
}

static FILE *open_temporary(struct whole_file *file, mode_t mode)
{
	FILE *out;
	int fd;

	(void)snprintf(file->temporary, sizeof(file->temporary), "%s.XXXXXX", file->path);
	fd = mkostemp(file->temporary, O_CLOEXEC);
	out = fd >= 0 && fchmod(fd, mode) == 0 ? fdopen(fd, "w") : NULL;
	if (out != NULL)
		return out;
	if (fd >= 0) {
		(void)close(fd);
		(void)unlink(file->temporary);
	}
	file->temporary[0] = '\0';
	return NULL;
}

int whole_file_begin(struct whole_file *file, const char *path)
{
	mode_t mode;

	*file = (struct whole_file){.out = stdout};
	if (strcmp(path, "-") == 0)
		return 0;
	/* through a symbolic link, whose name is to stay; of a new file the path is what it is */
	if (realpath(path, file->path) == NULL)
		(void)snprintf(file->path, sizeof(file->path), "%s", path);
	file->out = is_regular_or_new(path, &mode) ? open_temporary(file, mode) : NULL;
	if (file->out == NULL)
		file->out = fopen(path, "we");
	return file->out == NULL ? -errno : 0;
}

static int finish(struct whole_file *file)
{
	bool has_failed = ferror(file->out) != 0;

	errno = EIO;
	has_failed = fflush(file->out) != 0 || has_failed;
	if (file->temporary[0] != '\0')
		has_failed = has_failed || fsync(fileno(file->out)) != 0;
	return has_failed ? -errno : 0;
}

int whole_file_end(struct whole_file *file, int result)
{
	int r = finish(file);

	if (result == 0)
		result = r;
	if (file->out != stdout && fclose(file->out) != 0 && result == 0)
		result = -errno;
	if (file->temporary[0] == '\0')
		return result;
	if (result == 0 && rename(file->temporary, file->path) < 0)
		result = -errno;
	if (result < 0)
		(void)unlink(file->temporary);
	return result;
}

int whole_file_check(const char *path)
{
	int fd;

	if (strcmp(path, "-") == 0)
		return 0;
	if (access(path, W_OK) == 0)
		return 0;
	if (errno != ENOENT)
		return -errno;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0)
		return -errno;
	(void)close(fd);
	(void)unlink(path);
	return 0;
}
