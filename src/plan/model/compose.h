/* SPDX-License-Identifier: MIT */
/* What a compose file says of its services: for `docker compose`, or for `docker stack deploy`. */
#pragma once

#include "plan/core/compose_duration.h"
#include "plan/core/lastcall_settings.h"
#include "plan/document/documents.h"
#include "plan/model/value.h"

enum {
	COMPOSE_MAX_LAYERS = 16, /* of one service */
	COMPOSE_MAX_FILES = 16,
	COMPOSE_MAX_FILE_BYTES = 4 << 20, /* of another file than the one that is checked */
	COMPOSE_MAX_SERVICES = 2000,
	COMPOSE_MAX_UNREAD = 16,
	COMPOSE_MAX_TEXT = 8192, /* of a value; a longer one is unknown */
};

/* What a file is meant for, as far as it is clear. */
enum compose_target { COMPOSE_FOR_ANY, COMPOSE_FOR_UP, COMPOSE_FOR_STACK };

/* A file beside the one that is checked: an override, one that is included, or one that a service extends. */
struct compose_file {
	const char *name;
	bool is_included;
	struct documents documents;
	struct compose_file *next;
};

struct compose_service {
	const char *name;
	const struct node *node;
	/* Mappings that say something of the service, the strongest first: its own, and what it extends. */
	const struct node *layers[COMPOSE_MAX_LAYERS];
	size_t layer_count;
	bool is_included; /* another file has it, which this one includes */
	bool is_partial; /* what is absent is unknown: it extends what cannot be read, or is a part itself */

	char *const *argv; /* entrypoint and command, up to the first word that is unknown */
	bool has_entrypoint;
	const struct lastcall_settings *lastcall; /* never NULL */
	struct compose_service *next;
};

struct compose_model {
	struct arena *arena;
	const char *file;
	enum compose_target target;
	enum compose_program program; /* whose grammar counts */
	bool image_has_lastcall;
	struct document *const *documents;
	size_t document_count;
	struct compose_file *files;
	size_t file_count, service_count;
	const struct node *unread[COMPOSE_MAX_UNREAD]; /* files that are included, and not read */
	size_t unread_count;
	bool is_including; /* services that are read now are of such a file */
	struct compose_service *services, **last;
};

/* Whether it is a compose file: services with keys that only those have. */
bool compose_recognises(const struct node *root);

/* The file that a node is from. */
const char *compose_file_of(const struct compose_model *model, const struct node *node);

/* The node at a path of keys, NULL at its end; NULL: absent, or dropped by !reset. */
const struct node *compose_find(const struct compose_service *service, ...)
	__attribute__((sentinel));

const struct node *compose_find_at(const struct compose_service *service, const char *const path[]);

/* The same in one layer. Sets *ret_ends where no weaker layer counts. */
const struct node *compose_find_in_layer(
	const struct node *layer, const char *const path[], bool *ret_ends);

/* The scalar there, its variables replaced by their defaults. */
struct value compose_value(const struct compose_model *model, const struct compose_service *service,
	const char *const path[]);
#define COMPOSE_PATH(...) ((const char *const[]){__VA_ARGS__, NULL})

/* Whether it has data that two tasks must not write at once. */
bool compose_has_volumes(const struct compose_service *service);

/* A node's scalar, its variables replaced. */
struct value compose_scalar(const struct compose_model *model, const struct node *node);

/* A duration there. Returns false where it is unknown, or refused. `absent` is the default, in ns. */
bool compose_duration_at(const struct compose_model *model, const struct compose_service *service,
	const char *const path[], int64_t absent, int64_t *ret_ns, struct value *ret_value);

/* Whether a duration is refused by the program; an unquoted number is no string. */
bool compose_refuses_duration(const struct value *value, enum compose_program program);

/* Adds the words of an entrypoint, a command or a health check: a list, or a string that is split. Returns
 * whether all of them are known. */
struct word_list;
bool compose_add_words(
	const struct compose_model *model, const struct node *node, struct word_list *words);
