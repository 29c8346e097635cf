/* SPDX-License-Identifier: MIT */
/* Scale-in protection: when it is asked for, and what an answer means. The answers are those of the documentation and
 * of the agent's source. */
#include "core/ecs/protection_answer.h"
#include "core/ecs/protection_plan.h"

#include "unit/guard_page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define SECOND 1000
#define MINUTE (60 * SECOND)

static struct protection_plan plan;

static void start(void)
{
	protection_plan_init(&plan, &protection_times_default, 0);
}

/* One look. */
static enum protection_request look(bool has_work, msec_t now)
{
	protection_plan_note_work(&plan, has_work, now);
	return protection_plan_request(&plan, now);
}

static void answer(enum protection_request request, bool is_done, msec_t now)
{
	protection_plan_note_answer(&plan, request, is_done, now, now);
}

static void work_begins_a_protection_and_rest_ends_it(void **state)
{
	(void)state;
	start();
	assert_int_equal(look(false, 10 * SECOND), PROTECTION_LEAVE);
	assert_int_equal(look(true, 20 * SECOND), PROTECTION_BEGIN);
	assert_false(protection_plan_is_protected(&plan, 20 * SECOND));
	answer(PROTECTION_BEGIN, true, 20 * SECOND);
	assert_true(protection_plan_is_protected(&plan, 20 * SECOND));
	assert_int_equal(look(true, 30 * SECOND), PROTECTION_LEAVE);
	assert_int_equal(look(false, 40 * SECOND), PROTECTION_LEAVE);
	assert_int_equal(look(false, 90 * SECOND), PROTECTION_LEAVE);
	assert_int_equal(look(false, 100 * SECOND), PROTECTION_END);
	answer(PROTECTION_END, true, 100 * SECOND);
	assert_false(protection_plan_is_protected(&plan, 100 * SECOND));
	assert_int_equal(look(false, 110 * SECOND), PROTECTION_LEAVE);
}

static void traffic_with_pauses_keeps_one_protection(void **state)
{
	unsigned requests = 0;

	(void)state;
	start();
	for (msec_t now = 10 * SECOND; now <= 60 * MINUTE; now += 10 * SECOND) {
		enum protection_request request = look(now % MINUTE == 0, now);

		assert_true(request != PROTECTION_END);
		if (request == PROTECTION_BEGIN) {
			requests++;
			answer(request, true, now);
		}
		assert_true(now < MINUTE || protection_plan_is_protected(&plan, now));
	}
	assert_int_in_range(requests, 10, 12); /* an hour, renewed every five or six minutes */
}

static void a_protection_that_is_not_renewed_expires(void **state)
{
	(void)state;
	start();
	assert_int_equal(look(true, SECOND), PROTECTION_BEGIN);
	answer(PROTECTION_BEGIN, true, SECOND);
	assert_true(protection_plan_is_protected(&plan, 10 * MINUTE));
	assert_false(protection_plan_is_protected(&plan, 10 * MINUTE + SECOND));
	assert_int_equal(look(false, 11 * MINUTE), PROTECTION_LEAVE);
	assert_int_equal(look(false, 13 * MINUTE), PROTECTION_LEAVE); /* there is nothing to end */
}

static void failures_are_repeated_ever_more_rarely(void **state)
{
	unsigned requests = 0;

	(void)state;
	start();
	for (msec_t now = 10 * SECOND; now <= 60 * MINUTE; now += 10 * SECOND) {
		if (look(true, now) != PROTECTION_BEGIN)
			continue;
		requests++;
		answer(PROTECTION_BEGIN, false, now);
		assert_false(protection_plan_is_protected(&plan, now));
	}
	assert_int_in_range(requests, 14, 18);
}

static void a_failure_leaves_what_ecs_has_confirmed(void **state)
{
	(void)state;
	start();
	assert_int_equal(look(true, SECOND), PROTECTION_BEGIN);
	answer(PROTECTION_BEGIN, true, SECOND);
	assert_int_equal(look(true, 6 * MINUTE), PROTECTION_BEGIN);
	answer(PROTECTION_BEGIN, false, 6 * MINUTE);
	assert_true(protection_plan_is_protected(&plan, 7 * MINUTE));
	assert_int_equal(look(false, 8 * MINUTE), PROTECTION_LEAVE);
	assert_int_equal(look(false, 9 * MINUTE), PROTECTION_END);
	answer(PROTECTION_END, false, 9 * MINUTE);
	assert_true(protection_plan_is_protected(&plan, 9 * MINUTE));
	assert_int_equal(look(false, 9 * MINUTE + 20 * SECOND), PROTECTION_END); /* tried again */
}

