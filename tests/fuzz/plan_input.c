/* SPDX-License-Identifier: MIT */
/* The value of each option that describes a deployment. */
#include "plan/cli/input_value.h"

#include "require.h"

#include <errno.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *string = malloc(size + 1);

	require(string != NULL);
	memcpy(string, data, size);
	string[size] = '\0';
	for (int input = 0; input < PLAN_INPUT_COUNT; input++) {
		struct plan_value value = {0};
		int r = input_value_parse((enum plan_input)input, string, &value);

		require(r == 0 || r == -EINVAL);
		require(r < 0 || value.number >= 0);
	}
	free(string);
	return 0;
}
