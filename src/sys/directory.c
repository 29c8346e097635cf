/* SPDX-License-Identifier: MIT */
#include "sys/directory.h"

#include "sys/fd.h"

#include <stdint.h>
#include <sys/syscall.h>

/* The kernel's struct linux_dirent64, which no header has. */
struct directory_entry {
	uint64_t inode;
	int64_t offset;
	uint16_t size;
	uint8_t type;
	char name[];
};

int directory_open(struct directory *directory, int parent, const char *path)
{
	directory->at = 0;
	directory->len = 0;
	directory->fd = openat(parent, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return directory->fd < 0 ? -errno : 0;
}

void directory_close(struct directory *directory)
{
	directory->fd = fd_close(directory->fd);
}

int directory_next(struct directory *directory, const char **ret_name)
{
	const struct directory_entry *entry;

	if (directory->at == directory->len) {
		long got = syscall(
			SYS_getdents64, directory->fd, directory->buf, sizeof directory->buf);

		if (got <= 0)
			return got < 0 ? -errno : 0;
		directory->at = 0;
		directory->len = (size_t)got;
	}
	entry = (const void *)(directory->buf + directory->at);
	directory->at += entry->size;
	*ret_name = entry->name;
	return 1;
}
