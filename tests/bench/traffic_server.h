/* SPDX-License-Identifier: MIT */
/* An HTTP/1.1 server that does as the request's path says, in a thread of its own:
 *
 *	/iID/dDELAY/bBYTES/kCHUNKS/gGAP/sSPLIT/	times in µs, all fields of fixed width
 *
 * After DELAY it answers with BYTES; or with so many CHUNKS of BYTES each, GAP apart. SPLIT sends head
 * and body with two calls; 2 and 3 are the same with TCP_NODELAY. `Upgrade` in the head turns the connection
 * into one of 32-byte frames ("F dDELAY bBYTES rREPLY"). The next request on a connection is read
 * while one is worked on, and answered after it, as most servers do. */
#pragma once

#include "bench/ground_truth.h"

#include <stddef.h>
#include <stdint.h>

#define REQUEST_PATH_FORMAT "/i%06u/d%08u/b%08u/k%04u/g%08u/s%u/"
#define FRAME_FORMAT "F d%08u b%08u r%u      "
#define FRAME_BYTES 32

struct answer_plan {
	unsigned id, delay_us, bytes, chunks, gap_us, split;
};

/* The bytes of an answer on the wire. */
uint64_t answer_size(const struct answer_plan *plan);
#define CONTINUE_BYTES 25
#define UPGRADE_BYTES 36

/* Serves all that connect to these listening sockets, non-blocking both. The truths, by id, are written when
 * an answer begins. */
void traffic_server_start(const int *listen_fds, size_t listen_count, size_t connections_max,
	struct ground_truth *truths);
