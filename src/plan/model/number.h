/* SPDX-License-Identifier: MIT */
/* A number of a document, with its default and its place. */
#pragma once

#include "plan/document/tree.h"

struct number {
	const struct node *node; /* NULL: not given, `value` is the default */
	bool is_known; /* false: a template or another program decides */
	int64_t value;
};

#define NUMBER_MAX INT64_C(1000000000000)

/* Reads a whole number, in quotes or without. What is no number is unknown. */
struct number number_read(const struct node *node, int64_t absent);

/* Whether the number is known and lies between both, inclusive. */
bool number_is_between(const struct number *number, int64_t min, int64_t max);

/* Whether another program replaces a part of the text before the deployment: "${NAME}" (envsubst, Flux),
 * "$(NAME)" (Kubernetes), "{{ x }}" (Helm, Ansible), "<NAME>". */
bool text_is_template(const char *text);

/* Whether a scalar says yes, as YAML 1.1 and JSON write it. */
bool node_is_true(const struct node *node);
