/* SPDX-License-Identifier: MIT */
#include "core/tcp/survey_choice.h"

enum survey_choice survey_choose(const struct survey_facts *facts, msec_t now)
{
	if (!facts->is_stopping || facts->app_ended || now < facts->due_at)
		return SURVEY_NONE;
	return facts->may_be_last || !facts->is_surveyed ? SURVEY_BY_POLL : SURVEY_BY_ITSELF;
}
