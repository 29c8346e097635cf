/* SPDX-License-Identifier: MIT */
#include "lastcall/ask_round.h"

#include "sys/monoclock.h"

#define SENDS_A_SLICE 3

struct batch {
	struct conn_tracker *tracker;
	size_t entries[SOCKDIAG_EXACT_MAX];
	msec_t now;
};

static void take_answer(void *arg, size_t index, const struct connection *row)
{
	struct batch *batch = arg;

	conn_tracker_answer(batch->tracker, batch->entries[index], row, batch->now);
}

/* Returns how many were asked for, or -errno. */
static int ask_some(struct conn_tracker *tracker, struct sockdiag *diag, msec_t now)
{
	struct batch batch;
	struct connection_key keys[SOCKDIAG_EXACT_MAX];
	size_t count = conn_tracker_ask_next(tracker, keys, batch.entries, SOCKDIAG_EXACT_MAX);
	int r;

	batch.tracker = tracker;
	batch.now = now;
	r = count > 0 ? sockdiag_ask(diag, keys, count, take_answer, &batch) : 0;
	return r < 0 ? r : (int)count;
}

int ask_round_step(
	struct ask_round *round, struct conn_tracker *tracker, struct sockdiag *diag, msec_t now)
{
	int64_t started_us = processor_now_us();
	int count = SOCKDIAG_EXACT_MAX;

	if (!tracker->is_asking) {
		*round = (struct ask_round){0};
		conn_tracker_ask_begin(tracker);
	}
	for (int i = 0; i < SENDS_A_SLICE && count == SOCKDIAG_EXACT_MAX; i++) {
		count = ask_some(tracker, diag, now);
		if (count < 0) {
			conn_tracker_ask_fail(tracker);
			return count;
		}
		round->asked += (unsigned)count;
	}
	round->cost_us += processor_now_us() - started_us;
	return count < SOCKDIAG_EXACT_MAX;
}
