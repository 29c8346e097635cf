/* SPDX-License-Identifier: MIT */
#include "drill/core/body_pattern.h"

#include "unit/guard_page.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char numbered[] = "00004711:00000000\n00004711:00000018\n00004711:00000036\n";
static const char other_number[] = "00004712:00000000\n00004712:00000018\n00004712:00000036\n";
#define NUMBERED_BYTES (sizeof numbered - 1)

static bool passes_in_pieces(struct body_check *check, const char *bytes, size_t len, size_t piece)
{
	bool is_right = true;

	for (size_t at = 0; is_right && at < len; at += piece) {
		size_t next = len - at < piece ? len - at : piece;

		is_right = body_check_bytes(check, guard_page_copy(bytes + at, next), next);
	}
	return is_right && body_check_is_whole(check);
}

static bool passes(enum body_pattern pattern, const char *bytes, size_t len, size_t piece)
{
	struct body_check check;

	body_check_start(&check, pattern, numbered, NUMBERED_BYTES);
	return passes_in_pieces(&check, bytes, len, piece);
}

static void names_are_read(void **state)
{
	static const char *const names[BODY_PATTERN_COUNT] = {
		[BODY_ANY] = "any", [BODY_SAME] = "same", [BODY_NUMBERED] = "numbered"};

	(void)state;
	for (int i = 0; i < BODY_PATTERN_COUNT; i++) {
		enum body_pattern pattern = BODY_PATTERN_COUNT;

		assert_int_equal(body_pattern_parse(names[i], &pattern), 0);
		assert_int_equal(pattern, i);
	}
	assert_int_equal(body_pattern_parse("other", &(enum body_pattern){BODY_ANY}), -EINVAL);
}

static void the_right_bytes_pass_however_they_are_cut(void **state)
{
	(void)state;
	for (size_t piece = 1; piece <= NUMBERED_BYTES; piece++) {
		assert_true(passes(BODY_NUMBERED, numbered, NUMBERED_BYTES, piece));
		assert_true(passes(BODY_NUMBERED, other_number, NUMBERED_BYTES, piece));
		assert_true(passes(BODY_SAME, numbered, NUMBERED_BYTES, piece));
		assert_false(passes(BODY_SAME, other_number, NUMBERED_BYTES, piece));
	}
}

/* A number's own digits may be any, as long as all lines have the same. */
static void one_wrong_byte_is_seen_wherever_it_is(void **state)
{
	char wrong[sizeof numbered];

	(void)state;
	for (size_t at = 0; at < NUMBERED_BYTES; at++) {
		memcpy(wrong, numbered, sizeof numbered);
		wrong[at] ^= 1;
		for (size_t piece = 1; piece <= NUMBERED_BYTES; piece++) {
			assert_false(passes(BODY_NUMBERED, wrong, NUMBERED_BYTES, piece));
			assert_false(passes(BODY_SAME, wrong, NUMBERED_BYTES, piece));
			assert_true(passes(BODY_ANY, wrong, NUMBERED_BYTES, piece));
		}
	}
}

/* Lost bytes shift all that follow; where what follows looks the same, they were lost at the end. */
static void a_shift_is_seen(void **state)
{
	char shifted[2 * sizeof numbered];

	(void)state;
	for (size_t at = 0; at < NUMBERED_BYTES; at++) {
		for (size_t size = 1; at + size < NUMBERED_BYTES; size++) {
			memcpy(shifted, numbered, at);
			memcpy(shifted + at, numbered + at + size, NUMBERED_BYTES - at - size);
			assert_int_equal(passes(BODY_NUMBERED, shifted, NUMBERED_BYTES - size, 7),
				memcmp(shifted, numbered, NUMBERED_BYTES - size) == 0);
		}
	}
}

static void another_answers_line_is_seen(void **state)
{
	char mixed[sizeof numbered];

	(void)state;
	memcpy(mixed, numbered, sizeof mixed);
	memcpy(mixed + 36, other_number + 36, 18);
	assert_false(passes(BODY_NUMBERED, mixed, NUMBERED_BYTES, 11));
}

static void a_body_of_another_length_is_not_the_same(void **state)
{
	(void)state;
	assert_false(passes(BODY_SAME, numbered, NUMBERED_BYTES - 1, 10));
	assert_false(passes(BODY_SAME, "00004711:00000000\n00004711:00000018\n00004711:00000036\n0",
		NUMBERED_BYTES + 1, 10));
	assert_true(passes(BODY_NUMBERED, numbered, 5, 2));
	assert_true(passes(BODY_NUMBERED, numbered, 0, 1));
	assert_false(passes(BODY_SAME, numbered, 0, 1));
}

static void the_first_answer_is_what_others_are_held_against(void **state)
{
	struct body_check check;

	(void)state;
	body_check_start(&check, BODY_SAME, "", 0);
	assert_true(body_check_bytes(
		&check, NULL, 0)); /* a head without a byte of the body behind it */
	body_check_start(&check, BODY_SAME, NULL, 0);
	assert_true(passes_in_pieces(&check, "anything", 8, 3));
}

static void offsets_of_large_bodies_are_right(void **state)
{
	struct body_check check;
	char line[32];

	(void)state;
	body_check_start(&check, BODY_NUMBERED, NULL, 0);
	for (int offset = 0; offset < 18 * 100000; offset += 18) {
		(void)snprintf(line, sizeof line, "%08d:%08d\n", 7, offset);
		assert_true(body_check_bytes(&check, line, 18));
	}
}

static void what_is_written_is_what_is_checked(void **state)
{
	char written[sizeof numbered];

	(void)state;
	for (size_t len = 0; len <= NUMBERED_BYTES; len++) {
		body_pattern_write_numbered(written, len, 4711);
		assert_memory_equal(written, numbered, len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_read),
		cmocka_unit_test(the_right_bytes_pass_however_they_are_cut),
		cmocka_unit_test(one_wrong_byte_is_seen_wherever_it_is),
		cmocka_unit_test(a_shift_is_seen),
		cmocka_unit_test(another_answers_line_is_seen),
		cmocka_unit_test(a_body_of_another_length_is_not_the_same),
		cmocka_unit_test(the_first_answer_is_what_others_are_held_against),
		cmocka_unit_test(what_is_written_is_what_is_checked),
		cmocka_unit_test(offsets_of_large_bodies_are_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
