/* SPDX-License-Identifier: MIT */
#include "sys/oom_kills.h"

#include "core/text/number.h"
#include "core/text/text.h"
#include "sys/fd.h"
#include "sys/line_reader.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>

static int64_t read_count(int fd)
{
	static const char name[] = "oom_kill "; /* one of oom_kill_disable is another one */
	struct line_reader reader;
	const char *line;
	size_t len;

	if (lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	line_reader_init(&reader, fd);
	while (line_reader_next(&reader, &line, &len) > 0) {
		if (strncmp(line, name, sizeof name - 1) == 0)
			return number_parse(line + sizeof name - 1, 0, INT64_MAX);
	}
	return -ENODATA;
}

static int open_below(const char *root, const char *group, const char *file)
{
	char path[PATH_MAX];
	struct text text;

	text_init(&text, path, sizeof path);
	text_printf(&text, "%s%s/%s", root, group, file);
	return text.truncated ? -1 : open(path, O_RDONLY | O_CLOEXEC);
}

/* A container sees its own group as the root of the hierarchy, with a cgroup namespace by name, too; one
 * that shares the host's sees it below. What /proc names may be another's view: then the root is right. */
static int open_in(const char *root, const char *group, const char *file)
{
	int fd = open_below(root, group, file);

	return fd >= 0 ? fd : open_below(root, "", file);
}

static bool has_memory(const char *controllers, const char *end)
{
	static const char memory[] = "memory";

	for (const char *at = controllers; at < end; at = strchrnul(at, ',') + 1) {
		if (strncmp(at, memory, sizeof memory - 1) == 0 &&
			(at[sizeof memory - 1] == ',' || at + sizeof memory - 1 == end))
			return true;
	}
	return false;
}

/* A line of /proc/self/cgroup: "4:cpu,memory:/docker/…" of v1, "0::/…" of v2, where that has memory. */
static int open_counter(const char *line)
{
	const char *controllers = strchr(line, ':');
	const char *end = controllers != NULL ? strchr(++controllers, ':') : NULL;

	if (end == NULL)
		return -1;
	if (has_memory(controllers, end))
		return open_in("/sys/fs/cgroup/memory", end + 1, "memory.oom_control");
	return controllers == end ? open_in("/sys/fs/cgroup", end + 1, "memory.events") : -1;
}

void oom_kills_open(struct oom_kills *ret_kills)
{
	fd_cleanup int groups = open("/proc/self/cgroup", O_RDONLY | O_CLOEXEC);
	struct line_reader reader;
	const char *line;
	size_t len;

	*ret_kills = (struct oom_kills){.fd = -1};
	line_reader_init(&reader, groups);
	while (ret_kills->fd < 0 && line_reader_next(&reader, &line, &len) > 0)
		ret_kills->fd = open_counter(line);
	if (ret_kills->fd < 0)
		return;
	ret_kills->before = read_count(ret_kills->fd);
	if (ret_kills->before < 0)
		ret_kills->fd = fd_close(ret_kills->fd);
}

int64_t oom_kills_count(const struct oom_kills *kills)
{
	int64_t now = kills->fd >= 0 ? read_count(kills->fd) : -ENODATA;

	return now < 0 ? now : now - kills->before;
}
