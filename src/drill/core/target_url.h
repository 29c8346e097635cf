/* SPDX-License-Identifier: MIT */
/* http[s]://HOST[:PORT][/PATH], as the drill takes it: names too, for it has a resolver. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define TARGET_URL_HOST_BYTES 254 /* a DNS name, and its end */
#define TARGET_URL_PATH_BYTES 2048

struct target_url {
	bool is_tls;
	bool has_ipv6_host; /* it was in brackets */
	uint16_t port;
	char host[TARGET_URL_HOST_BYTES]; /* without brackets */
	char authority[TARGET_URL_HOST_BYTES + 8]; /* as the Host field has it */
	char path[TARGET_URL_PATH_BYTES]; /* with its query; "/" where there was none */
};

/* Returns 0, or -EINVAL for what is no such URL: user names, fragments, spaces, ports beyond 65535. */
int target_url_parse(const char *string, struct target_url *ret_url);