static void requests_are_what_the_agent_takes(void **state)
{
	char buf[128];
	struct text text;

	(void)state;
	text_init(&text, buf, sizeof buf);
	protection_add_request(&text, true, 10);
	assert_string_equal(buf, "{\"ProtectionEnabled\":true,\"ExpiresInMinutes\":10}");
	text_init(&text, buf, sizeof buf);
	protection_add_request(&text, false, 10);
	assert_string_equal(buf, "{\"ProtectionEnabled\":false}");
}

#define ARN "arn:aws:ecs:us-west-2:111122223333:task/1234567890abcdef0"

static const struct {
	int status;
	const char *json;
	bool is_on; /* asked for */
	const char *reason; /* NULL: confirmed */
} answers[] = {
	{200,
		"{\"protection\":{\"ExpirationDate\":\"2023-12-20T21:57:44.837Z\","
		"\"ProtectionEnabled\":true,\"TaskArn\":\"" ARN "\"}}",
		true, NULL},
	{200,
		"{\"protection\":{\"ExpirationDate\":null,\"ProtectionEnabled\":false,\"TaskArn\":"
		"\"" ARN "\"}}",
		false, NULL},
	{200,
		"{\"protection\":{\"ExpirationDate\":null,\"ProtectionEnabled\":false,\"TaskArn\":"
		"\"" ARN "\"}}",
		true, "the task is still unprotected"},
	{200, "{\"failure\":{\"Arn\":\"" ARN "\",\"Detail\":null,\"Reason\":\"TASK_NOT_VALID\"}}",
		true, "TASK_NOT_VALID"},
	{200,
		"{\"failure\":{\"Arn\":\"" ARN
		"\",\"Detail\":\"too many\",\"Reason\":\"DEPLOYMENT_BLOCKED\"}}",
		true, "DEPLOYMENT_BLOCKED: too many"},
	{403,
		"{\"requestID\":\"12345\",\"error\":{\"Arn\":\"" ARN
		"\",\"Code\":\"AccessDeniedException\",\"Message\":\"no role\"}}",
		true, "AccessDeniedException: no role"},
	{504,
		"{\"error\":{\"Arn\":\"" ARN
		"\",\"Code\":\"RequestCanceled\",\"Message\":\"Timed out\"}}",
		true, "RequestCanceled: Timed out"},
	{404, "404 page not found", true, "the agent answered 404"},
	{500, "", true, "the agent answered 500"},
	{200, "", true, "the agent's answer cannot be read"},
	{200, "{}", true, "the agent's answer cannot be read"},
	{200, "{\"protection\":{\"ProtectionEnabled\":\"true\"}}", true,
		"the agent's answer cannot be read"},
	{200, "{\"protection\":{\"ProtectionEnabled\":true}", true,
		"the agent's answer cannot be read"},
	{200, "{\"other\":{\"ProtectionEnabled\":true}}", true,
		"the agent's answer cannot be read"},
};

static void an_answer_counts_by_its_body(void **state)
{
	char buf[384];
	struct text reason;

	(void)state;
	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
		const size_t len = strlen(answers[i].json);

		text_init(&reason, buf, sizeof buf);
		assert_int_equal(protection_answer_confirms(answers[i].status,
					 guard_page_copy(answers[i].json, len), len,
					 answers[i].is_on, &reason),
			answers[i].reason == NULL);
		assert_string_equal(buf, answers[i].reason != NULL ? answers[i].reason : "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(work_begins_a_protection_and_rest_ends_it),
		cmocka_unit_test(traffic_with_pauses_keeps_one_protection),
		cmocka_unit_test(a_protection_that_is_not_renewed_expires),
		cmocka_unit_test(failures_are_repeated_ever_more_rarely),
		cmocka_unit_test(a_failure_leaves_what_ecs_has_confirmed),
		cmocka_unit_test(requests_are_what_the_agent_takes),
		cmocka_unit_test(an_answer_counts_by_its_body),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
