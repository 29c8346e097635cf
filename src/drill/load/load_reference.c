/* SPDX-License-Identifier: MIT */
#include "drill/load/load_reference.h"

#include "drill/load/load_ramp_rate.h"

#include <stdlib.h>

static void on_end(struct load_conn *conn, const struct client_end *end)
{
	struct reference *reference = conn->owner;
	bool is_fetched = end->end.cause == END_ANSWERED && end->end.http_status < 300 &&
			  !reference->answer.is_too_large;

	reference->is_under_way = false;
	reference->last_attempt = conn->last_attempt;
	reference->not_before_us = end->end_us + LOAD_RAMP_RETRY_US;
	if (is_fetched) {
		reference->is_needed = false;
		reference->compared->same = reference->answer.bytes;
		reference->compared->same_len = reference->answer.len;
	} else {
		free(reference->answer.bytes);
	}
	reference->answer = (struct body_capture){.bytes = NULL};
}

int reference_init(struct reference *reference, struct request *compared, enum cohort cohort,
	bool is_needed, const struct load_settings *settings, const struct load_request *wanted)
{
	struct load_request unpaced = *wanted;

	unpaced.upload_bytes_per_s = unpaced.read_bytes_per_s = 0;
	*reference = (struct reference){
		.compared = compared,
		.cohort = cohort,
		.is_needed = is_needed && wanted->pattern == BODY_SAME,
		.last_attempt = NO_ATTEMPT,
	};
	return request_init(&reference->fetched, settings->target, &unpaced, &settings->form, true);
}

void reference_done(struct reference *reference)
{
	request_done(&reference->fetched);
	free(reference->answer.bytes);
}

bool reference_ramp(struct reference *reference, struct load_conns *conns, int64_t now_us)
{
	struct load_conn *conn;

	if (!reference->is_needed)
		return true;
	if (reference->is_under_way || now_us < reference->not_before_us)
		return false;
	conn = load_conn_new(conns, reference->cohort, &reference->fetched);
	if (conn == NULL)
		return false;
	reference->is_under_way = true;
	conn->capture = &reference->answer;
	conn->on_end = on_end;
	conn->owner = reference;
	load_conn_ask(conn, now_us);
	return false;
}
