/* SPDX-License-Identifier: MIT */
#include "lastcall/connection_watch.h"

#include "sys/fd.h"
#include "sys/monoclock.h"
#include "sys/process_tree.h"
#include "sys/procnet.h"
#include "sys/sockdiag.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define FOLLOWED_MAX 65536 /* connections at a time; past it they are counted, but not followed */
#define LISTENERS_MAX 8192 /* listening sockets in the namespace, the neighbours' too */

/* Looks may take 3 % of a core: what is not used up is kept for the moment when connections end, and
 * looking at once ends the drain. So unprompted looks take half of it. */
#define COST_PERMILLE 30
#define UNPROMPTED_COST_FACTOR 66
#define SAVED_COST_MAX_US 20000
#define LOOK_UNPROMPTED_MS 20
#define LOOK_SLOWEST_MS 250
#define TICK_MS 4 /* of the kernel's times, as a rule */

/* The states that are judged, and FIN_WAIT2, in which a connection waits for its client to close, too,
 * and is still the same one. Naming no others keeps a dump from walking tables we do not need. */
#define WORK_STATES                                                                                \
	(TCP_STATE_BIT(TCP_STATE_ESTABLISHED) | TCP_STATE_BIT(TCP_STATE_SYN_RECV) |                \
		TCP_STATE_BIT(TCP_STATE_CLOSE_WAIT) | TCP_STATE_BIT(TCP_STATE_FIN_WAIT1) |         \
		TCP_STATE_BIT(TCP_STATE_FIN_WAIT2) | TCP_STATE_BIT(TCP_STATE_CLOSING) |            \
		TCP_STATE_BIT(TCP_STATE_LAST_ACK) | TCP_STATE_BIT(TCP_STATE_LISTEN))

/* What an application leaves that wrote, closed and ended. */
#define LEFT_STATES                                                                                \
	(TCP_STATE_BIT(TCP_STATE_FIN_WAIT1) | TCP_STATE_BIT(TCP_STATE_CLOSING) |                   \
		TCP_STATE_BIT(TCP_STATE_LAST_ACK))

/* So many checks of our own may still have a connection, or an ending to be told of. One that is reset
 * has neither: nothing of it is seen, and its ending names no peer. */
#define OWN_REMEMBERED 8

struct listeners {
	struct process_tree_socket sockets[LISTENERS_MAX];
	uint16_t ports[LISTENERS_MAX];
	size_t count;
};

struct connection_watch {
	struct log *log;
	enum report_detector detector;
	struct sockdiag diag;
	int events_fd;
	uint32_t degraded;

	uint16_t exclude_port;
	bool ports_given;
	uint16_t ports[REPORT_MAX_PORTS];
	unsigned port_count;
	struct listeners listeners; /* of the last discovery, ours and the neighbours' */
	struct listeners found; /* by the discovery under way */
	bool ports_unknown; /* there are listeners that could be the application's */

	uint16_t own_target; /* of our checks; 0: there are none */
	uint16_t own_ports[OWN_REMEMBERED]; /* where they come from, in a ring */
	unsigned own_count;

	struct accept_queue queue;
	struct census census;
	msec_t looked_at; /* the last look that worked; -1: none yet */
	msec_t tried_at; /* the last look, whether it worked or not */
	msec_t now; /* for what a dump or the events call back */
	int64_t cost_us; /* of the last look */
	int64_t saved_us; /* of the time that looks may take; below 0: overdrawn */
	bool event_seen; /* since the last look */
	bool had_listener;
	msec_t listened_at;
};

static void degrade(struct connection_watch *w, enum report_degraded what, const char *message)
{
	if (w->degraded & 1u << what)
		return; /* said once */
	w->degraded |= 1u << what;
	log_event(w->log, LOG_WARNING, report_degraded_name(what), "%s", message);
}

