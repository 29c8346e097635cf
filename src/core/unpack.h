/* SPDX-License-Identifier: MIT */
/* Unpacks what texts/pack.c has packed, by a small relative of LZMA: what was met before is repeated (LZ77),
 * and each decision is a bit, for which a range coder takes the less room the likelier it was so far. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define PACK_EVEN 2048 /* of 4096: a bit may well be either */
#define PACK_SHIFT 4 /* how fast a likelihood follows what is met */
#define PACK_NODES 128 /* what tells a tree's next bit: those before it, behind a 1 */

/* How likely a 0 is, in 4096ths, for each bit that is decided. A number has its size in the last tree, how many
 * bits there are behind the first 1, and these in that size's own. */
struct pack_model {
	uint16_t is_repeat[2]; /* behind a byte, and behind a repeat */
	uint16_t bytes[8][PACK_NODES]; /* by the byte before */
	uint16_t lengths[16][PACK_NODES], distances[16][PACK_NODES]; /* lengths less 1 */
};

void pack_model_init(struct pack_model *model);

/* Unpacks so many bytes of ASCII. What is packed is our own, and not looked at with suspicion. */
void unpack(const unsigned char *packed, char *ret_bytes, size_t size);
