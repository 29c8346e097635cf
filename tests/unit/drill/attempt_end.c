/* SPDX-License-Identifier: MIT */
#include "drill/core/attempt_end.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define REQUEST .has_request = true
#define CONNECTED REQUEST, .was_connected = true
#define USED CONNECTED, .was_used = true
#define ANSWERING USED, .has_first_byte = true
#define ANSWERED ANSWERING, .cause = END_ANSWERED

static const struct {
	struct attempt_end end;
	enum outcome outcome;
} cases[] = {
	{{ANSWERED, .http_status = 200}, OUTCOME_OK},
	{{ANSWERED, .http_status = 302, .is_after_stop = true}, OUTCOME_OK},
	{{ANSWERED, .http_status = 404}, OUTCOME_HTTP_4XX},
	{{ANSWERED, .http_status = 500, .is_after_stop = true}, OUTCOME_HTTP_5XX},
	{{ANSWERED, .http_status = 502, .is_after_stop = true, .says_goodbye = true},
		OUTCOME_HTTP_5XX},
	/* 503 is a goodbye when it is one, and nothing else */
	{{ANSWERED, .http_status = 503, .is_after_stop = true, .says_goodbye = true},
		OUTCOME_HTTP_503_DRAINING},
	{{ANSWERED, .http_status = 503, .is_after_stop = true}, OUTCOME_HTTP_5XX},
	{{ANSWERED, .http_status = 503, .says_goodbye = true}, OUTCOME_HTTP_5XX},
	/* what connect says */
	{{REQUEST, .cause = END_FAILED, .error = ECONNREFUSED}, OUTCOME_REFUSED},
	{{REQUEST, .cause = END_FAILED, .error = ECONNRESET}, OUTCOME_RESET_CONNECT},
	{{REQUEST, .cause = END_FAILED, .error = ETIMEDOUT}, OUTCOME_TIMEOUT_CONNECT},
	{{REQUEST, .cause = END_TOO_LATE}, OUTCOME_TIMEOUT_CONNECT},
	{{REQUEST, .cause = END_FAILED, .error = EHOSTUNREACH}, OUTCOME_UNREACHABLE},
	{{REQUEST, .cause = END_FAILED, .error = ENETUNREACH}, OUTCOME_UNREACHABLE},
	{{REQUEST, .cause = END_FAILED, .error = EMFILE}, OUTCOME_CLIENT_ERROR},
	{{REQUEST, .cause = END_FAILED, .error = EADDRNOTAVAIL}, OUTCOME_CLIENT_ERROR},
	{{REQUEST, .cause = END_FAILED, .error = EPERM}, OUTCOME_CLIENT_ERROR},
	{{CONNECTED, .cause = END_FAILED, .error = EKEYREJECTED}, OUTCOME_CLIENT_ERROR},
	/* before the first byte of the answer */
	{{CONNECTED, .cause = END_FAILED, .error = ECONNRESET}, OUTCOME_RESET_CONNECT},
	{{USED, .cause = END_FAILED, .error = ECONNRESET}, OUTCOME_RESET_BEFORE_RESPONSE},
	{{USED, .cause = END_FAILED, .error = EPIPE}, OUTCOME_RESET_BEFORE_RESPONSE},
	{{CONNECTED, .cause = END_CLOSED}, OUTCOME_EOF_BEFORE_RESPONSE},
	{{USED, .cause = END_CLOSED}, OUTCOME_EOF_BEFORE_RESPONSE},
	{{CONNECTED, .cause = END_TOO_LATE}, OUTCOME_TIMEOUT_RESPONSE},
	{{USED, .cause = END_FAILED, .error = ETIMEDOUT}, OUTCOME_TIMEOUT_RESPONSE},
	{{CONNECTED, .cause = END_FAILED, .error = EHOSTUNREACH}, OUTCOME_UNREACHABLE},
	{{CONNECTED, .cause = END_BAD_ANSWER}, OUTCOME_CORRUPT},
	{{USED, .cause = END_REFUSED}, OUTCOME_GOAWAY},
	/* within the answer */
	{{ANSWERING, .cause = END_FAILED, .error = ECONNRESET}, OUTCOME_RESET_MID_BODY},
	{{ANSWERING, .cause = END_CLOSED}, OUTCOME_TRUNCATED},
	{{ANSWERING, .cause = END_TOO_LATE}, OUTCOME_STALLED},
	{{ANSWERING, .cause = END_FAILED, .error = ETIMEDOUT}, OUTCOME_STALLED},
	{{ANSWERING, .cause = END_FAILED, .error = EHOSTUNREACH}, OUTCOME_STALLED},
	{{ANSWERING, .cause = END_BAD_ANSWER}, OUTCOME_CORRUPT},
	/* connections that carry nothing */
	{{.cause = END_CLOSED, .was_connected = true}, OUTCOME_OK},
	{{.cause = END_NOT_NEEDED, .was_connected = true}, OUTCOME_OK},
	{{.cause = END_FAILED, .error = ECONNRESET, .was_connected = true}, OUTCOME_RESET_CONNECT},
	{{.cause = END_FAILED, .error = ECONNREFUSED}, OUTCOME_REFUSED},
};

static void each_end_has_its_word(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(outcome_name(attempt_end_outcome(&cases[i].end)),
			outcome_name(cases[i].outcome));
}

static void each_word_has_an_end(void **state)
{
	bool was_seen[OUTCOME_COUNT] = {false};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		was_seen[cases[i].outcome] = true;
	was_seen[OUTCOME_HTTP_OTHER] = true; /* which only the time before the stop can tell */
	for (int i = 0; i < OUTCOME_COUNT; i++)
		assert_true(was_seen[i]);
}

static void safe_is_what_nobody_took(void **state)
{
	struct attempt_end end = {REQUEST, .cause = END_FAILED, .error = ECONNREFUSED};

	(void)state;
	assert_true(attempt_end_is_retry_safe(&end));
	end = (struct attempt_end){USED, .cause = END_CLOSED};
	assert_true(attempt_end_is_retry_safe(&end));
	end.sent_bytes = 9;
	assert_true(attempt_end_is_retry_safe(&end));
	end.acknowledged_bytes = 1;
	assert_false(attempt_end_is_retry_safe(&end));
	end = (struct attempt_end){USED, .cause = END_FAILED, .error = ECONNRESET};
	assert_true(attempt_end_is_retry_safe(&end));
	end.sent_bytes = 9; /* whatever was acknowledged */
	assert_false(attempt_end_is_retry_safe(&end));
	end = (struct attempt_end){
		USED, .cause = END_REFUSED, .sent_bytes = 9, .acknowledged_bytes = 9};
	assert_true(attempt_end_is_retry_safe(&end)); /* the server says so */
	end = (struct attempt_end){ANSWERED, .http_status = 200};
	assert_false(attempt_end_is_retry_safe(&end));
	end = (struct attempt_end){ANSWERING, .cause = END_CLOSED};
	assert_false(attempt_end_is_retry_safe(&end));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_end_has_its_word),
		cmocka_unit_test(each_word_has_an_end),
		cmocka_unit_test(safe_is_what_nobody_took),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
