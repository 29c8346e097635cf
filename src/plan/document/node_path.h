/* SPDX-License-Identifier: MIT */
/* Where a node is in its document. */
#pragma once

#include "plan/document/tree.h"

/* The JSON pointer (RFC 6901) of a node as it was written, "" for the root. In the arena. */
const char *node_path(const struct node *node, struct arena *arena);
