/* SPDX-License-Identifier: MIT */
#include "sys/process_sockets.h"
#include "sys/process_tree.h"

#include "kernel/family.h"
#include "kernel/sandbox.h"
#include "skip.h"
#include "sys/line_reader.h"

#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cmocka.h>

#define UID_OF_SHIM 1000
#define UID_OF_APP 65534

/* A line of so many generations: child, grandchild, and so on. Returns the child's pid. */
static pid_t fork_line(int generations)
{
	pid_t pid = fork_child();

	if (pid > 0)
		return pid;
	while (--generations > 0) {
		if (fork_child() > 0)
			break;
	}
	announce_and_wait();
}

/* A process in a session of its own whose parent has gone, so that it lands on us. */
static void fork_daemon(void)
{
	pid_t pid = fork_child();

	if (pid > 0) {
		(void)waitpid(pid, NULL, 0);
		return;
	}
	if (fork_child() > 0)
		_exit(0);
	setsid();
	announce_and_wait();
}

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(family_open(), 0);
	return prctl(PR_SET_CHILD_SUBREAPER, 1);
}

/* As their subreaper we have had all of them only when there are no more children. */
static int tear_down(void **state)
{
	(void)state;
	do {
		(void)process_tree_signal(getpid(), SIGKILL, NULL);
	} while (waitpid(-1, NULL, 0) > 0);
	family_close();
	return 0;
}

static void nobody_descends_from_a_process_without_children(void **state)
{
	(void)state;
	assert_int_equal(process_tree_count(getpid()), 0);
}

static void children_and_grandchildren_are_counted(void **state)
{
	(void)state;
	fork_line(2);
	fork_line(1);
	await_announcements(3);

	assert_int_equal(process_tree_count(getpid()), 3);
}

static void root_and_its_siblings_are_not_counted(void **state)
{
	pid_t child;

	(void)state;
	child = fork_line(2);
	fork_line(1);
	await_announcements(3);

	assert_int_equal(process_tree_count(child), 1);
}

static void daemon_that_lost_its_parent_is_counted(void **state)
{
	(void)state;
	fork_daemon();
	await_announcements(1);

	assert_int_equal(process_tree_count(getpid()), 1);
}

static void zombie_is_not_counted_but_its_living_sibling_is(void **state)
{
	siginfo_t info;
	pid_t zombie;

	(void)state;
	fork_line(1);
	zombie = fork_child();
	if (zombie == 0)
		_exit(0);
	assert_int_equal(waitid(P_PID, (id_t)zombie, &info, WEXITED | WNOWAIT), 0);
	await_announcements(1);

	assert_int_equal(process_tree_count(getpid()), 1);
}

/* The main thread's own state in /proc/PID/stat, which is what makes it look like a zombie. */
static bool main_thread_has_ended(void)
{
	char stat[512] = "";
	int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
	ssize_t len = read(fd, stat, sizeof stat - 1);

	close(fd);
	return len > 0 && strstr(stat, ") Z ") != NULL;
}

static void *outlive_main_thread(void *arg)
{
	(void)arg;
	while (!main_thread_has_ended())
		sched_yield();
	announce_and_wait();
}

static void process_whose_main_thread_has_ended_is_counted(void **state)
{
	pthread_t thread;

	(void)state;
	if (fork_child() == 0) {
		if (pthread_create(&thread, NULL, outlive_main_thread, NULL) != 0)
			_exit(1);
		syscall(SYS_exit, 0); /* ends this thread only */
	}
	await_announcements(1);

	assert_int_equal(process_tree_count(getpid()), 1);
}

static int listening_socket(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || listen(fd, 1) < 0)
		abort();
	return fd;
}

static uint32_t inode_of(int fd)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		abort();
	return (uint32_t)status.st_ino;
}

/* Its own directory of descriptors is empty then; those of its threads are not. */
static void socket_of_a_process_whose_main_thread_has_ended_is_owned(void **state)
{
	int shared = listening_socket();
	struct process_socket sockets[2] = {{.inode = inode_of(shared)}, {.inode = UINT32_MAX}};
	size_t unreadable = 99;
	pthread_t thread;

	(void)state;
	if (fork_child() == 0) {
		if (pthread_create(&thread, NULL, outlive_main_thread, NULL) != 0)
			_exit(1);
		syscall(SYS_exit, 0); /* ends this thread only */
	}
	await_announcements(1);

	assert_int_equal(process_sockets_mark(getpid(), sockets, 2, &unreadable), 0);
	assert_true(sockets[0].owned);
	assert_false(sockets[1].owned);
	assert_int_equal(unreadable, 0);
	close(shared);
}