static int dump(struct connection_watch *w, const struct sockdiag_query *query, connection_fn *row,
	void *arg)
{
	switch (w->detector) {
	case REPORT_DETECTOR_SOCK_DIAG:
		return sockdiag_dump(&w->diag, query, row, arg);
	case REPORT_DETECTOR_PROCNET:
		return procnet_dump(query, row, arg);
	case REPORT_DETECTOR_NONE:
	case REPORT_DETECTOR_COUNT:
		break;
	}
	return -ENOTSUP;
}

static void take_listener(void *arg, const struct connection *row)
{
	struct listeners *listeners = arg;

	if (listeners->count == LISTENERS_MAX || row->state != TCP_STATE_LISTEN)
		return;
	listeners->sockets[listeners->count] =
		(struct process_tree_socket){.inode = row->inode, .uid = row->uid};
	listeners->ports[listeners->count++] = row->local_port;
}

/* Dumps all listening sockets of the namespace into w->found. */
static int find_listeners(struct connection_watch *w)
{
	const struct sockdiag_query query = {.states = TCP_STATE_BIT(TCP_STATE_LISTEN)};

	w->found.count = 0;
	return dump(w, &query, take_listener, &w->found);
}

/* Steps down to the next best detector when one does not work here. Dumping the listeners is the
 * test: a sock_diag socket may open although the kernel lacks tcp_diag. */
static void choose_detector(struct connection_watch *w)
{
	w->detector = REPORT_DETECTOR_SOCK_DIAG;
	if (sockdiag_open(&w->diag) == 0 && (find_listeners(w) == 0 || find_listeners(w) == 0))
		return; /* tried twice: a dump may be interrupted */
	sockdiag_close(&w->diag);
	w->detector = REPORT_DETECTOR_PROCNET;
	if (find_listeners(w) == 0) {
		degrade(w, REPORT_DEGRADED_PROCNET,
			"no sock_diag here: reading /proc/net/tcp, which cannot tell idle "
			"connections "
			"from busy ones; every open connection holds the drain");
		return;
	}
	w->detector = REPORT_DETECTOR_NONE;
	degrade(w, REPORT_DEGRADED_NO_DETECTOR,
		"neither sock_diag nor /proc/net/tcp can be read: no connection is seen; the drain "
		"waits out its budget");
}

static bool has_port(const struct connection_watch *w, uint16_t port)
{
	for (unsigned i = 0; i < w->port_count; i++) {
		if (w->ports[i] == port)
			return true;
	}
	return false;
}

/* A port once seen stays: connections outlive their listener. */
static void add_port(struct connection_watch *w, uint16_t port)
{
	if (port == 0 || port == w->exclude_port || has_port(w, port) ||
		w->port_count == REPORT_MAX_PORTS)
		return;
	w->ports[w->port_count++] = port;
}

static bool same_listeners(const struct listeners *a, const struct listeners *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		if (a->sockets[i].inode != b->sockets[i].inode)
			return false;
	}
	return true;
}

/* Takes the ports of those listeners that are the application's by one sign. Returns how many are
 * not, the health endpoint aside. */
static size_t take_ports(struct connection_watch *w, bool by_user)
{
	size_t not_ours = 0;

	for (size_t i = 0; i < w->found.count; i++) {
		const struct process_tree_socket *socket = &w->found.sockets[i];

		if (by_user ? socket->same_user : socket->owned)
			add_port(w, w->found.ports[i]);
		else
			not_ours += w->found.ports[i] != w->exclude_port;
	}
	return not_ours;
}

/* Finds the ports on which our descendants listen: others in the same network namespace (a pod, an
 * awsvpc task) are none of our business. /proc is only walked when the listeners have changed. */
