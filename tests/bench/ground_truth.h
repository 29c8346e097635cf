/* SPDX-License-Identifier: MIT */
/* What the client of a connection knows of the work on it, written down so that a reader in
 * another thread can tell whether it changed while he looked. One writer, but for `answering`. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct ground_truth {
	atomic_uint version; /* odd: being written */
	bool exact; /* the byte counts below hold */

	/* The current piece of work is in the server's kernel when more than this was received,
	 * and done when this much of the answers is acknowledged. */
	_Atomic uint64_t received_before, acked_after;

	/* Requests begun, handed to the kernel as a whole or in part, and answered to the last
	 * byte; and those whose answer the server has begun to send. */
	atomic_uint begun, handed, finished;
	atomic_uint answering;
	_Atomic int64_t finished_us; /* the last time when all that was begun was finished */
};

struct ground_truth_copy {
	unsigned version, begun, handed, finished, answering;
	bool exact;
	uint64_t received_before, acked_after;
	int64_t finished_us;
};

static inline void ground_truth_copy(struct ground_truth *from, struct ground_truth_copy *to)
{
	to->version = atomic_load(&from->version);
	to->exact = from->exact;
	to->received_before = atomic_load(&from->received_before);
	to->acked_after = atomic_load(&from->acked_after);
	to->begun = atomic_load(&from->begun);
	to->handed = atomic_load(&from->handed);
	to->finished = atomic_load(&from->finished);
	to->answering = atomic_load(&from->answering);
	to->finished_us = atomic_load(&from->finished_us);
	if (atomic_load(&from->version) != to->version)
		to->version |= 1;
}