static void name_of_a_program_cannot_fake_its_parent(void **state)
{
	static const char *const names[] = {") Z 1 1 1", "(", ")", "a) R 1", "x\n) S 1 (", ""};
	const int count = sizeof names / sizeof names[0];

	(void)state;
	for (int i = 0; i < count; i++) {
		if (fork_child() == 0) {
			prctl(PR_SET_NAME, names[i]);
			announce_and_wait();
		}
	}
	await_announcements(count);

	assert_int_equal(process_tree_count(getpid()), count);
}

static void line_of_many_generations_is_followed(void **state)
{
	(void)state;
	fork_line(200);
	await_announcements(200);

	assert_int_equal(process_tree_count(getpid()), 200);
}

static void signal_reaches_every_descendant_and_counts_them(void **state)
{
	int killed = 0, status;

	(void)state;
	fork_line(3);
	fork_daemon();
	await_announcements(4);

	assert_int_equal(process_tree_signal(getpid(), SIGUSR1, NULL), 4);
	while (waitpid(-1, &status, 0) > 0)
		killed += WIFSIGNALED(status) && WTERMSIG(status) == SIGUSR1;
	assert_int_equal(killed, 4);
}

/* A grandchild holds the first as well as we do; only this process holds the last. */
static void socket_of_a_grandchild_is_owned_and_ours_is_not(void **state)
{
	int shared = listening_socket(), ours;
	struct process_socket sockets[3] = {{.inode = inode_of(shared)}, {.inode = UINT32_MAX}};
	size_t unreadable = 99;

	(void)state;
	fork_line(2);
	await_announcements(2);
	ours = listening_socket();
	sockets[2].inode = inode_of(ours);

	assert_int_equal(process_sockets_mark(getpid(), sockets, 3, &unreadable), 0);
	assert_true(sockets[0].owned);
	assert_false(sockets[1].owned);
	assert_false(sockets[2].owned);
	assert_int_equal(unreadable, 0);
	close(shared);
	close(ours);
}

static int count_unreadable(void)
{
	struct process_socket socket = {.inode = UINT32_MAX};
	size_t unreadable = 0;
	int r = process_sockets_mark(getpid(), &socket, 1, &unreadable);

	return r < 0 ? r : (int)unreadable;
}

static void fork_undumpable_child(void)
{
	if (fork_child() == 0) {
		prctl(PR_SET_DUMPABLE, 0);
		announce_and_wait();
	}
	await_announcements(1);
}

static int look_at_undumpable_child(void *arg)
{
	(void)arg;
	if (!sandbox_drop_capabilities())
		return INT32_MIN;
	fork_undumpable_child();
	fork_line(1);
	await_announcements(1);
	return count_unreadable();
}

static void descriptors_that_we_may_not_read_are_counted(void **state)
{
	(void)state;
	assert_int_equal(sandbox_call(look_at_undumpable_child, NULL), 1);
}

/* Had it looked on, it would have met a process that it may not read. */
static int look_for_marked_socket(void *arg)
{
	struct process_socket marked = {.inode = 1, .owned = true};
	size_t unreadable = 99;

	(void)arg;
	if (!sandbox_drop_capabilities())
		return INT32_MIN;
	fork_undumpable_child();
	if (process_sockets_mark(getpid(), &marked, 1, &unreadable) != 0)
		return INT32_MIN;
	return (int)unreadable;
}

static void search_ends_when_all_are_marked(void **state)
{
	(void)state;
	assert_int_equal(sandbox_call(look_for_marked_socket, NULL), 0);
}

/* A change of identity makes a process unreadable even for its new user, until it says otherwise. */
static bool become(uid_t uid)
{
	return setresgid(uid, uid, uid) == 0 && setresuid(uid, uid, uid) == 0 &&
	       prctl(PR_SET_DUMPABLE, 1) == 0;
}

static int look_at_child_of_another_user(void *arg)
{
	(void)arg;
	if (fork_child() == 0) {
		if (!become(UID_OF_APP))
			_exit(1);
		announce_and_wait();
	}
	await_announcements(1);
	return become(UID_OF_SHIM) ? count_unreadable() : INT32_MIN;
}

/* Tests with several users need to be root, at least of a container. */
static void skip_unless_root(void)
{
	if (geteuid() != 0)
		skip_test("needs root for a second uid");
}

