/* SPDX-License-Identifier: MIT */
#include "lastcall/socket_survey.h"

#include <string.h>
#include <unistd.h>

/* A survey costs what two polls do, and a walk through /proc. */
#define SURVEY_INTERVAL_MS 250

#define OPEN_STATES (TCP_STATE_BIT(TCP_STATE_ESTABLISHED) | TCP_STATE_BIT(TCP_STATE_CLOSE_WAIT))

struct collection {
	struct socket_survey *survey;
	const struct app_ports *ports;
	struct port_set listening; /* of whomever in the namespace */
};

static void add(struct socket_survey *survey, const struct connection *row, bool is_client)
{
	if (survey->count == SURVEY_SOCKETS_MAX)
		return;
	survey->about[survey->count] =
		(struct survey_socket){row->local_port, row->peer_port, is_client};
	survey->sockets[survey->count++] = (struct process_socket){
		.inode = row->inode,
		.cgroup = row->cgroup,
	};
}

/* With ports that were given, what else the application accepts is not asked for. */
static bool may_lack_its_listener(const struct collection *c, const struct connection *row)
{
	return row->origin == ORIGIN_ACCEPTED && !c->ports->given &&
	       row->local_port != c->ports->excluded &&
	       !port_set_has(&c->listening, row->local_port);
}

static void take_connection(void *arg, const struct connection *row)
{
	struct collection *c = arg;

	if (row->inode == 0 || port_set_has(&c->ports->set, row->local_port))
		return;
	if (may_lack_its_listener(c, row))
		add(c->survey, row, false);
	else if (row->from_here && row->origin != ORIGIN_ACCEPTED &&
		 port_set_has(&c->ports->set, row->peer_port))
		add(c->survey, row, true);
}

static void place(struct socket_survey *survey, struct app_ports *ports)
{
	memset(&survey->own_clients, 0, sizeof survey->own_clients);
	memset(&survey->strangers, 0, sizeof survey->strangers);
	for (size_t i = 0; i < survey->count; i++) {
		const struct survey_socket *about = &survey->about[i];
		bool owned = app_ports_owns(ports, &survey->sockets[i]);

		if (about->is_client && owned) {
			port_set_add(&survey->own_clients, about->port);
			port_set_add(&survey->own_servers, about->peer_port);
		} else if (about->is_client)
			port_set_add(&survey->strangers, about->port);
		else if (owned)
			app_ports_add(ports, (struct port_range){about->port, about->port});
	}
}

bool socket_survey_run(struct socket_survey *survey, struct app_ports *ports,
	struct detector *detector, msec_t now)
{
	const struct sockdiag_query query = {.states = OPEN_STATES, .want_info = true};
	struct collection collection = {.survey = survey, .ports = ports};
	unsigned before = ports->set.count;

	survey->due_at = msec_add(now, SURVEY_INTERVAL_MS);
	survey->count = 0;
	app_ports_add_found(ports, &collection.listening);
	if (detector_dump(detector, &query, take_connection, &collection) < 0)
		return false;
	(void)app_ports_mark(ports, survey->sockets, survey->count);
	place(survey, ports);
	return ports->set.count > before;
}

/* Where two clients have the same port, a stranger's work shall not be lost. */
bool socket_survey_is_internal(const struct socket_survey *survey, const struct connection *row)
{
	if (!row->from_here || port_set_has(&survey->strangers, row->peer_port))
		return false;
	return port_set_has(&survey->own_clients, row->peer_port) ||
	       port_set_has(&survey->own_servers, row->local_port);
}

bool socket_survey_is_new(const struct socket_survey *survey, const struct connection *row)
{
	return row->from_here && row->inode != 0 &&
	       !port_set_has(&survey->strangers, row->peer_port) &&
	       !port_set_has(&survey->own_clients, row->peer_port);
}
