/* SPDX-License-Identifier: MIT */
/* The signals of a stop: which received signal begins it, which one the application is sent, and when a server
 * that has finished its work gets its plain signal. The tables are core/stop/stop_signal.h's. */
#pragma once

#include "lastcall/stop.h"
#include "sys/signals.h"

/* Whether a signal begins a stop, or would if there were none. Reads the main process where it depends on that. */
bool stop_signals_begins(struct stop *s, int signal);

/* Counts a stop signal, and logs what follows from it. */
void stop_signals_take(struct stop *s, const struct signal_received *received);

/* The signal that stops the main process, which was read just before. */
int stop_signals_choose(const struct stop *s);

/* The plain signal for a server that has finished its work (0: none), and when it is due (MSEC_NEVER: never). */
int stop_signals_plain(const struct stop *s);
msec_t stop_signals_plain_at(const struct stop *s);
