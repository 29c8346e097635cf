/* SPDX-License-Identifier: MIT */
#include "lastcall/unix_watch.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define WALK_INTERVAL_MS 250

#define WATCHED_STATES (TCP_STATE_BIT(TCP_STATE_LISTEN) | TCP_STATE_BIT(TCP_STATE_ESTABLISHED))
#define ALL_STATES UINT32_MAX

static void take_row(void *arg, const struct unix_socket *socket)
{
	struct unix_watch *w = arg;

	if (socket->type != SOCK_STREAM && socket->type != SOCK_SEQPACKET)
		return;
	if (w->row_count < UNIX_ROWS_MAX)
		w->rows[w->row_count++] = *socket;
	else
		w->is_full = true;
}

static int read_rows(struct unix_watch *w, struct sockdiag *diag, uint32_t states)
{
	w->row_count = 0;
	return unix_sockets_dump(diag, states, take_row, w);
}

static bool is_listener(const struct unix_socket *row)
{
	return row->state == TCP_STATE_LISTEN && row->address != 0;
}

static const struct unix_listener *find_listener(const struct unix_watch *w, uint64_t address)
{
	for (size_t i = 0; address != 0 && i < w->listener_count; i++) {
		if (w->listeners[i].address == address)
			return &w->listeners[i];
	}
	return NULL;
}

static void find_listeners(struct unix_watch *w, struct app_ports *ports)
{
	size_t count = 0;

	for (size_t i = 0; i < w->row_count; i++) {
		if (is_listener(&w->rows[i]))
			w->sockets[count++] = (struct process_socket){.inode = w->rows[i].inode};
	}
	(void)app_ports_mark(ports, w->sockets, count);
	count = 0;
	for (size_t i = 0; i < w->row_count; i++) {
		const struct unix_socket *row = &w->rows[i];

		if (!is_listener(row) || !w->sockets[count++].owned ||
			w->listener_count == UNIX_LISTENERS_MAX)
			continue;
		w->listeners[w->listener_count++] =
			(struct unix_listener){row->address, row->has_path};
	}
}

/* Dumps keep their order, so that the next row is most likely of the next one. */
static struct unix_connection *find_followed(struct unix_watch *w, uint64_t cookie)
{
	for (size_t i = 0; i < w->followed_count; i++) {
		size_t place = (w->cursor + i) % w->followed_count;

		if (w->followed[place].cookie != cookie)
			continue;
		w->cursor = place + 1;
		return &w->followed[place];
	}
	return NULL;
}

static struct unix_connection *follow(
	struct unix_watch *w, const struct unix_socket *row, msec_t now)
{
	struct unix_connection *c = find_followed(w, row->cookie);

	if (c != NULL)
		return c;
	if (w->followed_count == UNIX_FOLLOWED_MAX) {
		w->is_full = true;
		return NULL;
	}
	c = &w->followed[w->followed_count++];
	*c = (struct unix_connection){.cookie = row->cookie,
		.inode = row->inode,
		.peer = row->peer,
		.sum = row->rqueue,
		.moved_at = now};
	return c;
}

static void take_accepted(struct unix_watch *w, msec_t now)
{
	w->waiting = 0;
	for (size_t i = 0; i < w->row_count; i++) {
		const struct unix_socket *row = &w->rows[i];
		struct unix_connection *c;

		if (find_listener(w, row->address) == NULL)
			continue;
		if (row->state == TCP_STATE_LISTEN) {
			w->waiting += row->waiting;
			continue;
		}
		c = follow(w, row, now);
		if (c == NULL)
			continue;
		c->seen = true;
		c->rqueue = row->rqueue;
		c->peer_has_left = row->peer_has_left;
	}
}

/* What the client has not read is in the row of its own end. */
static void take_clients(struct unix_watch *w)
{
	for (size_t i = 0; i < w->row_count; i++) {
		for (size_t j = 0; w->rows[i].peer != 0 && j < w->followed_count; j++) {
			if (w->followed[j].inode == w->rows[i].peer)
				w->followed[j].peer_rqueue = w->rows[i].rqueue;
		}
	}
}

/* Whether a new client is a process of the application's own. */
static void place_clients(struct unix_watch *w, struct app_ports *ports, msec_t now)
{
	size_t count = 0;

	for (size_t i = 0; i < w->followed_count; i++) {
		if (w->followed[i].client == UNIX_CLIENT_NEW)
			w->sockets[count++] = (struct process_socket){.inode = w->followed[i].peer};
	}
	if (count == 0 || now < w->due_at)
		return;
	w->due_at = msec_add(now, WALK_INTERVAL_MS);
	(void)app_ports_mark(ports, w->sockets, count);
	count = 0;
	for (size_t i = 0; i < w->followed_count; i++) {
		struct unix_connection *c = &w->followed[i];

		if (c->client != UNIX_CLIENT_NEW)
			continue;
		c->client = w->sockets[count++].owned && c->peer != 0 ? UNIX_CLIENT_OWN
								      : UNIX_CLIENT_STRANGER;
	}
}

