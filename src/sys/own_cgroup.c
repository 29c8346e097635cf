/* SPDX-License-Identifier: MIT */
#include "sys/own_cgroup.h"

#include "core/text/text.h"
#include "sys/fd.h"
#include "sys/line_reader.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>

/* The root of the machine's hierarchy: what is in it is not of one container (kernfs numbers from 1). */
#define MACHINE_ROOT 1

/* Returns the inode of a cgroup2 directory, or 0. */
static uint64_t inode_below(const char *root, const char *group)
{
	char path[PATH_MAX];
	struct statfs filesystem;
	struct stat status;
	struct text text;

	text_init(&text, path, sizeof path);
	text_printf(&text, "%s%s", root, group);
	if (text.truncated || stat(path, &status) < 0 || statfs(path, &filesystem) < 0 ||
		filesystem.f_type != CGROUP2_SUPER_MAGIC)
		return 0;
	return status.st_ino;
}

/* What /proc names may be another's view: then the root is right, as for a file of oom_kills. */
static uint64_t inode_in(const char *root, const char *group)
{
	uint64_t inode = inode_below(root, group);

	return inode != 0 ? inode : inode_below(root, "");
}

uint64_t own_cgroup(void)
{
	static const char unified[] = "0::"; /* the line of cgroup2, beside those of v1 */
	fd_cleanup int groups = open("/proc/self/cgroup", O_RDONLY | O_CLOEXEC);
	struct line_reader reader;
	uint64_t inode = 0;
	const char *line;
	size_t len;

	line_reader_init(&reader, groups);
	while (inode == 0 && line_reader_next(&reader, &line, &len) > 0) {
		const char *group = line + sizeof unified - 1;

		if (strncmp(line, unified, sizeof unified - 1) != 0)
			continue;
		inode = inode_in("/sys/fs/cgroup", group);
		if (inode == 0)
			inode = inode_in("/sys/fs/cgroup/unified", group);
	}
	return inode == MACHINE_ROOT ? 0 : inode;
}
