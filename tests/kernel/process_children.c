/* SPDX-License-Identifier: MIT */
/* The kernel's lists of children, of families that fork, exit and get other parents meanwhile. */
#include "sys/process_children.h"
#include "sys/process_tree.h"

#include "kernel/family.h"
#include "kernel/sandbox.h"
#include "skip.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/mman.h>
#include <time.h>

#include <cmocka.h>

#define PIDS_MAX 4096
#define UID_OF_APP 65534

static pid_t pids[PIDS_MAX];
static volatile bool *storm_is_over; /* shared with processes that no signal catches */

static void fork_sleepers(int count)
{
	for (int i = 0; i < count; i++) {
		if (fork_child() == 0)
			announce_and_wait();
	}
}

static int open_proc(void)
{
	int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (proc < 0)
		abort();
	return proc;
}

static int list(pid_t root, size_t max)
{
	int proc = open_proc(), count = process_children_list(proc, root, pids, max);

	close(proc);
	return count;
}

static bool is_listed(pid_t pid, int count)
{
	for (int i = 0; i < count; i++) {
		if (pids[i] == pid)
			return true;
	}
	return false;
}

static int set_up_lists(void **state)
{
	(void)state;
	if (list(getpid(), 0) == -ENOENT)
		sandbox_skip("this kernel has no lists of children");
	storm_is_over = mmap(NULL, sizeof *storm_is_over, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return storm_is_over == MAP_FAILED ? -1 : 0;
}

/* Returns whether there are children left. */
static bool reap(void)
{
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		continue;
	return pid == 0;
}

static int set_up(void **state)
{
	(void)state;
	*storm_is_over = false;
	assert_int_equal(family_open(), 0);
	return prctl(PR_SET_CHILD_SUBREAPER, 1);
}

/* As their subreaper we have had all of them only when there are no more children. */
static int tear_down(void **state)
{
	(void)state;
	*storm_is_over = true;
	do {
		(void)process_tree_signal_by_walk(getpid(), SIGKILL, NULL);
		(void)waitpid(-1, NULL, 0);
	} while (reap());
	family_close();
	return 0;
}

static void family_without_members_is_empty(void **state)
{
	(void)state;
	assert_int_equal(list(getpid(), PIDS_MAX), 0);
	assert_int_equal(list(getpid(), 0), 0);
}

static void grandchild_whose_parent_has_exited_is_listed(void **state)
{
	pid_t parent = fork_child();

	(void)state;
	if (parent == 0) {
		fork_sleepers(2);
		_exit(0);
	}
	(void)waitpid(parent, NULL, 0);
	await_announcements(2);

	assert_int_equal(list(getpid(), PIDS_MAX), 2);
}

static void child_that_is_not_reaped_is_listed_but_not_counted(void **state)
{
	pid_t zombie = fork_child();
	siginfo_t info;

	(void)state;
	if (zombie == 0)
		_exit(0);
	assert_int_equal(waitid(P_PID, (id_t)zombie, &info, WEXITED | WNOWAIT), 0);

	assert_int_equal(list(getpid(), PIDS_MAX), 1);
	assert_int_equal(pids[0], zombie);
	assert_int_equal(process_tree_count(getpid()), 0);
}

static void more_than_there_are_places_for_is_an_error(void **state)
{
	(void)state;
	fork_sleepers(5);
	await_announcements(5);

	assert_int_equal(list(getpid(), 5), 5);
	assert_int_equal(list(getpid(), 4), -E2BIG);
}

/* A list of about 600 children and more takes several reads. */
static void list_longer_than_one_read_is_whole(void **state)
{
	(void)state;
	fork_sleepers(700);
	await_announcements(700);

	assert_int_equal(list(getpid(), PIDS_MAX), 700);
	assert_int_equal(process_tree_count(getpid()), 700);
}

static void *fork_and_exit(void *arg)
{
	(void)arg;
	fork_sleepers(3);
	return NULL;
}

static void *fork_and_stay(void *arg)
{
	(void)arg;
	fork_sleepers(3);
	announce_and_wait();
}

/* The lists of the threads have them while the threads live, the list of another thread thereafter. */
static void children_of_threads_are_listed(void **state)
{
	pthread_t stays, exits;

	(void)state;
	if (fork_child() == 0) {
		if (pthread_create(&stays, NULL, fork_and_stay, NULL) != 0 ||
			pthread_create(&exits, NULL, fork_and_exit, NULL) != 0 ||
			pthread_join(exits, NULL) != 0)
			_exit(1);
		announce_and_wait();
	}
	await_announcements(3 + 1 + 3 + 1);

	assert_int_equal(list(getpid(), PIDS_MAX), 7);
	assert_int_equal(process_tree_count(getpid()), 7);
}

static void children_of_a_process_whose_main_thread_has_exited_are_listed(void **state)
{
	pthread_t thread;

	(void)state;
	if (fork_child() == 0) {
		fork_sleepers(2);
		if (pthread_create(&thread, NULL, fork_and_stay, NULL) != 0)
			_exit(1);
		syscall(SYS_exit, 0); /* ends this thread only */
	}
	await_announcements(2 + 3 + 1);

	assert_int_equal(list(getpid(), PIDS_MAX), 6);
	assert_int_equal(process_tree_count(getpid()), 6);
}

/* Forks its next generation and exits, without a pause. */
static void fork_restless_line(void)
{
	pid_t pid = fork_child();

	if (pid > 0)
		return;
	announce();
	while (!*storm_is_over) {
		if (fork_child() > 0)
			_exit(0);
	}
	_exit(0);
}

/* Each process forks five more, and each of these, for so many generations; all stay. */
static void fork_growing_family(int generations)
{
	if (fork_child() > 0)
		return;
	announce();
	for (int i = 0; generations > 0 && i < 5; i++) {
		pid_t pid = fork_child();

		if (pid > 0) {
			sched_yield();
		} else { /* one generation further, with all of its children to come */
			generations--;
			i = -1;
		}
	}
	for (;;)
		pause();
}

static bool is_before(const struct timespec *end)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec < end->tv_sec ||
	       (now.tv_sec == end->tv_sec && now.tv_nsec < end->tv_nsec);
}

