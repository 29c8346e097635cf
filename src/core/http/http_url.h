/* SPDX-License-Identifier: MIT */
/* http://ADDR[:PORT][/PATH], the URL of a health check. Numeric but for "localhost": PID 1 asks no
 * resolver. */
#pragma once

#include "core/tcp/listen_address.h"

#include <stddef.h>

struct http_url {
	struct listen_address address;
	bool is_localhost; /* by this name: 127.0.0.1, as in address, or ::1 */
	const char *authority; /* as it was written, for Host; into the string, not terminated */
	size_t authority_len;
	const char *path; /* with its query; into the string, or "/" */
};

/* Returns 0, or -EINVAL for anything else: another scheme, another name, a path of strange characters. */
int http_url_parse(const char *string, struct http_url *ret_url);

/* Whether these characters may stand in a request's line, where a space ends a path. */
bool http_url_is_path(const char *string);
