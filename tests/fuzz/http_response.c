/* SPDX-License-Identifier: MIT */
/* The first bytes of an answer: however they are cut, the status is the same, and what is not
 * needed for it is not looked at. The sanitizers watch the copies, which are as long as their content. */
#include "core/http/http_response.h"

#include "require.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int status_of_copy(const uint8_t *data, size_t len)
{
	char *copy = malloc(len > 0 ? len : 1);
	int status;

	require(copy != NULL);
	memcpy(copy, data, len);
	status = http_response_status(copy, len);
	free(copy);
	return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int whole = status_of_copy(data, size), status = 0;

	require(whole == 0 || whole == -EBADMSG || (whole >= 100 && whole <= 599));
	require(whole != 0 || size < HTTP_RESPONSE_STATUS_BYTES);
	for (size_t len = 0; len <= size && status == 0; len++)
		status = status_of_copy(data, len);
	require(status == whole);
	if (whole > 0)
		require(memcmp(data, "HTTP/1.", 7) == 0 && data[9] - (uint8_t)'0' == whole / 100);
	return 0;
}