static void descriptors_of_another_user_are_counted_as_unreadable(void **state)
{
	(void)state;
	skip_unless_root();
	assert_int_equal(sandbox_call(look_at_child_of_another_user, NULL), 1);
}

/* Our child is of another user, and has a child of ours: that one alone we may look at. */
static int look_past_hidden_child(void *arg)
{
	(void)arg;
	if (fork_child() == 0) {
		if (!become(fork_child() == 0 ? UID_OF_SHIM : UID_OF_APP))
			_exit(1);
		announce_and_wait();
	}
	await_announcements(2);
	return become(UID_OF_SHIM) ? count_unreadable() : INT32_MIN;
}

static void descent_that_hidepid_hides_is_counted_as_unreadable(void **state)
{
	(void)state;
	skip_unless_root();
	assert_int_equal(sandbox_call_as_pid1(look_past_hidden_child, NULL, "hidepid=1"), 2);
	assert_int_equal(sandbox_call_as_pid1(look_past_hidden_child, NULL, "hidepid=2"), 1);
}

/* We are PID 1, with children of three users, one of whose users we become. Returns how many may be signalled, with ten
 * for each of the others. */
static int signal_children_of_other_users(void *arg)
{
	static const uid_t users[] = {UID_OF_SHIM, UID_OF_APP, 0};
	unsigned refused = 0;
	int reached;

	(void)arg;
	for (size_t i = 0; i < sizeof users / sizeof users[0]; i++) {
		if (fork_child() > 0)
			continue;
		if (!become(users[i]))
			_exit(1);
		announce_and_wait();
	}
	await_announcements(3);
	if (!become(UID_OF_SHIM))
		return INT32_MIN;
	reached = process_tree_signal(1, SIGUSR1, &refused);
	return reached < 0 ? reached : reached + 10 * (int)refused;
}

static void a_process_that_may_not_be_signalled_is_counted_in_the_same_walk(void **state)
{
	(void)state;
	skip_unless_root();
	assert_int_equal(sandbox_call_as_pid1(signal_children_of_other_users, NULL, ""), 21);
}

static bool count_outside(void *arg, int proc, const struct process_stat *process)
{
	int *count = arg;

	(void)proc;
	*count += process->pid > 0;
	return true;
}

/* We are PID 1, with two children that have one each: for the first of them all but its own child are outside,
 * and so are we. Returns how many are found. */
static int count_strangers_of_a_child(void *arg)
{
	pid_t child = fork_line(2);
	int called = 0, found;

	(void)arg;
	fork_line(2);
	await_announcements(4);
	found = process_tree_for_each_outside(child, count_outside, &called);
	return found == called && process_tree_for_each_outside(1, count_outside, &called) == 0
		       ? found
		       : -1;
}

static void a_process_that_does_not_descend_from_the_root_is_outside(void **state)
{
	int found = sandbox_call_as_pid1(count_strangers_of_a_child, NULL, "");

	(void)state;
	if (found == INT32_MIN)
		skip_test("needs a pid namespace");
	assert_int_equal(found, 3);
}

static bool set_next_pid(int pid)
{
	char last[16];

	snprintf(last, sizeof last, "%d", pid - 1);
	return sandbox_write_file("/proc/sys/kernel/ns_last_pid", last);
}

/* A line in which each generation's pid is one step away from its parent's. Returns 0 if all of it
 * is counted. */
static int count_line_with_pid_steps(void *arg)
{
	const int generations = 40;
	int step = *(const int *)arg, pid = step > 0 ? 100 : 100 - step * generations;

	for (int i = 0; i < generations; i++, pid += step) {
		if (!set_next_pid(pid))
			return INT32_MIN;
		if (fork_child() > 0)
			break;
		if (getpid() != pid)
			_exit(1);
	}
	if (getpid() != 1)
		announce_and_wait();
	await_announcements(generations);
	return process_tree_count(1) == generations ? 0 : 1;
}

/* Powers of two are what a cache of fixed size confuses most. */
static void pids_may_be_in_any_order(void **state)
{
	int steps[] = {1, -1, -3, 256, -512};

	(void)state;
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		int r = sandbox_call_as_pid1(count_line_with_pid_steps, &steps[i], "");

		if (r == INT32_MIN)
			skip_test("needs a pid namespace and ns_last_pid");
		assert_int_equal(r, 0);
	}
}

static int count_from_pid1(void *arg)
{
	(void)arg;
	return process_tree_count(1);
}

static int signal_from_pid1(void *arg)
{
	(void)arg;
	return process_tree_signal(1, SIGWINCH, NULL);
}