static void discover_ports(struct connection_watch *w)
{
	struct listeners *found = &w->found;
	size_t unreadable = 0;
	bool unmatched;

	if (find_listeners(w) < 0 || (same_listeners(found, &w->listeners) && !w->ports_unknown))
		return;
	if (w->ports_given) {
		w->listeners = *found;
		return;
	}
	if (process_tree_mark_sockets(getpid(), found->sockets, found->count, &unreadable) < 0 ||
		process_tree_count(getpid()) <= 0)
		unreadable = 1; /* hidepid=2 hides even our own child, without a trace */
	unmatched = take_ports(w, false) > 0;
	if (unreadable > 0 && unmatched && w->port_count == 0) {
		unmatched = take_ports(w, true) > 0;
		if (w->port_count > 0)
			degrade(w, REPORT_DEGRADED_PORTS_BY_USER,
				"the application runs as another user: its ports were told by the "
				"owner "
				"of their sockets; give --port to be sure");
	}
	w->listeners = *found;
	w->ports_unknown = unreadable > 0 && unmatched && w->port_count == 0;
}

static void say_ports_unknown(struct connection_watch *w)
{
	if (w->ports_unknown)
		degrade(w, REPORT_DEGRADED_PORTS_UNKNOWN,
			"cannot see which process holds the listening sockets (/proc is "
			"restricted, or "
			"the application runs as another user); give --port, else the drain waits "
			"out "
			"its budget");
}

bool connection_watch_listeners_changed(struct connection_watch *watch)
{
	return find_listeners(watch) == 0 && !same_listeners(&watch->found, &watch->listeners);
}

void connection_watch_say_wrong_ports(struct connection_watch *watch)
{
	char bytes[256];
	struct text text;

	if (!watch->ports_given || watch->had_listener || find_listeners(watch) < 0)
		return;
	text_init(&text, bytes, sizeof bytes);
	for (size_t i = 0; i < watch->found.count && !text.truncated; i++)
		text_printf(&text, "%s%u", i > 0 ? ", " : "", watch->found.ports[i]);
	log_event(watch->log, LOG_WARNING, "wrong_ports",
		"nobody listens on the ports of --port; listening here: %s",
		text.len > 0 ? bytes : "nobody");
}

int connection_watch_new(const struct options *options, uint16_t exclude_port, struct log *log,
	struct connection_watch **ret_watch)
{
	struct connection_watch *w = calloc(1, sizeof *w);
	/* large enough to come as untouched zero pages, which cost nothing until they are used */
	struct census_entry *entries = calloc(FOLLOWED_MAX, sizeof *entries);
	uint32_t *index = calloc((size_t)2 * FOLLOWED_MAX, sizeof *index);
	struct verdict_settings settings = {0};

	if (w == NULL || entries == NULL || index == NULL) {
		free(w);
		free(entries);
		free(index);
		return -ENOMEM;
	}
	w->log = log;
	w->diag.fd = -1;
	w->events_fd = -1;
	w->exclude_port = exclude_port;
	w->looked_at = -1;
	accept_queue_init(&w->queue);
	settings.settle = options->settle;
	settings.idle_after = options->idle_after;
	census_init(&w->census, entries, index, FOLLOWED_MAX, &settings);
	census_ignore(&w->census, options->ignored_peers, options->ignored_peer_count);
	w->ports_given = options->port_count > 0;
	for (unsigned i = 0; i < options->port_count; i++)
		add_port(w, options->ports[i]);
	choose_detector(w);
	*ret_watch = w;
	return 0;
}

void connection_watch_free(struct connection_watch *watch)
{
	if (watch == NULL)
		return;
	sockdiag_close(&watch->diag);
	(void)fd_close(watch->events_fd);
	free(watch->census.entries);
	free(watch->census.index);
	free(watch);
}

int connection_watch_follow(struct connection_watch *watch, msec_t now)
{
	/* joined before the first look: what ends between the two is heard of, not missed */
	if (watch->detector == REPORT_DETECTOR_SOCK_DIAG) {
		int fd = sockdiag_open_events();

		if (fd >= 0)
			watch->events_fd = fd;
		else
			degrade(watch, REPORT_DEGRADED_NO_EVENTS,
				"the kernel does not tell of ended connections; polling instead");
	}
	watch->census.has_events = watch->events_fd >= 0;
	census_start(&watch->census, now);
	connection_watch_look(watch, now, true);
	say_ports_unknown(watch);
	return watch->events_fd;
}

