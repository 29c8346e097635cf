/* SPDX-License-Identifier: MIT */
#include "sys/process_status.h"

#include "core/text/signal_name.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* What Go's linker leaves in each of its programs; here, in this test's own. */
__attribute__((section(".note.go.buildid"), aligned(4), used)) static const struct {
	uint32_t name_bytes, description_bytes, type;
	char name[4], description[8];
} go_build_id = {4, 8, 4, "Go", "an id"};

static int ready[2];
static pid_t child; /* ends when ready's other end is closed, at the latest with us */

static void ignore_it(int signal)
{
	(void)signal;
}

static int start_child(void **state)
{
	char byte;

	(void)state;
	if (pipe(ready) < 0)
		return -1;
	child = fork();
	if (child != 0)
		return child < 0 || read(ready[0], &byte, 1) != 1 ? -1 : 0;
	sigset_t set;
	alarm(60);
	signal(SIGTERM, ignore_it);
	signal(SIGRTMIN + 3, ignore_it);
	signal(SIGHUP, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	prctl(PR_SET_NAME, "a name \\ of \n 16 bytes", 0, 0, 0);
	if (write(ready[1], "r", 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

static int end_child(void **state)
{
	(void)state;
	kill(child, SIGKILL);
	(void)close(ready[0]);
	(void)close(ready[1]);
	return waitpid(child, NULL, 0) == child ? 0 : -1;
}

static void signals_are_told_apart(void **state)
{
	struct program program;

	(void)state;
	assert_int_equal(process_status_read(child, &program), 0);
	assert_true(program.signals_known);
	assert_true(program.caught & signal_bit(SIGTERM));
	assert_true(program.caught & signal_bit(37));
	assert_false(program.caught & (signal_bit(SIGHUP) | signal_bit(SIGQUIT) | signal_bit(64)));
	assert_true(program.ignored & signal_bit(SIGHUP));
	assert_false(program.ignored & signal_bit(SIGTERM));
	assert_int_equal(program.blocked, signal_bit(SIGUSR1));
}

/* While a thread waits for signals the kernel has them unblocked. */
static void waiting_for_signals_shows(void **state)
{
	struct program program = {.waits_for_signals = false};
	pid_t waiting = fork();
	sigset_t set;

	(void)state;
	if (waiting == 0) {
		alarm(60);
		sigemptyset(&set);
		sigaddset(&set, SIGTERM);
		sigprocmask(SIG_BLOCK, &set, NULL);
		_exit(sigwaitinfo(&set, NULL) == SIGTERM ? 7 : 1);
	}
	for (int i = 0; i < 3000 && !program.waits_for_signals; i++) {
		assert_int_equal(process_status_read(waiting, &program), 0);
		usleep(10000);
	}
	assert_true(program.waits_for_signals);
	assert_false(program.blocked & signal_bit(SIGTERM));
	kill(waiting, SIGKILL);
	assert_int_equal(waitpid(waiting, NULL, 0), waiting);
	assert_int_equal(process_status_read(child, &program), 0);
	assert_false(program.waits_for_signals);
}

static void names_are_read(void **state)
{
	struct program program;

	(void)state;
	assert_int_equal(process_status_read(child, &program), 0);
	assert_int_equal(strncmp(program.name, "a name", 6), 0);
	assert_string_equal(program.file, "test_kernel_process_status");
	assert_non_null(strstr(program.words, "test_kernel_process_status"));
	assert_true(program.words_len > strlen(program.words));
	assert_true(program.is_go);
}

static void what_is_no_process_is_an_error(void **state)
{
	pid_t gone = fork();
	struct program program;

	(void)state;
	if (gone == 0)
		_exit(0);
	assert_int_equal(waitpid(gone, NULL, 0), gone);
	assert_int_equal(process_status_read(gone, &program), -ESRCH);
	assert_int_equal(process_status_read(-1, &program), -ESRCH);
	assert_false(program.signals_known);
	assert_string_equal(program.name, "");
}

static int is_go(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), r;

	assert_true(fd >= 0);
	r = process_status_file_is_go(fd);
	close(fd);
	return r;
}

static void go_programs_are_recognised(void **state)
{
	(void)state;
	assert_int_equal(is_go("/proc/self/exe"), 1);
	assert_int_equal(is_go("/bin/sh"), 0);
	assert_int_equal(is_go("/etc/passwd"), 0);
	assert_int_equal(is_go("/dev/null"), -EBADMSG);
}

/* The end of a file that lies on a network may not be there when lastcall needs it. */
static void the_first_page_is_enough(void **state)
{
	char page[4096];
	int own = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), cut = memfd_create("cut", 0);

	(void)state;
	assert_int_equal(read(own, page, sizeof page), sizeof page);
	assert_int_equal(write(cut, page, sizeof page), sizeof page);
	assert_int_equal(process_status_file_is_go(cut), 1);
	close(cut);
	close(own);
}

/* Our own file, cut short or with a byte that says something else: whatever comes, it is an answer. */
static void broken_files_do_no_harm(void **state)
{
	static char bytes[1 << 20];
	FILE *own = fopen("/proc/self/exe", "rbe");
	size_t len;

	(void)state;
	assert_non_null(own);
	len = fread(bytes, 1, sizeof bytes, own);
	fclose(own);
	assert_true(len > 64);
	for (size_t at = 0; at < 64; at++) {
		char path[] = "/tmp/lastcall-test-XXXXXX";
		int fd = mkstemp(path), r;

		assert_true(fd >= 0);
		unlink(path);
		bytes[at] = (char)~bytes[at];
		assert_int_equal(write(fd, bytes, len), len);
		bytes[at] = (char)~bytes[at];
		r = process_status_file_is_go(fd);
		assert_true(r == 0 || r == 1 || r == -EBADMSG);
		assert_int_equal(ftruncate(fd, (off_t)at), 0);
		assert_int_equal(process_status_file_is_go(fd), -EBADMSG);
		close(fd);
	}
}

#define WITH_CHILD(test) cmocka_unit_test_setup_teardown(test, start_child, end_child)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_CHILD(signals_are_told_apart),
		WITH_CHILD(waiting_for_signals_shows),
		WITH_CHILD(names_are_read),
		cmocka_unit_test(what_is_no_process_is_an_error),
		cmocka_unit_test(go_programs_are_recognised),
		cmocka_unit_test(the_first_page_is_enough),
		cmocka_unit_test(broken_files_do_no_harm),
	};

	(void)go_build_id;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
