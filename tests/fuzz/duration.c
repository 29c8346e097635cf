/* SPDX-License-Identifier: MIT */
/* A duration, as an option and as a setting of the ECS agent. What an option takes, Go takes; what we write of a
 * duration reads back as that duration. */
#include "core/text/duration.h"

#include "require.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require_same_again(msec_t msec)
{
	char buf[DURATION_TEXT_BYTES];
	msec_t again;

	require(duration_parse(duration_text(buf, msec), &again) == 0);
	require(again == msec);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *string = malloc(size + 1);
	msec_t ours, go;
	int r, go_r;

	require(string != NULL);
	memcpy(string, data, size);
	string[size] = '\0';
	r = duration_parse(string, &ours);
	go_r = duration_parse_go(string, &go);
	require(r == 0 || r == -EINVAL || r == -ERANGE);
	require(go_r == 0 || go_r == -EINVAL || go_r == -ERANGE);
	if (r == 0) {
		require(go_r == 0 && go == ours && ours >= 0);
		require_same_again(ours);
	}
	free(string);
	return 0;
}
