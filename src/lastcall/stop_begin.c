/* SPDX-License-Identifier: MIT */
#include "lastcall/stop_begin.h"

#include "lastcall/stop_log.h"
#include "sys/monoclock.h"

int stop_begin(struct stop *s, const char *not_ready_because, msec_t now)
{
	const struct conn_counts *counts = &connection_watch_tracker(s->watch)->counts;
	int events_fd = connection_watch_follow(
		s->watch, app_main_is_alive(&s->app) ? &s->app.pid : NULL, now);

	s->history.stopped_unix_ms = wallclock_unix_ms();
	s->history.unseen_at_stop |=
		!app_main_is_alive(&s->app) || connection_watch_polled_at(s->watch) < 0;
	s->history.open_at_stop = counts->open;
	s->history.accept_queue_at_stop = counts->unaccepted;
	s->said.progress_at = now;
	if (s->plan.not_ready)
		stop_log_not_ready(s, not_ready_because);
	if (s->stop_signals > 0) {
		stop_log_began(s);
		connection_watch_log_wrong_ports(s->watch);
	}
	return events_fd;
}
