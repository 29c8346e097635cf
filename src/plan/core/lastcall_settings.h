/* SPDX-License-Identifier: MIT */
/* What a document says of lastcall in one container: read by lastcall's own parser of options and by its
 * own arithmetic, so that both say the same of a setting. */
#pragma once

#include "core/cli/options.h"
#include "core/stop/stop_budget.h"

#include <stdbool.h>

enum container_platform {
	CONTAINER_ON_ECS,
	CONTAINER_ON_KUBERNETES,
	CONTAINER_ON_DOCKER, /* Docker, Compose and Swarm */
	CONTAINER_ON_NOMAD,
};

struct container_words {
	enum container_platform platform;
	/* What the container executes, as far as the document says: entrypoint, then command. Ends at NULL.
	 * Empty: the image decides. */
	char *const *argv;
	/* Its environment, NAME=value, the variables whose value is known. Ends at NULL. */
	char *const *envp;
	bool has_more_variables; /* or some whose value is unknown */
	bool image_has_lastcall; /* lastcall is the image's ENTRYPOINT, as the user says */
};

struct lastcall_settings {
	bool is_first_word; /* the document's own command begins with lastcall */
	bool is_used; /* lastcall is in the command, or a LASTCALL_ variable is set, or the user says so */
	/* lastcall runs, and knows the stop timeout: from the document, or by its default for the platform. */
	bool is_timeout_known, is_timeout_given;
	char problem[512]; /* why lastcall would not start; empty: it would */
	struct options options; /* the words point into argv and envp */
	struct stop_budget budget; /* valid where is_timeout_known and there is no problem */
};

void lastcall_settings_read(
	const struct container_words *words, struct lastcall_settings *ret_settings);

/* Where lastcall is in a command, by its name or a path to it: the first word, or behind another init. NULL:
 * nowhere. */
char *const *lastcall_find(char *const *argv);
