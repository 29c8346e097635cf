/* SPDX-License-Identifier: MIT */
#include "plan/model/number.h"

#include "core/text/number.h"

#include <string.h>

struct number number_read(const struct node *node, int64_t absent)
{
	struct number number = {.node = node, .is_known = true, .value = absent};
	const char *text = node_text(node);

	if (!node || node_is_null(node)) {
		number.node = NULL;
		return number;
	}
	number.value = text ? number_parse(text, 0, NUMBER_MAX) : -1;
	number.is_known = number.value >= 0;
	return number;
}

bool number_is_between(const struct number *number, int64_t min, int64_t max)
{
	return number->is_known && number->value >= min && number->value <= max;
}

bool text_is_template(const char *text)
{
	return strstr(text, "${") || strstr(text, "$(") || strstr(text, "{{") ||
	       (text[0] == '<' && text[strlen(text) - 1] == '>');
}

bool node_is_true(const struct node *node)
{
	static const char *const words[] = {
		"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", "y", "Y"};
	const char *text = node_text(node);

	for (size_t i = 0; text && i < sizeof(words) / sizeof(*words); i++) {
		if (strcmp(text, words[i]) == 0)
			return true;
	}
	return false;
}