static void proc_of_another_namespace_is_refused(void **state)
{
	(void)state;
	assert_int_equal(sandbox_call_as_pid1(count_from_pid1, NULL, NULL), -EXDEV);
	assert_int_equal(sandbox_call_as_pid1(signal_from_pid1, NULL, NULL), -EXDEV);
}

static int count_without_proc(void *arg)
{
	(void)arg;
	if (!sandbox_unshare(CLONE_NEWNS) || chroot("/sys") < 0)
		return INT32_MIN;
	return process_tree_count(1);
}

static void missing_proc_is_an_error(void **state)
{
	(void)state;
	assert_int_equal(sandbox_call(count_without_proc, NULL), -ENOENT);
}

/* Room for /proc itself, and for nothing in it. */
static int count_with_one_descriptor(void *arg)
{
	int next = open("/", O_RDONLY | O_CLOEXEC);
	struct rlimit limit = {(rlim_t)next + 1, (rlim_t)next + 1};

	(void)arg;
	fork_line(1);
	await_announcements(1);
	close(next);
	return setrlimit(RLIMIT_NOFILE, &limit) == 0 ? process_tree_count(getpid()) : INT32_MIN;
}

static void lack_of_descriptors_is_no_empty_tree(void **state)
{
	(void)state;
	assert_int_equal(sandbox_call(count_with_one_descriptor, NULL), -EMFILE);
}

/* What line_reader is given by /proc, but with lines at and around the size of its buffer. */
static void lines_across_the_ends_of_the_buffer_are_whole(void **state)
{
	static char filler[8192];
	struct line_reader reader;
	FILE *file = tmpfile();
	const char *line;
	size_t len;

	(void)state;
	assert_non_null(file);
	memset(filler, 'x', sizeof filler);
	for (size_t i = 1; i < sizeof reader.buf; i += 37)
		fprintf(file, "%.*s\n", (int)i, filler);
	fprintf(file, "%.*s\n", (int)sizeof reader.buf, filler); /* too long by its newline */
	fprintf(file, "%.*s\n", (int)sizeof filler - 1, filler);
	fprintf(file, "last\nhalf a line");
	rewind(file);

	line_reader_init(&reader, fileno(file));
	for (size_t i = 1; i < sizeof reader.buf; i += 37) {
		assert_int_equal(line_reader_next(&reader, &line, &len), 1);
		assert_int_equal(len, i);
		assert_int_equal(strlen(line), i);
	}
	assert_int_equal(line_reader_next(&reader, &line, &len), 1);
	assert_string_equal(line, "last");
	assert_int_equal(line_reader_next(&reader, &line, &len), 0);
	assert_int_equal(line_reader_next(&reader, &line, &len), 0);
	fclose(file);
}

#define FAMILY_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAMILY_TEST(nobody_descends_from_a_process_without_children),
		FAMILY_TEST(children_and_grandchildren_are_counted),
		FAMILY_TEST(root_and_its_siblings_are_not_counted),
		FAMILY_TEST(daemon_that_lost_its_parent_is_counted),
		FAMILY_TEST(zombie_is_not_counted_but_its_living_sibling_is),
		FAMILY_TEST(process_whose_main_thread_has_ended_is_counted),
		FAMILY_TEST(name_of_a_program_cannot_fake_its_parent),
		FAMILY_TEST(socket_of_a_process_whose_main_thread_has_ended_is_owned),
		FAMILY_TEST(name_of_a_program_cannot_fake_its_parent),
		FAMILY_TEST(line_of_many_generations_is_followed),
		FAMILY_TEST(signal_reaches_every_descendant_and_counts_them),
		FAMILY_TEST(a_process_that_may_not_be_signalled_is_counted_in_the_same_walk),
		FAMILY_TEST(socket_of_a_grandchild_is_owned_and_ours_is_not),
		FAMILY_TEST(descriptors_that_we_may_not_read_are_counted),
		FAMILY_TEST(search_ends_when_all_are_marked),
		FAMILY_TEST(descriptors_of_another_user_are_counted_as_unreadable),
		FAMILY_TEST(descent_that_hidepid_hides_is_counted_as_unreadable),
		FAMILY_TEST(a_process_that_does_not_descend_from_the_root_is_outside),
		FAMILY_TEST(pids_may_be_in_any_order),
		FAMILY_TEST(proc_of_another_namespace_is_refused),
		FAMILY_TEST(missing_proc_is_an_error),
		FAMILY_TEST(lack_of_descriptors_is_no_empty_tree),
		cmocka_unit_test(lines_across_the_ends_of_the_buffer_are_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
