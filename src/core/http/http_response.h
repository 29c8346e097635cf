/* SPDX-License-Identifier: MIT */
/* The status of an HTTP/1.x response (RFC 9112 4): all that a check of an application's health reads
 * of an answer. No allocation, no state between calls. */
#pragma once

#include <stddef.h>

/* As much of a response as decides: "HTTP/1.1 200" and the character behind it. */
#define HTTP_RESPONSE_STATUS_BYTES 13

/* Reads the status from the first bytes of a response. Returns it (100 to 599), 0 when more bytes are
 * needed, or -EBADMSG for what is no HTTP/1.x response: as soon as that is clear, however the
 * bytes were cut into pieces. */
int http_response_status(const char *buf, size_t len);
