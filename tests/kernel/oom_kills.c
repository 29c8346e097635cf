/* SPDX-License-Identifier: MIT */
/* The files that count are the kernel's; where they are is another matter: here in trees like those that
 * containers have. tests/containers/test_memory.py has the kernel count. */
#include "sys/oom_kills.h"

#include "kernel/sandbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>

#include <cmocka.h>

#define V2_EVENTS(kills)                                                                           \
	"low 0\nhigh 3\nmax 25\noom 2\noom_kill " kills "\noom_group_kill 1\nsock_throttled 0\n"
#define V1_CONTROL(kills) "oom_kill_disable 0\nunder_oom 0\noom_kill " kills "\n"

struct tree {
	const char *groups; /* of /proc/self/cgroup; NULL: there is no /proc */
	const char *file; /* the one that counts, below /sys/fs/cgroup */
	const char *before, *after;
	int kills;
};

static void make_directories(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		(void)mkdir(path, 0755);
		*slash = '/';
	}
}

static bool write_below(const char *root, const char *file, const char *text)
{
	char path[256];
	int fd;

	snprintf(path, sizeof path, "%s/%s", root, file);
	make_directories(path);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd >= 0)
		close(fd);
	return fd >= 0 && sandbox_write_file(path, text);
}

static int count_in_tree(void *arg)
{
	const struct tree *tree = arg;
	struct oom_kills kills;

	if (!sandbox_unshare(CLONE_NEWNS) ||
		mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		mount("tmpfs", "/proc", "tmpfs", 0, NULL) < 0 ||
		mount("tmpfs", "/sys", "tmpfs", 0, NULL) < 0)
		return INT32_MIN;
	if (tree->groups != NULL && !write_below("/proc", "self/cgroup", tree->groups))
		return INT32_MIN;
	if (tree->file != NULL && !write_below("/sys/fs/cgroup", tree->file, tree->before))
		return INT32_MIN;
	oom_kills_open(&kills);
	if (tree->after != NULL && !write_below("/sys/fs/cgroup", tree->file, tree->after))
		return INT32_MIN;
	return (int)oom_kills_count(&kills);
}

static void kills_are_found_wherever_a_container_has_them(void **state)
{
	static struct tree trees[] = {
		/* v2, with a cgroup namespace and with the host's */
		{"0::/\n", "memory.events", V2_EVENTS("0"), V2_EVENTS("2"), 2},
		{"0::/docker/1f\n", "docker/1f/memory.events", V2_EVENTS("7"), V2_EVENTS("8"), 1},
		{"0::/../1f\n", "memory.events", V2_EVENTS("4"), V2_EVENTS("4"), 0},
		/* v1, the same */
		{"5:cpu,memory:/\n1:name=systemd:/\n", "memory/memory.oom_control", V1_CONTROL("0"),
			V1_CONTROL("12"), 12},
		{"5:memory:/a b/c\n", "memory/a b/c/memory.oom_control", V1_CONTROL("1"),
			V1_CONTROL("3"), 2},
		{"9:pids:/docker/1f\n4:memory:/docker/1f\n0::/\n", "memory/memory.oom_control",
			V1_CONTROL("0"), V1_CONTROL("1"), 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof trees / sizeof trees[0]; i++)
		assert_int_equal(sandbox_call(count_in_tree, &trees[i]), trees[i].kills);
}

static void what_nobody_counts_is_not_known(void **state)
{
	static struct tree trees[] = {
		{NULL, NULL, NULL, NULL, -ENODATA},
		{"0::/\n", NULL, NULL, NULL, -ENODATA}, /* the host's own root has no such file */
		{"", "memory.events", V2_EVENTS("0"), V2_EVENTS("2"), -ENODATA},
		{"0::/\n", "memory.events", "", V2_EVENTS("2"), -ENODATA},
		{"0::/\n", "memory.events", "low 0\noom_kill x\n", V2_EVENTS("2"), -ENODATA},
		/* before Linux 4.13 */
		{"4:memory:/\n", "memory/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\n",
			V1_CONTROL("2"), -ENODATA},
		{"4:shmemory:/\n", "memory/memory.oom_control", V1_CONTROL("0"), V1_CONTROL("2"),
			-ENODATA},
	};

	(void)state;
	for (size_t i = 0; i < sizeof trees / sizeof trees[0]; i++)
		assert_int_equal(sandbox_call(count_in_tree, &trees[i]), trees[i].kills);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kills_are_found_wherever_a_container_has_them),
		cmocka_unit_test(what_nobody_counts_is_not_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
