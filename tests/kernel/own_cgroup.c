/* SPDX-License-Identifier: MIT */
/* In a cgroup made for the test, which root may where cgroup2 is mounted. */
#include "sys/own_cgroup.h"

#include "core/tcp/connection.h"
#include "kernel/sandbox.h"
#include "skip.h"
#include "kernel/tcp_pair.h"
#include "sys/sockdiag.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>

#include <cmocka.h>

static char directory[128];
static uint64_t inode;

static bool make_cgroup(void)
{
	static const char *const roots[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};
	struct stat status;

	for (int i = 0; i < 2; i++) {
		char procs[256];

		snprintf(directory, sizeof directory, "%s/lastcall-test.%d", roots[i],
			(int)getpid());
		snprintf(procs, sizeof procs, "%s/cgroup.procs", directory);
		if (mkdir(directory, 0755) < 0)
			continue;
		if (access(procs, W_OK) == 0 && stat(directory, &status) == 0) {
			inode = status.st_ino;
			return true;
		}
		rmdir(directory);
	}
	return false;
}

static bool enter_cgroup(void)
{
	char procs[256];

	snprintf(procs, sizeof procs, "%s/cgroup.procs", directory);
	return sandbox_write_file(procs, "0");
}

static void take_listener(void *arg, const struct connection *row)
{
	*(uint64_t *)arg = row->cgroup;
}

/* A listener of root's, seen by a user without capabilities. */
static int compare_with_listener(void *arg)
{
	const struct sockdiag_query query = {.states = TCP_STATE_BIT(TCP_STATE_LISTEN)};
	struct sockdiag diag;
	uint64_t signalled_at = 0;

	(void)arg;
	if (!enter_cgroup() || !sandbox_unshare(CLONE_NEWNET))
		return INT32_MIN;
	(void)tcp_listen(AF_INET, 8080, 1);
	if (!sandbox_drop_capabilities() || sockdiag_open(&diag) < 0 ||
		sockdiag_dump(&diag, &query, take_listener, &signalled_at) < 0)
		return INT32_MIN;
	return (own_cgroup() == inode) + 2 * (signalled_at == inode);
}

static void is_what_the_kernel_tells_of_a_socket(void **state)
{
	int result;

	(void)state;
	if (!make_cgroup())
		skip_test("needs a cgroup2 directory to make a cgroup in");
	result = sandbox_call(compare_with_listener, NULL);
	for (int i = 0; i < 1000 && rmdir(directory) < 0; i++)
		usleep(1000);
	assert_int_equal(result, 3);
}

/* As a container that has a cgroup namespace of its own: it sees its cgroup as the root. */
static int look_in_namespace(void *arg)
{
	(void)arg;
	if (!enter_cgroup() || !sandbox_unshare(CLONE_NEWCGROUP | CLONE_NEWNS) ||
		mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		mount("cgroup2", "/sys/fs/cgroup", "cgroup2", 0, NULL) < 0)
		return INT32_MIN;
	return own_cgroup() == inode;
}

static void is_the_root_of_a_cgroup_namespace(void **state)
{
	int result;

	(void)state;
	if (!make_cgroup())
		skip_test("needs a cgroup2 directory to make a cgroup in");
	result = sandbox_call(look_in_namespace, NULL);
	for (int i = 0; i < 1000 && rmdir(directory) < 0; i++)
		usleep(1000);
	if (result == INT32_MIN)
		skip_test("needs a cgroup namespace with cgroup2 mounted");
	assert_int_equal(result, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_what_the_kernel_tells_of_a_socket),
		cmocka_unit_test(is_the_root_of_a_cgroup_namespace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
