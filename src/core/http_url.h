/* SPDX-License-Identifier: MIT */
/* http://ADDR[:PORT][/PATH], as those write it who ask for somebody's health. Numeric only: PID 1 asks
 * no resolver. */
#pragma once

#include "core/listen_address.h"

struct http_url {
	struct listen_address address;
	const char *path; /* with its query; into the string, or "/" */
};

/* Returns 0, or -EINVAL for anything else: another scheme, a name, a path of strange characters. */
int http_url_parse(const char *string, struct http_url *ret_url);
