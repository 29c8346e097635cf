/* SPDX-License-Identifier: MIT */
/* The messages of a gRPC response, whole and in pieces, and the value of its field grpc-status. The first byte is the
 * length of a piece. */
#include "drill/core/grpc_reader.h"

#include "require.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool take_all(struct grpc_reader *reader, const char *bytes, size_t size, size_t piece)
{
	bool is_well = true;

	grpc_reader_start(reader);
	for (size_t at = 0; at < size && is_well; at += piece)
		is_well =
			grpc_reader_take(reader, bytes + at, size - at < piece ? size - at : piece);
	return is_well;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct grpc_reader whole, pieces;
	const char *bytes = (const char *)data + 1;
	bool is_well;
	int status;

	if (size < 2)
		return 0;
	is_well = take_all(&whole, bytes, size - 1, size - 1);
	require(take_all(&pieces, bytes, size - 1, data[0] % 16 + 1) == is_well);
	if (is_well) {
		require(whole.messages == pieces.messages && whole.left == pieces.left);
		require(grpc_reader_is_whole(&whole) == grpc_reader_is_whole(&pieces));
		require(whole.messages <= (size - 1) / GRPC_PREFIX_BYTES);
	}
	status = grpc_status_parse(bytes, size - 1);
	require(status >= -1);
	require(grpc_status_http(status) >= 200 && grpc_status_http(status) <= 599);
	return 0;
}
