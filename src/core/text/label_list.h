/* SPDX-License-Identifier: MIT */
/* Labels: what a user or the platform says about the container, for reports, metrics and the log. */
#pragma once

#include "core/text/text.h"

#define LABELS_OF_USER 16
#define LABELS_OF_PLATFORM 8
#define LABEL_LIST_MAX (LABELS_OF_USER + LABELS_OF_PLATFORM)

struct label {
	const char *key, *value; /* the caller's, and outlive the list */
};

/* Each key is there once. */
struct label_list {
	unsigned count;
	struct label list[LABEL_LIST_MAX];
};

/* The value of a key, or NULL. */
const char *label_list_value(const struct label_list *labels, const char *key);

/* Adds a label, or replaces the value of its key. Returns 0, or -ENOSPC when there are `max` others. */
int label_list_set(struct label_list *labels, unsigned max, const char *key, const char *value);

/* Adds the labels whose keys are not there yet, as far as there is room. */
void label_list_add_missing(struct label_list *labels, const struct label_list *more);

/* Adds "service=web revision=7". */
void label_list_write(struct text *text, const struct label_list *labels);
