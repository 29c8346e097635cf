/* SPDX-License-Identifier: MIT */
/* The files that belong to a compose file. */
#pragma once

#include "plan/model/compose.h"

/* The layers of all services: of each document, the last first, the service and what it extends. */
void compose_read_layers(struct compose_model *model);

/* Whether `docker compose` merges this file into another one beside it, with which it is read. */
bool compose_is_override(const char *file);
