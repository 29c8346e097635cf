/* SPDX-License-Identifier: MIT */
/* What the two files of the client share: client.c has the connection, client_exchange.c a request and its
 * answer on it. */
#pragma once

#include "drill/client.h"

#define NEVER INT64_MAX

/* client.c */
void client_watch(struct client *client, int events);
void client_set_deadline(struct client *client, int64_t now_us, int64_t timeout_us);
void client_drop_deadline(struct client *client);

/* The last thing that its caller does: the owner may free the client, or ask again. */
void client_end_attempt(struct client *client, enum attempt_end_cause cause, int error);

/* client_exchange.c */
void client_begin_request(struct client *client);

/* Returns what to watch for. Errors are told by the next read, which finds what came before them. */
int client_send_request(struct client *client);

/* Returns false when the attempt is over, and the client perhaps freed. */
bool client_read_answer(struct client *client);
