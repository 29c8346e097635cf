/* SPDX-License-Identifier: MIT */
/* The rules for ties that were tried. Each is given what can be known of a connection: this look, and what
 * earlier looks of the same drain have left. */
#pragma once

#include "core/connection_verdict.h"

#include <stddef.h>

/* Of one look. */
struct tie_sight {
	uint32_t data_in, data_out, bare_acks, bare_acks_in;
	uint32_t age_ms; /* of the last byte */
};

struct tie_history {
	uint64_t cookie; /* of the connection; a new one starts afresh */
	bool looked; /* `last` is filled in */
	bool has_before; /* a look before the last data: `before` */
	struct tie_sight last, before;
	struct connection_memory memory;
	enum connection_class verdict; /* with that memory */
	struct tie_sight first; /* the first look since the last data */
};

/* Takes in one look; the history then is what a rule may use for it. */
void tie_history_look(struct tie_history *history, const struct connection *row);

struct tie_rule {
	const char *name;
	const char *what;
	enum connection_class (*judge)(
		const struct connection *row, const struct tie_history *history);
};

extern const struct tie_rule tie_rules[];
extern const size_t tie_rule_count;

/* Whether nothing but the rule decides. */
bool is_tie(const struct connection *row);
