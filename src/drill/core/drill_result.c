/* SPDX-License-Identifier: MIT */
#include "drill/core/drill_result.h"

const char *verdict_name(enum verdict verdict)
{
	static const char *const names[] = {
		[VERDICT_PASS] = "pass",
		[VERDICT_FAIL] = "fail",
		[VERDICT_INCONCLUSIVE] = "inconclusive",
	};

	return names[verdict];
}

unsigned drill_result_failed_checks(const struct drill_result *result)
{
	unsigned failed = 0;

	for (unsigned i = 0; i < result->check_count; i++)
		failed += !result->checks[i].has_passed;
	return failed;
}

const char *drill_result_event(const struct drill_result *result)
{
	return result->run_count > 0 && result->runs[0].is_deployment ? "deployment" : "stop";
}
