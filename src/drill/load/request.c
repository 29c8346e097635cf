/* SPDX-License-Identifier: MIT */
#include "drill/load/request.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static int write_head(struct request *request, const struct target *target,
	const struct load_request *wanted, const char *headers, bool closes)
{
	char length[64] = "";
	int len;

	if (wanted->upload_bytes > 0)
		(void)snprintf(length, sizeof length, "Content-Length: %" PRId64 "\r\n",
			wanted->upload_bytes);
	len = asprintf(&request->head,
		"%s %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: lastcall-drill\r\nAccept: */*\r\n"
		"%s%s%s\r\n",
		wanted->upload_bytes > 0 ? "POST" : "GET",
		wanted->path != NULL ? wanted->path : target->url.path, target->url.authority,
		length, closes ? "Connection: close\r\n" : "", headers != NULL ? headers : "");
	if (len < 0) {
		request->head = NULL;
		return -ENOMEM;
	}
	request->head_len = (size_t)len;
	return 0;
}

int request_init(struct request *request, const struct target *target,
	const struct load_request *wanted, const char *headers, bool closes)
{
	*request = (struct request){
		.body_len = (size_t)wanted->upload_bytes,
		.upload_bytes_per_s = wanted->upload_bytes_per_s,
		.read_bytes_per_s = wanted->read_bytes_per_s,
		.is_long_answer = wanted->is_long_answer,
		.pattern = wanted->pattern,
	};
	if (request->body_len > 0) {
		request->body = malloc(request->body_len);
		if (request->body == NULL)
			return -ENOMEM;
		body_pattern_write_numbered(request->body, request->body_len, 0);
	}
	return write_head(request, target, wanted, headers, closes);
}

void request_done(struct request *request)
{
	free(request->head);
	free(request->body);
	free(request->same);
	*request = (struct request){.head = NULL};
}
