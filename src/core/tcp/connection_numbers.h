/* SPDX-License-Identifier: MIT */
/* What the kernel's numbers for one socket say at one moment, without what was seen before. */
#pragma once

#include "core/tcp/connection.h"

#include <stdbool.h>
#include <stdint.h>

/* How long ago a byte moved last, in either direction. Of a connection with has_info. */
uint32_t connection_quiet_ms(const struct connection *connection);

/* Whether the peer has not acknowledged bytes that could still be delivered. False for a peer that
 * has answered nothing for long although asked again and again: it is gone. A peer with a closed
 * window answers the probes, and is not. */
bool connection_is_undelivered(const struct connection *connection);

/* Bytes of the application that the peer has not acknowledged. A FIN takes a place in the sequence
 * too, and is not counted. */
uint32_t connection_undelivered_bytes(const struct connection *connection);

/* Whether the last thing seen on a connection was a request without an answer. For a connection that
 * has ended: whether it was cut. */
bool connection_is_unanswered(const struct connection *connection);

/* An open connection that is still in its listener's queue. */
bool connection_is_unaccepted(const struct connection *connection);

/* Whether the peer has answered nothing for long although it was asked again and again. */
bool connection_peer_is_gone(const struct connection *connection);

/* Whether the application has bytes to read. The peer's FIN is no request. */
bool connection_has_unread_bytes(const struct connection *connection);

/* Acknowledgements without data, but for those that answered TCP keep-alive: the socket has dropped the segment that
 * asked. */
uint32_t connection_bare_acks(const struct connection *connection);

/* Modulo 2^32. Written ones count where the application writes them: neither a retransmission nor an
 * acknowledgement moves the number. */
uint32_t connection_bytes_received(const struct connection *connection);
uint32_t connection_bytes_written(const struct connection *connection);
