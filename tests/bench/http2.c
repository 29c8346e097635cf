/* SPDX-License-Identifier: MIT */
#include "bench/http2.h"

#include "bench/must.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
#define WINDOW (1u << 24)
#define UPDATE_EVERY 32768

enum { DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH, PING, GOAWAY, WINDOW_UPDATE };
enum { END_STREAM = 1, ACK = 1, END_HEADERS = 4 };

static void put32(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (24 - 8 * i));
}

static size_t put_frame(
	uint8_t *at, uint8_t type, uint8_t flags, uint32_t stream, const void *payload, size_t len)
{
	put32(at, (uint32_t)len << 8 | type);
	at[4] = flags;
	put32(at + 5, stream);
	memcpy(at + 9, payload, len);
	return 9 + len;
}

static size_t put_window_update(uint8_t *at, uint32_t increment)
{
	uint8_t payload[4];

	put32(payload, increment);
	return put_frame(at, WINDOW_UPDATE, 0, 0, payload, sizeof payload);
}

void http2_client_open(struct http2_client *client, struct transport *transport)
{
	uint8_t buf[128], setting[6] = {0, 4 /* INITIAL_WINDOW_SIZE */};
	size_t len = sizeof PREFACE - 1;

	*client = (struct http2_client){.next_stream = 1};
	memcpy(buf, PREFACE, len);
	put32(setting + 2, WINDOW);
	len += put_frame(buf + len, SETTINGS, 0, 0, setting, sizeof setting);
	len += put_window_update(buf + len, WINDOW);
	transport_send(transport, buf, len);
}

void http2_client_request(
	struct http2_client *client, struct transport *transport, const char *path)
{
	uint8_t head[256] = {0x82 /* GET */, (uint8_t)(transport->tls == NULL ? 0x86 : 0x87), 0x01,
		5, 'b', 'e', 'n', 'c', 'h', 0x04 /* :path */};
	uint8_t frame[300];
	size_t path_len = strlen(path);

	head[10] = (uint8_t)path_len;
	memcpy(head + 11, path, path_len);
	transport_send(transport, frame,
		put_frame(frame, HEADERS, END_STREAM | END_HEADERS, client->next_stream, head,
			11 + path_len));
	client->next_stream += 2;
}

static unsigned frame_ended(struct http2_client *client, struct transport *transport)
{
	uint8_t reply[32];

	switch (client->header[3]) {
	case DATA:
		client->unacknowledged += client->payload_size;
		if (client->unacknowledged >= UPDATE_EVERY) {
			transport_send(
				transport, reply, put_window_update(reply, client->unacknowledged));
			client->unacknowledged = 0;
		}
		return client->header[4] & END_STREAM;
	case HEADERS:
		return client->header[4] & END_STREAM;
	case SETTINGS:
		if (!(client->header[4] & ACK))
			transport_send(transport, reply, put_frame(reply, SETTINGS, ACK, 0, "", 0));
		return 0;
	case PING:
		if (!(client->header[4] & ACK))
			transport_send(transport, reply,
				put_frame(reply, PING, ACK, 0, client->payload, 8));
		return 0;
	case RST_STREAM:
	case GOAWAY:
		fprintf(stderr, "bench: error: HTTP/2 frame %u\n", client->header[3]);
		exit(BENCH_BROKEN);
	default:
		return 0;
	}
}

unsigned http2_client_read(
	struct http2_client *client, struct transport *transport, const char *data, size_t len)
{
	unsigned ended = 0;

	while (len > 0) {
		if (client->header_len < 9) {
			client->header[client->header_len++] = (uint8_t)*data++;
			len--;
			if (client->header_len < 9)
				continue;
			client->payload_size = (uint32_t)client->header[0] << 16 |
					       (uint32_t)client->header[1] << 8 | client->header[2];
			client->payload_len = 0;
		} else {
			size_t left = client->payload_size - client->payload_len;
			size_t part = left < len ? left : len;

			for (size_t i = 0; i < part && client->payload_len + i < 8; i++)
				client->payload[client->payload_len + i] = (uint8_t)data[i];
			client->payload_len += (uint32_t)part;
			data += part;
			len -= part;
		}
		if (client->payload_len == client->payload_size) {
			client->header_len = 0;
			ended += frame_ended(client, transport);
		}
	}
	return ended;
}
