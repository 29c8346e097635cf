/* SPDX-License-Identifier: MIT */
/* A line of /proc/net/tcp or, when the first byte is odd, of tcp6. */
#include "core/codec/procnet_codec.h"

#include <stdlib.h>
#include <sys/socket.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct connection row;
	uint8_t family;

	if (size == 0)
		return 0;
	family = data[0] % 2 ? AF_INET6 : AF_INET;
	if (procnet_decode_line((const char *)data + 1, size - 1, family, &row) < 0)
		return 0;
	if (row.family != family || row.cookie == 0 || row.has_info)
		abort();
	if (row.state < TCP_STATE_ESTABLISHED || row.state > TCP_STATE_NEW_SYN_RECV)
		abort();
	return 0;
}
