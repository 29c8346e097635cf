/* SPDX-License-Identifier: MIT */
/* BODY_SAME: the response that all later ones of a request are compared with is fetched once before the
 * stop, as fast as it comes. */
#pragma once

#include "drill/load/load_settings.h"
#include "drill/load/load_conn.h"

struct reference {
	struct request fetched; /* the request without its pace */
	struct request *compared; /* whose responses are compared; gets the body */
	enum cohort cohort;
	struct body_capture answer;
	bool is_needed;
	bool is_under_way;
	size_t last_attempt; /* NO_ATTEMPT: none has ended */
	int64_t not_before_us; /* when to try again */
};

/* is_needed: some connection will carry `compared`. Returns 0 or -ENOMEM. */
int reference_init(struct reference *reference, struct request *compared, enum cohort cohort,
	bool is_needed, const struct load_settings *settings, const struct load_request *wanted);
void reference_done(struct reference *reference);

/* Fetches it, where that is needed and not under way. Returns whether it is there, or not needed. */
bool reference_ramp(struct reference *reference, struct load_conns *conns, int64_t now_us);
