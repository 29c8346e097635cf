/* SPDX-License-Identifier: MIT */
/* The client's part of a WebSocket's handshake (RFC 6455 4.1). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define WEBSOCKET_KEY_BYTES 25 /* 16 bytes in Base64, and its end */

/* A key for the whole drill: it keeps caches from answering, and is no secret. Returns 0 or -EIO. */
int websocket_make_key(char key[WEBSOCKET_KEY_BYTES]);

/* Whether this head of a response (its lines, with the empty one) switches protocols as the key demands. */
bool websocket_is_accepted(const char *head, const char *key);
