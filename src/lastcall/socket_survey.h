/* SPDX-License-Identifier: MIT */
/* The application's connections that its listening ports do not reveal. A connection whose listener was closed
 * after the accept (FTP's passive mode) is work; a connection between two processes of the application is not. A
 * dump of all connections of the namespace finds both; /proc is walked only where the dump shows such a case. The
 * dump may be that of a poll: then begin, take each row, end. */
#pragma once

#include "lastcall/app_ports.h"

#define SURVEY_SOCKETS_MAX 16384

struct survey_socket {
	uint16_t port, peer_port; /* the socket's own, and its peer's */
	bool is_client; /* of one of the application's ports; else it was accepted */
};

struct socket_survey {
	msec_t due_at; /* the earliest next survey */
	struct port_set own_clients; /* ports of connections from the application to itself, */
	struct port_set strangers; /* of those that others here have to it, */
	struct port_set own_servers; /* and where the application connects to itself */
	struct port_set listening; /* ports with a listener of any process in the namespace */
	size_t count;
	struct survey_socket about[SURVEY_SOCKETS_MAX];
	struct process_socket sockets[SURVEY_SOCKETS_MAX];
};

/* ports->found has to be of this poll. */
void socket_survey_begin(struct socket_survey *survey, const struct app_ports *ports, msec_t now);

void socket_survey_take(
	struct socket_survey *survey, const struct app_ports *ports, const struct connection *row);

/* Adds the ports of accepted connections without a listener. Returns whether there is a new port. */
bool socket_survey_end(struct socket_survey *survey, struct app_ports *ports);

/* All of these with a dump of its own, or false where the dump fails. */
bool socket_survey_run(struct socket_survey *survey, struct app_ports *ports,
	struct detector *detector, msec_t now);

/* Whether both ends of a connection on one of the application's ports are the application's own. One that
 * no dump has shown yet, on a port to which the application connects itself, is taken to be so. */
bool socket_survey_is_internal(const struct socket_survey *survey, const struct connection *row);

/* Whether a connection on one of the application's ports comes from this machine, from a process that
 * no survey has seen. */
bool socket_survey_is_new(const struct socket_survey *survey, const struct connection *row);
