/* SPDX-License-Identifier: MIT */
/* FNV-1a with 64 bits (draft-eastlake-fnv, "The FNV Non-Cryptographic Hash Algorithm"): a short key for
 * bytes that are compared often. It is no protection against an adversary: bytes with the same key
 * are easily chosen. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* The hash of no bytes. */
#define FNV_HASH_START UINT64_C(0xcbf29ce484222325)

/* The hash of the bytes so far, with these after them. */
uint64_t fnv_hash_add(uint64_t hash, const void *bytes, size_t len);