void connection_watch_app_told(struct connection_watch *watch)
{
	watch->census.app_told = true;
}

void connection_watch_app_ended(struct connection_watch *watch)
{
	watch->census.app_ended = true;
}

void connection_watch_app_crashed(struct connection_watch *watch, msec_t now)
{
	connection_watch_read_events(watch, now);
	census_app_crashed(&watch->census, now);
}

void connection_watch_ignore_own(
	struct connection_watch *watch, uint16_t app_port, uint16_t our_port)
{
	watch->own_target = app_port;
	watch->own_ports[watch->own_count++ % OWN_REMEMBERED] = our_port;
}

static bool is_loopback(const struct connection *row)
{
	static const uint8_t mapped[12] = {[10] = 0xFF, [11] = 0xFF};

	if (row->family == AF_INET)
		return row->peer[0] == IN_LOOPBACKNET;
	if (memcmp(row->peer, mapped, sizeof mapped) == 0)
		return row->peer[12] == IN_LOOPBACKNET;
	return memcmp(row->peer, &in6addr_loopback, sizeof row->peer) == 0;
}

/* Whether it is one of the last checks of our own. */
static bool is_own(const struct connection_watch *w, const struct connection *row)
{
	if (row->local_port != w->own_target || w->own_target == 0 || !is_loopback(row))
		return false;
	for (unsigned i = 1; i <= OWN_REMEMBERED && i <= w->own_count; i++) {
		if (w->own_ports[(w->own_count - i) % OWN_REMEMBERED] == row->peer_port)
			return true;
	}
	return false;
}

static void take_row(void *arg, const struct connection *row)
{
	struct connection_watch *w = arg;

	if (row->local_port == w->exclude_port || is_own(w, row))
		return;
	accept_queue_pass_row(&w->queue, row);
	census_pass_row(&w->census, row, w->now);
}

static void take_ending(void *arg, const struct connection *row)
{
	struct connection_watch *w = arg;

	if (w->port_count > 0 ? !has_port(w, row->local_port) : !w->census.app_ended)
		return; /* the group tells of every socket in the namespace */
	if (is_own(w, row))
		return;
	w->event_seen = true;
	census_ended(&w->census, row, w->now);
}

/* Reads what waits on the events' descriptor, if there is one. */
static void read_events(struct connection_watch *w)
{
	if (w->events_fd < 0 || sockdiag_read_events(w->events_fd, take_ending, w) != -ENOBUFS)
		return;
	w->event_seen = true;
	w->census.has_events = false; /* who is missing may have lost its event */
	degrade(w, REPORT_DEGRADED_EVENTS_LOST,
		"the kernel dropped events of ended connections; their counts are partial");
}

/* When the time that looks may take suffices for another one. */
static msec_t affordable_at(const struct connection_watch *w)
{
	int64_t missing_us = w->cost_us - w->saved_us;

	if (missing_us <= 0)
		return w->tried_at;
	return msec_add(w->tried_at,
		msec_min((missing_us + COST_PERMILLE - 1) / COST_PERMILLE, LOOK_SLOWEST_MS));
}

static void pay(struct connection_watch *w, msec_t now, int64_t cost_us)
{
	int64_t earned_us = (now - w->tried_at) * COST_PERMILLE;

	w->saved_us = (w->saved_us + earned_us < SAVED_COST_MAX_US ? w->saved_us + earned_us
								   : SAVED_COST_MAX_US) -
		      cost_us;
	w->cost_us = cost_us;
	w->tried_at = now;
}

/* A server that drains closes its listener and its idle connections in one go, but not at one moment. */
static void note_listener(struct connection_watch *w, msec_t now)
{
	if (w->census.counts.listening > 0) {
		w->had_listener = true;
		w->listened_at = now;
	}
	w->census.settings.listener_closed = w->census.app_told && w->had_listener &&
					     now - w->listened_at > w->census.settings.settle;
}

