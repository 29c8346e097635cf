/* SPDX-License-Identifier: MIT */
/* A piece of work on a connection that is followed, from the moment that it holds the drain until it is counted as
 * finished, cut or unknown. For census.c and census_endings.c alone. */
#pragma once

#include "core/census_state.h"

/* Whether the connections of its peer are passed over. */
bool census_is_ignored(const struct census *census, const struct connection *row);

/* A moment as entries keep it. */
int32_t census_since_start(const struct census *census, msec_t at);

/* Who may have ended a connection that ends now. */
enum connection_ender census_ender_now(const struct census *census);

void census_count_ending(struct census *census, enum connection_ending ending);

/* A connection does not hold the drain any longer; what it held it with is counted. */
void census_release(
	struct census *census, struct census_entry *entry, const struct connection_end *end);

/* A request is in flight, or there may be one, or it is held for another reason. */
void census_hold(struct census *census, struct census_entry *entry, const struct connection *row,
	enum connection_hold hold, enum connection_class held_class, msec_t now);

/* Bytes leave the kernel for the peer; only what leaves after the application's end is our merit. */
void census_note_delivery(struct census *census, struct census_entry *entry, uint32_t undelivered);
