/* SPDX-License-Identifier: MIT */
#include "core/text/label_list.h"

#include <errno.h>
#include <string.h>

static unsigned index_of(const struct label_list *labels, const char *key)
{
	unsigned i = 0;

	while (i < labels->count && strcmp(labels->list[i].key, key) != 0)
		i++;
	return i;
}

const char *label_list_value(const struct label_list *labels, const char *key)
{
	unsigned i = index_of(labels, key);

	return i < labels->count ? labels->list[i].value : NULL;
}

int label_list_set(struct label_list *labels, unsigned max, const char *key, const char *value)
{
	unsigned i = index_of(labels, key);

	if (i == labels->count) {
		if (labels->count >= max || labels->count == LABEL_LIST_MAX)
			return -ENOSPC;
		labels->count++;
	}
	labels->list[i] = (struct label){key, value};
	return 0;
}

void label_list_add_missing(struct label_list *labels, const struct label_list *more)
{
	for (unsigned i = 0; i < more->count; i++) {
		if (label_list_value(labels, more->list[i].key) == NULL)
			(void)label_list_set(
				labels, LABEL_LIST_MAX, more->list[i].key, more->list[i].value);
	}
}

void label_list_write(struct text *text, const struct label_list *labels)
{
	for (unsigned i = 0; i < labels->count; i++)
		text_printf(text, "%s%s=%s", i > 0 ? " " : "", labels->list[i].key,
			labels->list[i].value);
}
