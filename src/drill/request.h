/* SPDX-License-Identifier: MIT */
/* The bytes of one kind of request, made once and sent by all who ask it. */
#pragma once

#include "drill/core/body_pattern.h"
#include "drill/target.h"

struct load_request;

struct request {
	char *head, *body;
	size_t head_len, body_len;
	int64_t upload_bytes_per_s, read_bytes_per_s; /* 0: as fast as it goes */
	bool is_long_answer; /* see load.h */
	enum body_pattern pattern;
	char *same; /* BODY_SAME: the answer that was learned; NULL: not yet */
	size_t same_len;
};

/* closes: the server is asked to end the connection. headers: more of them, each with its CRLF, or
 * NULL. Returns 0 or -ENOMEM. */
int request_init(struct request *request, const struct target *target,
	const struct load_request *load_request, const char *headers, bool closes);

void request_done(struct request *request);
