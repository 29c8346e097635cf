/* SPDX-License-Identifier: MIT */
/* The signals of a stop: which one that arrives begins it, which one the application is sent for it, and when a
 * server that has finished its work gets its plain one. The tables are core/stop/stop_signal.h's. */
#pragma once

#include "lastcall/stop.h"
#include "sys/signals.h"

/* Whether a signal begins a stop, or would if there were none. Reads the main process where it depends on that. */
bool stop_signals_begins(struct stop *s, int signal);

/* Counts a stop signal, and says what follows from it. */
void stop_signals_take(struct stop *s, const struct signal_received *received);

/* What the main process, just read, is sent to stop it. */
int stop_signals_choose(const struct stop *s);

/* What a server that finishes its work is sent after that (0: nothing), and when: MSEC_NEVER, it is not. */
int stop_signals_plain(const struct stop *s);
msec_t stop_signals_plain_at(const struct stop *s);
