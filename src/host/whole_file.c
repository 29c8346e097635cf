/* SPDX-License-Identifier: MIT */
#include "host/whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A name for an open descriptor: its reader would not see a file that takes its name. */
static bool is_descriptor(const char *path)
{
	static const char *const names[] = {"/dev/std", "/dev/fd/", "/proc/"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (strncmp(path, names[i], strlen(names[i])) == 0)
			return true;
	}
	return false;
}

/* What the new file has to have of the old one, or of what the user has set for new ones. Not through a symbolic
 * link to a file that does not exist yet: the new file would replace the link. */
static bool is_regular_or_new(const char *path, struct stat *ret_status)
{
	mode_t mask = umask(0);

	(void)umask(mask);
	if (stat(path, ret_status) == 0)
		return S_ISREG(ret_status->st_mode);
	if (errno != ENOENT || lstat(path, ret_status) == 0)
		return false;
	*ret_status = (struct stat){.st_mode = 0666 & ~mask,
		.st_nlink = 1,
		.st_uid = geteuid(),
		.st_gid = (gid_t)-1}; /* whatever the directory gives */
	return true;
}

/* Returns false where the file would get another owner. */
static bool give_owner(int fd, const struct stat *status)
{
	struct stat now;

	if (fstat(fd, &now) < 0)
		return false;
	if (now.st_uid == status->st_uid &&
		(status->st_gid == (gid_t)-1 || now.st_gid == status->st_gid))
		return true;
	return fchown(fd, status->st_uid, status->st_gid) == 0;
}

static FILE *open_temporary(struct whole_file *file, const struct stat *status)
{
	FILE *out;
	int fd;

	(void)snprintf(file->temporary, sizeof(file->temporary), "%s.XXXXXX", file->path);
	fd = mkostemp(file->temporary, O_CLOEXEC);
	if (fd >= 0)
		file->keeps_file = status->st_nlink > 1 || !give_owner(fd, status);
	out = fd >= 0 && fchmod(fd, status->st_mode & 07777) == 0 ? fdopen(fd, "w") : NULL;
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
	struct stat status;

	*file = (struct whole_file){.out = stdout};
	if (strcmp(path, "-") == 0)
		return 0;
	/* through a symbolic link, whose name is to stay; of a new file the path is what it is */
	if (realpath(path, file->path) == NULL)
		(void)snprintf(file->path, sizeof(file->path), "%s", path);
	file->out = NULL;
	if (!is_descriptor(path) && is_regular_or_new(path, &status))
		file->out = open_temporary(file, &status);
	if (file->out == NULL)
		file->out = fopen(path, "we");
	return file->out == NULL ? -errno : 0;
}

static int copy(FILE *from, FILE *to)
{
	char bytes[16384];
	size_t len;

	while ((len = fread(bytes, 1, sizeof(bytes), from)) > 0) {
		if (fwrite(bytes, 1, len, to) != len)
			return -errno;
	}
	return ferror(from) ? -EIO : 0;
}

/* For a file that no other may replace: one that is mounted into a container (EBUSY), another user's in a sticky
 * directory (EPERM), or one that keeps_file. */
static int write_through(const struct whole_file *file)
{
	FILE *from = fopen(file->temporary, "re");
	FILE *to = from != NULL ? fopen(file->path, "we") : NULL;
	int r = to != NULL ? copy(from, to) : -errno;

	if (to != NULL && fclose(to) != 0 && r == 0)
		r = -errno;
	if (from != NULL)
		(void)fclose(from);
	return r;
}

/* Returns 0, with no temporary left, or -errno. */
static int take_name(const struct whole_file *file)
{
	int r;

	if (!file->keeps_file && rename(file->temporary, file->path) == 0)
		return 0;
	r = write_through(file);
	if (r == 0)
		(void)unlink(file->temporary);
	return r;
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
	if (result == 0)
		result = take_name(file);
	if (result < 0)
		(void)unlink(file->temporary);
	return result;
}

int whole_file_check(const char *path)
{
	struct stat status;
	int fd;

	if (strcmp(path, "-") == 0)
		return 0;
	if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
		return -EISDIR; /* which access(2) finds writable */
	if (access(path, W_OK) == 0)
		return 0;
	if (errno != ENOENT)
		return -errno;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0 && errno == EEXIST)
		return 0; /* a symbolic link to a file that does not exist yet */
	if (fd < 0)
		return -errno;
	(void)close(fd);
	(void)unlink(path);
	return 0;
}
