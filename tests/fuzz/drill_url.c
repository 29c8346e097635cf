/* SPDX-License-Identifier: MIT */
/* The URL of a target. What is taken fits a request line and a Host field. */
#include "drill/core/target_url.h"

#include "require.h"

#include <errno.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_printable(const char *string)
{
	for (; *string != '\0'; string++) {
		if (*string <= ' ' || *string == 0x7f)
			return false;
	}
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *string = malloc(size + 1);
	struct target_url url;
	int r;

	require(string != NULL);
	memcpy(string, data, size);
	string[size] = '\0';
	r = target_url_parse(string, &url);
	require(r == 0 || r == -EINVAL);
	if (r == 0) {
		require(url.port > 0 && url.host[0] != '\0' && url.path[0] == '/');
		require(is_printable(url.path) && is_printable(url.authority));
		require(strstr(url.authority, url.host) != NULL);
	}
	free(string);
	return 0;
}
