/* SPDX-License-Identifier: MIT */
/* A server that does to each request what the request's path says, in a process of its own:
 *
 *	/length|chunked|close/BYTES/keep|eof|reset|silent[/wrong|surplus]
 *		an answer of SCRIPTED_BODY_BYTES framed in this way, of which so many are sent; then the
 *		connection stays in use, is closed, is reset, or says nothing more. With one wrong byte, or
 *		with some behind the answer. `bye` is TLS's word for the end, and then its end
 *	/none/0/eof|reset|silent	no byte of an answer
 *	/early/NNN/eof|reset		another status, and no byte of an upload is read; 0: no answer
 *	/garbage/0/silent		bytes that are no HTTP
 *	/status/NNN/keep[/retry|goodbye]	another status; with Retry-After, or with Connection: close
 *	/large/BYTES/keep		so many, with their length
 *	/varying/BYTES/keep		the same, with another number each time
 *	/slow/MS/keep			a whole answer, so much later
 *	/paced/MS/keep			a whole answer in chunks, a piece each so many milliseconds
 *
 * An upload is read to its end, and one that is not numbered from 0 is not answered.
 * With /second before it all, a connection's first request is answered as it should be. SIGUSR1 makes it
 * close every connection. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define SCRIPTED_BODY_BYTES 1800

struct scripted_server {
	pid_t pid;
	uint16_t port;
};

/* folder: where cert.pem and key.pem are, for TLS; NULL: plain. Ends the test program where it cannot. */
void scripted_server_start(struct scripted_server *server, const char *folder);
void scripted_server_stop(struct scripted_server *server);

/* A socket that listens on IPv4, with a port of its own. */
int scripted_listen(int backlog, uint16_t *ret_port);
