/* SPDX-License-Identifier: MIT */
#include "drill/core/grpc_reader.h"

void grpc_reader_start(struct grpc_reader *reader)
{
	*reader = (struct grpc_reader){.prefix_len = 0};
}

static void end_message(struct grpc_reader *reader)
{
	reader->messages++;
	reader->prefix_len = 0;
}

static bool end_prefix(struct grpc_reader *reader)
{
	const unsigned char *prefix = reader->prefix;

	if (prefix[0] > 1) /* compressed or not */
		return false;
	reader->left = (uint32_t)prefix[1] << 24 | (uint32_t)prefix[2] << 16 |
		       (uint32_t)prefix[3] << 8 | prefix[4];
	if (reader->left == 0)
		end_message(reader);
	return true;
}

bool grpc_reader_take(struct grpc_reader *reader, const char *bytes, size_t len)
{
	while (len > 0) {
		size_t took = 1;

		if (reader->prefix_len < GRPC_PREFIX_BYTES) {
			reader->prefix[reader->prefix_len++] = (unsigned char)*bytes;
			if (reader->prefix_len == GRPC_PREFIX_BYTES && !end_prefix(reader))
				return false;
		} else {
			took = reader->left < len ? reader->left : len;
			reader->left -= (uint32_t)took;
			if (reader->left == 0)
				end_message(reader);
		}
		bytes += took;
		len -= took;
	}
	return true;
}

bool grpc_reader_is_whole(const struct grpc_reader *reader)
{
	return reader->prefix_len == 0;
}

void grpc_write_prefix(char prefix[GRPC_PREFIX_BYTES], uint32_t message_len)
{
	prefix[0] = 0;
	for (int i = 0; i < 4; i++)
		prefix[1 + i] = (char)(message_len >> (24 - 8 * i));
}

int grpc_status_parse(const char *value, size_t len)
{
	int status = 0;

	if (len == 0 || len > 2)
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (value[i] < '0' || value[i] > '9')
			return -1;
		status = status * 10 + (value[i] - '0');
	}
	return status;
}

int grpc_status_http(int status)
{
	static const int http[] = {
		200, /* OK */
		499, /* CANCELLED */
		500, /* UNKNOWN */
		400, /* INVALID_ARGUMENT */
		504, /* DEADLINE_EXCEEDED */
		404, /* NOT_FOUND */
		409, /* ALREADY_EXISTS */
		403, /* PERMISSION_DENIED */
		429, /* RESOURCE_EXHAUSTED */
		400, /* FAILED_PRECONDITION */
		409, /* ABORTED */
		400, /* OUT_OF_RANGE */
		501, /* UNIMPLEMENTED */
		500, /* INTERNAL */
		[GRPC_UNAVAILABLE] = 503, 500, /* DATA_LOSS */
		401, /* UNAUTHENTICATED */
	};

	return status >= 0 && status < (int)(sizeof http / sizeof *http) ? http[status] : 500;
}
