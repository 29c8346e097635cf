/* SPDX-License-Identifier: MIT */
/* The kinds of traffic, and what a client of each does next. */
#pragma once

#include "bench/traffic_server.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PIPELINE_MAX 6

struct random {
	uint64_t state;
};

uint64_t random_next(struct random *random);
unsigned random_below(struct random *random, unsigned limit);
unsigned random_between(struct random *random, unsigned low, unsigned high);
bool random_percent(struct random *random, unsigned percent);

enum wire { WIRE_PLAIN, WIRE_TLS, WIRE_H2, WIRE_H2_TLS };
enum address { ADDRESS_V4, ADDRESS_V6, ADDRESS_MAPPED };

/* One thing that a client does: it waits, sends, and reads the answers to the last byte. */
struct act {
	unsigned think_us; /* before it */
	bool reconnect; /* after thinking, on a fresh connection */
	unsigned count; /* requests at once; 0: nothing is sent */
	struct answer_plan plans[PIPELINE_MAX];
	bool one_by_one; /* a send() each */
	unsigned pieces, piece_bytes, piece_gap_us; /* of a request's body */
	bool expect_continue;
	bool half_close;
	bool frame, frame_reply; /* after the upgrade */
	unsigned read_bytes, read_gap_us; /* a slow reader's; 0: at once */
};

struct script_state {
	unsigned index; /* of the connection */
	unsigned burst_left; /* fast requests before the next slow one or pause */
	bool upgraded;
};

struct traffic_kind {
	const char *name;
	void (*next)(struct script_state *state, struct random *random, struct act *act);
	enum wire wire;
	enum address address;
	unsigned connections;
	bool busy_required; /* no busy connection may be called idle */
	bool idle_required; /* no idle one may be held for longer than settle and a poll */
	const char *note;
};

extern const struct traffic_kind traffic_kinds[];
extern const size_t traffic_kind_count;
