/* SPDX-License-Identifier: MIT */
/* The beginning of a stop: connections are followed one by one, and their counts are kept and logged. */
#pragma once

#include "lastcall/stop.h"

/* The plan has left SERVING. To be called before the application is signalled, so that no end is missed.
 * not_ready_because: what an application lacked that is stopped because it was not ready in time; not read for any
 * other. Returns the descriptor of the connections' events, or -1 (connection_watch_follow). */
int stop_begin(struct stop *s, const char *not_ready_because, msec_t now);
