/* SPDX-License-Identifier: MIT */
/* As little HTTP/2 as a client needs to ask and to count the answers. */
#pragma once

#include "bench/transport.h"

#include <stdint.h>

struct http2_client {
	uint32_t next_stream;
	uint8_t header[9], payload[8];
	uint32_t header_len, payload_len, payload_size;
	uint32_t unacknowledged; /* bytes of data since the last window update */
};

void http2_client_open(struct http2_client *client, struct transport *transport);
void http2_client_request(
	struct http2_client *client, struct transport *transport, const char *path);

/* Takes in what was received and returns how many streams have ended. */
unsigned http2_client_read(
	struct http2_client *client, struct transport *transport, const char *data, size_t len);
