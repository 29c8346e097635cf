/* SPDX-License-Identifier: MIT */
#include "lastcall/app_ports.h"

#include "sys/child.h"

#include <unistd.h>

void app_ports_add(struct app_ports *ports, struct port_range range)
{
	for (unsigned port = range.first; port <= range.last; port++) {
		if (port != 0 && port != ports->excluded)
			port_set_add(&ports->set, (uint16_t)port);
	}
}

static void take_listener(void *arg, const struct connection *row)
{
	struct app_ports *ports = arg;
	struct listeners *found = &ports->found;

	if (found->count == LISTENERS_MAX || row->state != TCP_STATE_LISTEN ||
		row->local_port == ports->excluded)
		return;
	found->sockets[found->count++] = (struct process_tree_socket){
		.inode = row->inode,
		.uid = row->uid,
		.waiting = row->rqueue,
		.port = row->local_port,
	};
}

int app_ports_find_listeners(struct app_ports *ports, struct detector *detector)
{
	const struct sockdiag_query query = {.states = TCP_STATE_BIT(TCP_STATE_LISTEN)};

	ports->found.count = 0;
	return detector_dump(detector, &query, take_listener, ports);
}

bool app_ports_are_old(const struct app_ports *ports)
{
	if (ports->found.count != ports->known_count)
		return true;
	for (size_t i = 0; i < ports->known_count; i++) {
		if (ports->found.sockets[i].inode != ports->known[i])
			return true;
	}
	return false;
}

/* Takes the ports of those listeners that are the application's by one sign. Returns how many are
 * not. */
static size_t take_ports(struct app_ports *ports, bool by_user)
{
	size_t not_ours = 0;

	for (size_t i = 0; i < ports->found.count; i++) {
		const struct process_tree_socket *socket = &ports->found.sockets[i];

		if (by_user ? socket->same_user : socket->owned)
			app_ports_add(ports, (struct port_range){socket->port, socket->port});
		else
			not_ours++;
	}
	return not_ours;
}

static void note_known(struct app_ports *ports)
{
	ports->known_count = ports->found.count;
	for (size_t i = 0; i < ports->known_count; i++)
		ports->known[i] = ports->found.sockets[i].inode;
}

void app_ports_discover(struct app_ports *ports, struct degraded *degraded, bool app_ended)
{
	struct listeners *found = &ports->found;
	size_t unreadable = 0;
	bool unmatched;

	if (!app_ports_are_old(ports) && !ports->unknown)
		return;
	if (ports->given || found->count == 0) {
		note_known(ports);
		ports->unknown = false;
		return;
	}
	if (process_tree_mark_sockets(getpid(), found->sockets, found->count, &unreadable) < 0 ||
		(process_tree_count(getpid()) <= 0 && !app_ended && !child_is_waiting()))
		unreadable = 1; /* hidepid=2 hides even our own child, without a trace */
	unmatched = take_ports(ports, false) > 0;
	if (unreadable > 0 && unmatched && ports->set.count == 0) {
		unmatched = take_ports(ports, true) > 0;
		if (ports->set.count > 0)
			degraded_note(degraded, REPORT_DEGRADED_PORTS_BY_USER,
				"the application runs as another user: its ports were told by the "
				"owner of their sockets; give --port to be sure");
	}
	note_known(ports);
	ports->unknown = unreadable > 0 && unmatched && ports->set.count == 0;
}
