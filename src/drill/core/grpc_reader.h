/* SPDX-License-Identifier: MIT */
/* The messages of a gRPC response as they come, each behind its length, and what its status stands for
 * (gRPC over HTTP/2; grpc/doc/statuscodes.md). No allocation; messages of any length. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GRPC_PREFIX_BYTES 5 /* whether the message is compressed, and its length */
#define GRPC_UNAVAILABLE 14

struct grpc_reader {
	unsigned char prefix[GRPC_PREFIX_BYTES];
	size_t prefix_len;
	uint32_t left; /* of the message */
	uint64_t messages; /* that are whole */
};

void grpc_reader_start(struct grpc_reader *reader);

/* Takes the next bytes. Returns false where they are no messages. */
bool grpc_reader_take(struct grpc_reader *reader, const char *bytes, size_t len);

/* Whether the last message that began is there to its end. */
bool grpc_reader_is_whole(const struct grpc_reader *reader);

void grpc_write_prefix(char prefix[GRPC_PREFIX_BYTES], uint32_t message_len);

/* The status of the field grpc-status; -1 for what is none. */
int grpc_status_parse(const char *value, size_t len);

/* The HTTP status that stands for one: 200 for OK, else as Google's APIs have it (google/rpc/code.proto). */
int grpc_status_http(int status);
