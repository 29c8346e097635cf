/* SPDX-License-Identifier: MIT */
#include "lastcall/loop_memory.h"

#include <ev.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#define FIRST_FD 16 /* above what the test itself has open */

static bool is_watching;
static unsigned asked_while_watching, not_set_aside;

static void *note_allocation(void *memory, long bytes)
{
	size_t left = loop_memory_left();
	void *block = loop_memory_resize(memory, bytes);

	if (is_watching && bytes > 0) {
		asked_while_watching++;
		not_set_aside += loop_memory_left() == left;
	}
	return block;
}

static void on_ready(struct ev_loop *loop, ev_io *io, int events)
{
	(void)loop;
	(void)events;
	++*(unsigned *)io->data;
}

/* What the supervisor does before the application starts. */
static struct ev_loop *make_loop(void)
{
	struct ev_loop *loop = ev_loop_new(EVFLAG_NOENV | EVBACKEND_EPOLL);

	assert_non_null(loop);
	return loop;
}

static void all_descriptors_ready_at_once_need_no_other_memory(void **state)
{
	static ev_io ios[LOOP_MEMORY_DESCRIPTORS];
	struct ev_loop *loop = make_loop();
	int ready = eventfd(1, EFD_CLOEXEC);
	unsigned called = 0;

	(void)state;
	assert_true(ready >= 0 && ready < FIRST_FD);
	is_watching = true;
	for (int fd = FIRST_FD; fd < LOOP_MEMORY_DESCRIPTORS; fd++) {
		assert_int_equal(dup2(ready, fd), fd);
		ev_io_init(&ios[fd], on_ready, fd, EV_READ);
		ios[fd].data = &called;
		ev_set_priority(&ios[fd], fd % 2 == 0 ? EV_MAXPRI : 0);
		ev_io_start(loop, &ios[fd]);
	}
	for (int pass = 0; pass < 12; pass++) /* the events' array doubles once a pass */
		ev_run(loop, EVRUN_NOWAIT);
	is_watching = false;
	assert_true(called > 2 * LOOP_MEMORY_DESCRIPTORS);
	assert_true(asked_while_watching > 4);
	assert_int_equal(not_set_aside, 0);
	for (int fd = FIRST_FD; fd < LOOP_MEMORY_DESCRIPTORS; fd++)
		(void)close(fd);
	(void)close(ready);
	ev_loop_destroy(loop);
}

static void all_of_it_comes_back_with_the_loop(void **state)
{
	size_t whole = loop_memory_left();
	struct ev_loop *loop = make_loop();

	(void)state;
	assert_true(loop_memory_left() < whole);
	ev_loop_destroy(loop);
	assert_int_equal(loop_memory_left(), whole);
}

static void what_is_in_a_block_moves_with_it(void **state)
{
	char *block = loop_memory_resize(NULL, 100), *larger, *smaller;

	(void)state;
	memset(block, 'x', 100);
	larger = loop_memory_resize(block, 5000);
	assert_memory_equal(larger, block, 100); /* the old place is not used again */
	smaller = loop_memory_resize(larger, 10);
	assert_memory_equal(smaller, "xxxxxxxxxx", 10);
	assert_null(loop_memory_resize(smaller, 0));
	assert_null(loop_memory_resize(NULL, 0));
}

static void what_does_not_fit_comes_from_elsewhere(void **state)
{
	size_t whole = loop_memory_left();
	long bytes = (long)whole * 2;
	char *block = loop_memory_resize(NULL, 64), *large;

	(void)state;
	memset(block, 'x', 64);
	large = loop_memory_resize(block, bytes);
	assert_non_null(large);
	assert_memory_equal(large, "xxxxxxxxxxxxxxxx", 16);
	memset(large, 'y', (size_t)bytes);
	assert_int_equal(loop_memory_left(), whole);
	large = loop_memory_resize(large, 2 * bytes);
	assert_int_equal(large[bytes - 1], 'y');
	(void)loop_memory_resize(large, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_descriptors_ready_at_once_need_no_other_memory),
		cmocka_unit_test(all_of_it_comes_back_with_the_loop),
		cmocka_unit_test(what_is_in_a_block_moves_with_it),
		cmocka_unit_test(what_does_not_fit_comes_from_elsewhere),
	};

	ev_set_allocator(note_allocation);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