static struct timespec in_ms(long ms)
{
	struct timespec end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_nsec += ms * 1000000;
	end.tv_sec += end.tv_nsec / 1000000000;
	end.tv_nsec %= 1000000000;
	return end;
}

/* The count is of the lists where two walks agree, of all of /proc where no two do. */
static void long_lived_descendants_are_found_in_a_fork_storm(void **state)
{
	struct timespec end;

	(void)state;
	fork_sleepers(20);
	for (int i = 0; i < 3; i++)
		fork_restless_line();
	await_announcements(23);

	end = in_ms(500);
	do {
		assert_true(process_tree_count(getpid()) >= 20);
		(void)reap();
	} while (is_before(&end));
}

/* Two sleepers at a time are forked by a process that exits while we count. */
static void descendants_are_found_while_their_parents_exit(void **state)
{
	(void)state;
	for (int sleepers = 2; sleepers <= 100; sleepers += 2) {
		int left = sleepers * 37 % 101;

		if (fork_child() == 0) {
			fork_sleepers(2);
			while (left-- > 0)
				sched_yield();
			_exit(0);
		}
		await_announcements(2);
		assert_true(process_tree_count(getpid()) >= sleepers);
		(void)reap();
		assert_true(process_tree_count(getpid()) >= sleepers);
	}
}

static void family_that_grows_is_ended_by_repeated_sigkill(void **state)
{
	struct timespec end = in_ms(20000);

	(void)state;
	fork_growing_family(4);
	await_announcements(1);

	(void)process_tree_signal_by_walk(getpid(), SIGKILL, NULL);
	while (reap() && is_before(&end))
		(void)process_tree_signal(getpid(), SIGKILL, NULL);
	assert_false(reap());
}

/* What is no /proc has no lists, as a kernel without CONFIG_PROC_CHILDREN. */
static void missing_list_is_an_error(void **state)
{
	int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	assert_int_equal(process_children_list(root, getpid(), pids, PIDS_MAX), -ENOENT);
	close(root);
}

static void process_without_children_of_another_is_not_listed(void **state)
{
	pid_t child = fork_child();
	int count;

	(void)state;
	if (child == 0) {
		fork_sleepers(1);
		announce_and_wait();
	}
	fork_sleepers(1);
	await_announcements(3);

	count = list(child, PIDS_MAX);
	assert_int_equal(count, 1);
	assert_false(is_listed(child, count));
	assert_int_equal(list(getpid(), PIDS_MAX), 3);
	assert_true(is_listed(child, 3));
}

static bool become(uid_t uid)
{
	return setresgid(uid, uid, uid) == 0 && setresuid(uid, uid, uid) == 0;
}

/* We are PID 1 of a namespace; the child of our child is of another user than the child. */
static int list_past_hidden_child(void *arg)
{
	pid_t child = fork_child();

	(void)arg;
	if (child == 0) {
		if (fork_child() > 0 && !become(UID_OF_APP))
			_exit(1);
		announce_and_wait();
	}
	await_announcements(2);
	return become(UID_OF_APP - 1) ? list(1, PIDS_MAX) : INT32_MIN;
}

static void hidden_process_is_an_error(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip_test("needs root for a second uid");
	assert_int_in_range(
		-sandbox_call_as_pid1(list_past_hidden_child, NULL, "hidepid=1"), EPERM, EACCES);
	assert_int_equal(sandbox_call_as_pid1(list_past_hidden_child, NULL, "hidepid=2"), -EACCES);
}

/* A process in a pid namespace of its own, with a child: both have numbers in ours, too. */
static void descendants_in_another_pid_namespace_are_listed(void **state)
{
	(void)state;
	if (fork_child() == 0) {
		if (!sandbox_unshare(CLONE_NEWPID)) {
			announce();
			announce();
		} else if (fork_child() == 0) {
			fork_sleepers(1);
			announce_and_wait();
		}
		announce_and_wait();
	}
	await_announcements(3);
	if (list(getpid(), PIDS_MAX) == 1)
		skip_test("needs a pid namespace");
	assert_int_equal(list(getpid(), PIDS_MAX), 3);
	assert_int_equal(process_tree_count(getpid()), 3);
}

#define FAMILY_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAMILY_TEST(family_without_members_is_empty),
		FAMILY_TEST(grandchild_whose_parent_has_exited_is_listed),
		FAMILY_TEST(child_that_is_not_reaped_is_listed_but_not_counted),
		FAMILY_TEST(more_than_there_are_places_for_is_an_error),
		FAMILY_TEST(list_longer_than_one_read_is_whole),
		FAMILY_TEST(children_of_threads_are_listed),
		FAMILY_TEST(children_of_a_process_whose_main_thread_has_exited_are_listed),
		FAMILY_TEST(long_lived_descendants_are_found_in_a_fork_storm),
		FAMILY_TEST(descendants_are_found_while_their_parents_exit),
		FAMILY_TEST(family_that_grows_is_ended_by_repeated_sigkill),
		FAMILY_TEST(missing_list_is_an_error),
		FAMILY_TEST(process_without_children_of_another_is_not_listed),
		FAMILY_TEST(hidden_process_is_an_error),
		FAMILY_TEST(descendants_in_another_pid_namespace_are_listed),
	};

	return cmocka_run_group_tests(tests, set_up_lists, NULL);
}
