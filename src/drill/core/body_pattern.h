/* SPDX-License-Identifier: MIT */
/* What the bytes of an answer have to be, so that one that is lost, doubled, or of another answer is seen
 * where it stands. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum body_pattern {
	BODY_ANY, /* not checked: only how many they are */
	BODY_SAME, /* as the first whole answer to the same request, before the stop */
	BODY_NUMBERED, /* lines of 18 bytes, NNNNNNNN:OOOOOOOO and a newline: a number that is the same
			* in all of them, and the line's offset, both decimal. The last may be cut */
	BODY_PATTERN_COUNT,
};

/* Reads "any", "same" or "numbered". Returns 0, or -EINVAL for another word. */
int body_pattern_parse(const char *word, enum body_pattern *ret_pattern);

/* One body that is checked as it comes. */
struct body_check {
	enum body_pattern pattern;
	const char *same; /* BODY_SAME: what it has to be; NULL: not known yet, anything goes */
	size_t same_bytes;
	int64_t offset; /* of the next byte */
	char number[8]; /* BODY_NUMBERED: as the first line has it */
};

void body_check_start(
	struct body_check *check, enum body_pattern pattern, const char *same, size_t same_bytes);

/* The next bytes. False as soon as one of them is not what has to stand there. */
bool body_check_bytes(struct body_check *check, const char *bytes, size_t len);

/* The body is over: false where it ended before its pattern did. */
bool body_check_is_whole(const struct body_check *check);

/* A whole body of BODY_NUMBERED; number below 100,000,000. */
void body_pattern_write_numbered(char *buf, size_t len, unsigned number);
