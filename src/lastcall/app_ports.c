/* SPDX-License-Identifier: MIT */
#include "lastcall/app_ports.h"

#include "sys/child.h"
#include "sys/own_cgroup.h"
#include "sys/process_tree.h"

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

	ports->tells_mptcp |= row->is_mptcp;
	if (found->count == LISTENERS_MAX || row->state != TCP_STATE_LISTEN ||
		row->local_port == ports->excluded)
		return;
	found->sockets[found->count++] = (struct process_socket){
		.inode = row->inode,
		.uid = row->uid,
		.cgroup = row->cgroup,
		.waiting = row->rqueue,
		.port = row->local_port,
	};
}

int app_ports_find_listeners(struct app_ports *ports, struct detector *detector)
{
	/* without the information the kernel does not name a listener's protocol */
	const struct sockdiag_query query = {
		.states = TCP_STATE_BIT(TCP_STATE_LISTEN), .want_info = true};

	ports->found.count = 0;
	return detector_dump(detector, &query, take_listener, ports);
}

void app_ports_add_found(const struct app_ports *ports, struct port_set *set)
{
	for (size_t i = 0; i < ports->found.count; i++)
		port_set_add(set, ports->found.sockets[i].port);
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

bool app_ports_mark(struct app_ports *ports, struct process_socket *sockets, size_t count)
{
	size_t unreadable = 0;

	if (count == 0)
		return true;
	if (process_sockets_mark(getpid(), sockets, count, &unreadable) < 0)
		unreadable = 1;
	ports->cgroup = unreadable > 0 ? own_cgroup() : 0;
	return unreadable == 0;
}

bool app_ports_owns(const struct app_ports *ports, const struct process_socket *socket)
{
	return socket->owned || (ports->cgroup != 0 && socket->cgroup == ports->cgroup);
}

bool app_ports_add_own(struct app_ports *ports, struct port_set *set)
{
	struct listeners *found = &ports->found;
	uint64_t cgroup = ports->cgroup;
	bool is_known = app_ports_mark(ports, found->sockets, found->count);

	for (size_t i = 0; i < found->count; i++) {
		if (found->sockets[i].port != ports->excluded &&
			app_ports_owns(ports, &found->sockets[i]))
			port_set_add(set, found->sockets[i].port);
	}
	is_known |= ports->cgroup != 0;
	ports->cgroup = cgroup;
	return is_known;
}

/* Takes the ports of those listeners that are the application's by one sign. Returns how many are
 * not. */
static size_t take_ports(struct app_ports *ports, bool by_user)
{
	size_t not_ours = 0;

	for (size_t i = 0; i < ports->found.count; i++) {
		const struct process_socket *socket = &ports->found.sockets[i];

		ports->has_mptcp |= socket->is_mptcp;
		if (by_user ? socket->same_user : app_ports_owns(ports, socket))
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

static bool is_any_owned(const struct listeners *found)
{
	for (size_t i = 0; i < found->count; i++) {
		if (found->sockets[i].owned)
			return true;
	}
	return false;
}

void app_ports_discover(struct app_ports *ports, struct degraded *degraded, bool app_ended)
{
	struct listeners *found = &ports->found;
	bool is_readable, unmatched;

	ports->has_mptcp |= ports->tells_mptcp; /* with --port, too, which asks nothing of /proc */
	if (!app_ports_are_old(ports) && !ports->unknown)
		return;
	if (ports->given || found->count == 0) {
		note_known(ports);
		ports->unknown = false;
		return;
	}
	is_readable = app_ports_mark(ports, found->sockets, found->count);
	if (!is_any_owned(found) && !app_ended && process_tree_count(getpid()) <= 0 &&
		!child_is_waiting()) {
		is_readable = false; /* hidepid=2 hides even our own child, without a trace */
		ports->cgroup = own_cgroup();
	}
	unmatched = take_ports(ports, false) > 0;
	if (!is_readable && unmatched && ports->set.count == 0) {
		unmatched = take_ports(ports, true) > 0;
		if (ports->set.count > 0)
			degraded_note(degraded, REPORT_DEGRADED_PORTS_BY_USER,
				"the application runs as another user: its ports were found by the "
				"owner of the sockets; give --port to be certain");
	}
	note_known(ports);
	ports->unknown = !is_readable && unmatched && ports->set.count == 0;
}