/* As the verdict and the connection tracker know a connection. */
static struct connection describe(const struct unix_connection *c, msec_t now)
{
	uint32_t quiet = (uint32_t)(now - c->moved_at);

	return (struct connection){
		.cookie = c->cookie,
		.family = AF_UNIX,
		.state = c->peer_has_left ? TCP_STATE_CLOSE_WAIT : TCP_STATE_ESTABLISHED,
		.inode = c->inode,
		.rqueue = c->rqueue,
		.wqueue = c->peer_rqueue,
		.has_info = true,
		.last_data_sent_ms = quiet,
		.last_data_recv_ms = quiet,
		.last_ack_recv_ms = quiet,
		.data_segs_in = c->movements,
		.data_segs_out = c->movements,
		.segs_out = c->movements,
		.segs_in = c->movements,
	};
}

/* Removes a row's inode from those held. */
static void strike(void *arg, const struct unix_socket *socket)
{
	struct unix_watch *w = arg;

	for (size_t i = 0; i < w->held_count;) {
		if (w->held[i] == socket->inode)
			w->held[i] = w->held[--w->held_count];
		else
			i++;
	}
}

static bool has_path(const struct unix_watch *w)
{
	for (size_t i = 0; i < w->listener_count; i++) {
		if (w->listeners[i].has_path)
			return true;
	}
	return false;
}

/* A socket of the application that is in no dump was accepted from a client in another network namespace; only a
 * path leads there. */
static void count_unseen(struct unix_watch *w, struct sockdiag *diag)
{
	int count = process_sockets_unix(getpid(), w->held, UNIX_ROWS_MAX);

	w->held_count = count > 0 ? (size_t)count : 0;
	w->unseen = 0;
	if (w->held_count > 0 && unix_sockets_dump(diag, ALL_STATES, strike, w) == 0)
		w->unseen = (unsigned)w->held_count;
}

static void note_movement(struct unix_connection *c, msec_t now)
{
	uint32_t sum = c->rqueue + c->peer_rqueue;

	if (sum == c->sum)
		return;
	c->sum = sum;
	c->movements++;
	c->moved_at = now;
}

/* Nothing tells of the end of one: it was there in the last poll, with these queues. */
static void note_ended(const struct unix_connection *c, struct conn_tracker *tracker, msec_t now)
{
	struct connection last = describe(c, now);

	if (c->client == UNIX_CLIENT_OWN)
		return;
	last.state = TCP_STATE_CLOSE;
	last.wqueue = 0; /* the client can still read what was left to it */
	last.peer_port = UINT16_MAX; /* a socket without a peer would be a listener */
	conn_tracker_ended(tracker, &last, now);
}

static void tell(struct unix_watch *w, struct conn_tracker *tracker, msec_t now)
{
	size_t kept = 0;

	for (size_t i = 0; i < w->followed_count; i++) {
		struct unix_connection *c = &w->followed[i];
		struct connection row;

		if (!c->seen) {
			note_ended(c, tracker, now);
			continue;
		}
		note_movement(c, now);
		row = describe(c, now);
		if (c->client == UNIX_CLIENT_OWN)
			conn_tracker_pass_internal(tracker, &row);
		else
			conn_tracker_pass_row(tracker, &row, now);
		c->seen = false;
		c->peer_rqueue = 0;
		w->followed[kept++] = *c;
	}
	w->followed_count = kept;
	conn_tracker_pass_waiting(tracker, w->waiting);
	tracker->totals.incomplete |= w->is_full;
}

/* Finds the application's listeners. A kernel without unix_diag shows none, nor does one whose security module forbids
 * it. Whatever else fails passes, and the next poll tries again. */
static int start(struct unix_watch *w, struct app_ports *ports, struct sockdiag *diag, msec_t now)
{
	int r = read_rows(w, diag, TCP_STATE_BIT(TCP_STATE_LISTEN));

	w->is_refused = r == -EPERM || r == -EACCES;
	if (r < 0 && r != -ENOENT && !w->is_refused)
		return r;
	w->is_started = true;
	find_listeners(w, ports);
	if (has_path(w)) {
		w->recount_at = msec_add(now, WALK_INTERVAL_MS);
		count_unseen(w, diag);
	}
	return 0;
}

int unix_watch_poll(struct unix_watch *watch, struct app_ports *ports, struct sockdiag *diag,
	struct conn_tracker *tracker, msec_t now)
{
	int r = watch->is_started ? 0 : start(watch, ports, diag, now);

	if (r < 0 || watch->listener_count == 0)
		return r;
	r = read_rows(watch, diag, WATCHED_STATES);
	if (r < 0)
		return r;
	take_accepted(watch, now);
	take_clients(watch);
	place_clients(watch, ports, now);
	tell(watch, tracker, now);
	if (watch->unseen > 0 && now >= watch->recount_at) {
		watch->recount_at = msec_add(now, WALK_INTERVAL_MS);
		count_unseen(watch, diag);
	}
	if (!tracker->app_ended)
		conn_tracker_pass_unseen(tracker, watch->unseen, now);
	return 0;
}
