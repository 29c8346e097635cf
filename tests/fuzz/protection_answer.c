/* SPDX-License-Identifier: MIT */
/* An answer of the ECS agent about scale-in protection. It confirms, or there is a reason that fits a line. */
#include "core/ecs/protection_answer.h"

#include "require.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool confirms(int status, const char *json, size_t len, bool is_on)
{
	char bytes[256];
	struct text reason;
	bool is_so;

	text_init(&reason, bytes, sizeof bytes);
	is_so = protection_answer_confirms(status, json, len, is_on, &reason);
	require(strlen(bytes) == reason.len);
	require(is_so || reason.len > 0);
	return is_so;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = malloc(size > 0 ? size : 1);
	bool is_on;

	require(copy != NULL);
	if (size > 0)
		memcpy(copy, data, size);
	is_on = confirms(200, copy, size, true);
	require(!(is_on && confirms(200, copy, size, false)));
	require(!confirms(400, copy, size, true));
	free(copy);
	return 0;
}