static void look(struct connection_watch *w, msec_t now)
{
	struct sockdiag_query query = {.states = WORK_STATES, .want_info = true};
	int64_t started_us = monoclock_now_us();
	int r = 0;

	discover_ports(w);
	w->now = now;
	accept_queue_pass_begin(&w->queue);
	census_pass_begin(&w->census);
	query.ports = w->ports;
	query.port_count = w->port_count;
	if (w->port_count == 0 && w->census.app_ended)
		query.states =
			LEFT_STATES; /* its ports were never seen: whose they are is not asked */
	if (w->port_count > 0 || w->census.app_ended)
		r = dump(w, &query, take_row, w);
	/* after the dump: who is missing in it has an event waiting, as a rule */
	read_events(w);
	pay(w, now, monoclock_now_us() - started_us);
	w->event_seen = false;
	if (r < 0) {
		log_event(w->log, LOG_VERBOSE, "look_failed",
			"cannot dump connections: %s, retrying", strerror(-r));
		return; /* looked_at stays: nothing was learnt of now */
	}
	accept_queue_pass_end(&w->queue, now);
	census_pass_end(&w->census);
	w->looked_at = now;
	note_listener(w, now);
	if (w->census.totals.incomplete)
		degrade(w, REPORT_DEGRADED_CENSUS_FULL,
			"more connections than can be followed one by one; they are counted only");
}

void connection_watch_look(struct connection_watch *watch, msec_t now, bool force)
{
	if (watch->detector == REPORT_DETECTOR_NONE)
		return;
	if (force || watch->looked_at < 0 || now >= affordable_at(watch))
		look(watch, now);
}

void connection_watch_read_events(struct connection_watch *watch, msec_t now)
{
	watch->now = now;
	read_events(watch);
}

msec_t connection_watch_next_look(const struct connection_watch *watch)
{
	const struct census_counts *counts = &watch->census.counts;
	msec_t pause = msec_max(watch->cost_us * UNPROMPTED_COST_FACTOR / 1000, LOOK_UNPROMPTED_MS);

	if (watch->detector == REPORT_DETECTOR_NONE)
		return MSEC_NEVER;
	if (watch->event_seen)
		return affordable_at(watch);
	/* nothing is busy, and what is recent will be idle then, if nothing moves */
	if (counts->busy == 0 && counts->settles_in > 0)
		return msec_max(affordable_at(watch),
			msec_add(watch->tried_at, counts->settles_in + TICK_MS));
	return msec_add(watch->tried_at, msec_min(pause, LOOK_SLOWEST_MS));
}

const struct census *connection_watch_census(const struct connection_watch *watch)
{
	return &watch->census;
}

enum report_detector connection_watch_detector(const struct connection_watch *watch)
{
	return watch->detector;
}

bool connection_watch_sees(const struct connection_watch *watch)
{
	return watch->detector != REPORT_DETECTOR_NONE && !watch->ports_unknown;
}

msec_t connection_watch_looked_at(const struct connection_watch *watch)
{
	return watch->looked_at;
}

unsigned connection_watch_ports(const struct connection_watch *watch, const uint16_t **ret_ports)
{
	*ret_ports = watch->ports;
	return watch->port_count;
}

uint32_t connection_watch_degraded(const struct connection_watch *watch)
{
	return watch->degraded;
}

const struct accept_queue *connection_watch_accept_queue(const struct connection_watch *watch)
{
	return &watch->queue;
}

bool connection_watch_app_listens(const struct connection_watch *watch)
{
	return !connection_watch_sees(watch) || watch->census.counts.listening > 0;
}

void connection_watch_finish(struct connection_watch *watch, msec_t now)
{
	connection_watch_read_events(watch, now);
	census_finish(&watch->census);
}
