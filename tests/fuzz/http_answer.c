/* SPDX-License-Identifier: MIT */
/* Answers of the agent, whole and cut: a body lies behind its header, and what was whole stays so when more comes. */
#include "core/http/http_answer.h"

#include "require.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int read_copy(const uint8_t *data, size_t len, bool is_end, struct http_answer *ret_answer)
{
	char *copy = malloc(len > 0 ? len : 1);
	int r;

	require(copy != NULL);
	if (len > 0)
		memcpy(copy, data, len);
	r = http_answer_read(copy, len, is_end, ret_answer);
	require(r == 1 || r == -EBADMSG || (r == 0 && !is_end));
	if (r > 0) {
		require(ret_answer->status >= 200 && ret_answer->status <= 599);
		require(ret_answer->body > copy && ret_answer->body <= copy + len);
		require(ret_answer->body_len <= (size_t)(copy + len - ret_answer->body));
	}
	free(copy);
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct http_answer whole, part;
	int r = read_copy(data, size, false, &whole), last = 0;

	if (size > 4096)
		return 0;
	for (size_t len = 0; len <= size && last == 0; len++)
		last = read_copy(data, len, false, &part);
	require(last == r || r != 0);
	if (r > 0 && last > 0)
		require(part.status == whole.status && part.body_len == whole.body_len);
	(void)read_copy(data, size, true, &part);
	return 0;
}
