/* SPDX-License-Identifier: MIT */
#include "lastcall/socket_survey.h"

#include <string.h>
#include <unistd.h>

/* A survey costs what a poll does, and a walk through /proc. */
#define SURVEY_INTERVAL_MS 250

#define OPEN_STATES (TCP_STATE_BIT(TCP_STATE_ESTABLISHED) | TCP_STATE_BIT(TCP_STATE_CLOSE_WAIT))

struct collection {
	struct socket_survey *survey;
	const struct app_ports *ports;
};

static bool is_open(const struct connection *row)
{
	return (TCP_STATE_BIT(row->state) & OPEN_STATES) != 0;
}

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
static bool may_lack_its_listener(const struct socket_survey *survey, const struct app_ports *ports,
	const struct connection *row)
{
	return row->origin == ORIGIN_ACCEPTED && !ports->given &&
	       row->local_port != ports->excluded &&
	       !port_set_has(&survey->listening, row->local_port);
}

void socket_survey_begin(struct socket_survey *survey, const struct app_ports *ports, msec_t now)
{
	survey->due_at = msec_add(now, SURVEY_INTERVAL_MS);
	survey->count = 0;
	memset(&survey->listening, 0, sizeof survey->listening);
	app_ports_add_found(ports, &survey->listening);
}

void socket_survey_take(
	struct socket_survey *survey, const struct app_ports *ports, const struct connection *row)
{
	if (!is_open(row) || row->inode == 0 || port_set_has(&ports->set, row->local_port))
		return;
	if (may_lack_its_listener(survey, ports, row))
		add(survey, row, false);
	else if (row->from_here && row->origin != ORIGIN_ACCEPTED &&
		 port_set_has(&ports->set, row->peer_port))
		add(survey, row, true);
}

static void take_row(void *arg, const struct connection *row)
{
	struct collection *collection = arg;

	socket_survey_take(collection->survey, collection->ports, row);
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

bool socket_survey_end(struct socket_survey *survey, struct app_ports *ports)
{
	unsigned before = ports->set.count;

	(void)app_ports_mark(ports, survey->sockets, survey->count);
	place(survey, ports);
	return ports->set.count > before;
}

bool socket_survey_run(struct socket_survey *survey, struct app_ports *ports,
	struct detector *detector, msec_t now)
{
	const struct sockdiag_query query = {.states = OPEN_STATES, .want_info = true};
	struct collection collection = {survey, ports};

	socket_survey_begin(survey, ports, now);
	return detector_dump(detector, &query, take_row, &collection) == 0 &&
	       socket_survey_end(survey, ports);
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
	return is_open(row) && row->from_here && row->inode != 0 &&
	       !port_set_has(&survey->strangers, row->peer_port) &&
	       !port_set_has(&survey->own_clients, row->peer_port);
}
