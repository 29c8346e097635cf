/* SPDX-License-Identifier: MIT */
/* Watches the application's connections with the best detector that works here: polls them, and receives
 * the events of their ends during a stop. core decides how often to poll, and what the numbers mean. */
#pragma once

#include "core/tcp/accept_queue.h"
#include "core/tcp/conn_tracker.h"
#include "core/report/report.h"
#include "core/stop/stop_budget.h"
#include "lastcall/connection_polls.h"
#include "lastcall/connection_show.h"
#include "lastcall/log.h"

struct connection_watch;

/* Finds the detector and allocates all it will ever need. exclude_port (0: none) is the health
 * endpoint's, which is never work. Returns 0 or -ENOMEM. */
int connection_watch_new(const struct options *options, const struct stop_budget *budget,
	uint16_t exclude_port, struct log *log, struct connection_watch **ret_watch);
void connection_watch_free(struct connection_watch *watch);

/* The application's phase decides how the ends of its connections are judged. */
void connection_watch_app_signalled(struct connection_watch *watch);
void connection_watch_app_killed(struct connection_watch *watch); /* lastcall sends it SIGKILL */
void connection_watch_app_died(struct connection_watch *watch, bool in_order, msec_t now);

/* The application's main process is reaped now. Returns when it was seen to exit, now if it was not. */
msec_t connection_watch_app_died_at(const struct connection_watch *watch, msec_t now);
void connection_watch_app_ended(
	struct connection_watch *watch); /* all of its processes have exited */

/* When all connections were polled last; -1: never. */
msec_t connection_watch_dumped_at(const struct connection_watch *watch);

/* The turn that begins now was due at due_at. */
void connection_watch_note_late(struct connection_watch *watch, msec_t due_at, msec_t now);

/* Whether the listening sockets of the namespace are others than at the last poll: shows cheaply (0.02 ms)
 * whether a poll may find something new of an application that starts. */
bool connection_watch_listeners_changed(struct connection_watch *watch);

/* Warns when the application never listened on the ports of --port, and names the ports that have a listener. */
void connection_watch_log_wrong_ports(struct connection_watch *watch);

/* lastcall checks the application from our_port of this machine to app_port: that connection is neither work nor a
 * client that waits to be accepted. The last few of each check, by its number below OWN_CHECKS_MAX, are remembered. */
void connection_watch_ignore_own(
	struct connection_watch *watch, unsigned check, uint16_t app_port, uint16_t our_port);

/* What a poll would find now, for a question between polls. */
const struct connection_show *connection_watch_show(struct connection_watch *watch, msec_t now);

/* The results of the last poll. The pointers live as long as the watch. */
const struct conn_tracker *connection_watch_tracker(const struct connection_watch *watch);
enum report_detector connection_watch_detector(const struct connection_watch *watch);
bool connection_watch_sees(const struct connection_watch *watch); /* a detector, and ports known */
msec_t connection_watch_polled_at(const struct connection_watch *watch);
const struct port_set *connection_watch_ports(const struct connection_watch *watch);
uint32_t connection_watch_degraded(
	const struct connection_watch *watch); /* REPORT_DEGRADED_… bits */

/* Its listening sockets and the connections that wait in their queues, as of the last poll. */
const struct accept_queue *connection_watch_accept_queue(const struct connection_watch *watch);

/* Whether the application listens, as far as can be seen; true without a detector. */
bool connection_watch_app_listens(const struct connection_watch *watch);

/* Whether a poll ever saw a listener of the application. */
bool connection_watch_has_listened(const struct connection_watch *watch);

/* Whether connections ended just now as they do when the application dies. */
bool connection_watch_suspects_death(const struct connection_watch *watch, msec_t now);

/* Whether a connection is gone, and the kernel has yet to send its event. */
bool connection_watch_awaits_events(const struct connection_watch *watch);

/* lastcall exits: work that is still in flight is cut. */
void connection_watch_finish(struct connection_watch *watch, msec_t now);
