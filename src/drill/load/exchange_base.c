/* SPDX-License-Identifier: MIT */
#include "drill/load/exchange_base.h"

#include "drill/core/pace.h"

#include <stdlib.h>
#include <string.h>

#define CAPTURE_MAX_BYTES ((size_t)256 << 20)

struct exchange_step exchange_over(enum attempt_end_cause cause, int error)
{
	return (struct exchange_step){.wants = EXCHANGE_IS_OVER, .cause = cause, .error = error};
}

int64_t exchange_allowance(
	const struct exchange *exchange, int64_t bytes_per_s, int64_t done, int64_t now_us)
{
	if (bytes_per_s == 0)
		return INT64_MAX;
	return pace_allowance(bytes_per_s, now_us - exchange->sent_from_us, done);
}

void exchange_note_first_byte(struct exchange *exchange, int64_t now_us)
{
	if (exchange->first_byte_us == EXCHANGE_NEVER)
		exchange->first_byte_us = now_us;
}

static void capture_bytes(struct body_capture *capture, const char *bytes, size_t len)
{
	if (capture->is_too_large)
		return;
	if (capture->most > 0 && len > capture->most - capture->len)
		len = capture->most - capture->len;
	if (capture->bytes == NULL || len > capture->cap - capture->len) {
		size_t cap = (capture->len + len) * 2 + 1;
		char *larger = cap <= 2 * CAPTURE_MAX_BYTES ? realloc(capture->bytes, cap) : NULL;

		if (larger == NULL) {
			capture->is_too_large = true;
			return;
		}
		capture->bytes = larger;
		capture->cap = cap;
	}
	if (len > 0)
		memcpy(capture->bytes + capture->len, bytes, len);
	capture->len += len;
}

bool exchange_take_body(struct exchange *exchange, int status, const char *bytes, size_t len)
{
	/* an error response has a body of its own, whatever the pattern of the expected one is */
	if (status < 300 && !body_check_bytes(&exchange->check, bytes, len))
		return false;
	if (exchange->capture != NULL)
		capture_bytes(exchange->capture, bytes, len);
	return true;
}

struct exchange_step exchange_end_whole(const struct exchange *exchange, int status)
{
	bool is_right = status >= 300 || body_check_is_whole(&exchange->check);

	return exchange_over(is_right ? END_ANSWERED : END_BAD_ANSWER, 0);
}
