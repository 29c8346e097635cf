/* SPDX-License-Identifier: MIT */
#include "drill/core/body_pattern.h"

#include <errno.h>
#include <string.h>

#define NUMBER_BYTES 8
#define LINE_BYTES 18
_Static_assert(sizeof(((struct body_check *)0)->number) == NUMBER_BYTES, "a number does not fit");

static const char *const names[] = {
	[BODY_ANY] = "any",
	[BODY_SAME] = "same",
	[BODY_NUMBERED] = "numbered",
};
_Static_assert(sizeof names / sizeof *names == BODY_PATTERN_COUNT, "a pattern has no name");

int body_pattern_parse(const char *word, enum body_pattern *ret_pattern)
{
	for (int i = 0; i < BODY_PATTERN_COUNT; i++) {
		if (strcmp(word, names[i]) == 0) {
			*ret_pattern = (enum body_pattern)i;
			return 0;
		}
	}
	return -EINVAL;
}

void body_check_start(
	struct body_check *check, enum body_pattern pattern, const char *same, size_t same_bytes)
{
	*check = (struct body_check){.pattern = pattern, .same = same, .same_bytes = same_bytes};
}

static bool is_same(const struct body_check *check, const char *bytes, size_t len)
{
	size_t offset = (size_t)check->offset;

	if (check->same == NULL)
		return true;
	return len <= check->same_bytes - offset && memcmp(check->same + offset, bytes, len) == 0;
}

static void write_digits(char *digits, int64_t number)
{
	for (size_t i = NUMBER_BYTES; i > 0; i--) {
		digits[i - 1] = (char)('0' + number % 10);
		number /= 10;
	}
}

/* The line that the offset is in, as it has to be. Not printf, which would take most of the time that
 * a drill with large bodies has. */
static void write_line(const char number[NUMBER_BYTES], int64_t offset, char line[LINE_BYTES])
{
	memcpy(line, number, NUMBER_BYTES);
	line[NUMBER_BYTES] = ':';
	write_digits(line + NUMBER_BYTES + 1, offset - offset % LINE_BYTES);
	line[LINE_BYTES - 1] = '\n';
}

void body_pattern_write_numbered(char *buf, size_t len, unsigned number)
{
	char digits[NUMBER_BYTES], line[LINE_BYTES];

	write_digits(digits, number);
	for (size_t at = 0; at < len; at += LINE_BYTES) {
		write_line(digits, (int64_t)at, line);
		memcpy(buf + at, line, len - at < LINE_BYTES ? len - at : LINE_BYTES);
	}
}

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

static bool is_numbered(struct body_check *check, const char *bytes, size_t len)
{
	char line[LINE_BYTES];
	int64_t offset = check->offset;

	for (; len > 0 && offset < NUMBER_BYTES; bytes++, len--) {
		if (!is_digit(*bytes))
			return false;
		check->number[offset++] = *bytes;
	}
	while (len > 0) {
		size_t at = (size_t)(offset % LINE_BYTES), piece = LINE_BYTES - at;

		if (piece > len)
			piece = len;
		write_line(check->number, offset, line);
		if (memcmp(line + at, bytes, piece) != 0)
			return false;
		bytes += piece;
		len -= piece;
		offset += (int64_t)piece;
	}
	return true;
}

bool body_check_bytes(struct body_check *check, const char *bytes, size_t len)
{
	bool is_right = true;

	if (len == 0)
		return true;
	switch (check->pattern) {
	case BODY_SAME:
		is_right = is_same(check, bytes, len);
		break;
	case BODY_NUMBERED:
		is_right = is_numbered(check, bytes, len);
		break;
	case BODY_ANY:
	case BODY_PATTERN_COUNT:
		break;
	}
	if (is_right)
		check->offset += (int64_t)len;
	return is_right;
}

bool body_check_is_whole(const struct body_check *check)
{
	return check->pattern != BODY_SAME || check->same == NULL ||
	       (size_t)check->offset == check->same_bytes;
}
