/* SPDX-License-Identifier: MIT */
#include "core/text/fnv_hash.h"

#define PRIME UINT64_C(0x100000001b3)

uint64_t fnv_hash_add(uint64_t hash, const void *bytes, size_t len)
{
	const uint8_t *at = bytes;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ at[i]) * PRIME;
	return hash;
}
