/* SPDX-License-Identifier: MIT */
#include "plan/rules/rule_registry.h"

#include <string.h>

const struct rule_table *const rule_tables[] = {
	&file_rules,
	&ecs_task_rules,
	&ecs_service_rules,
	&ecs_target_rules,
	&compose_rules,
	&kube_rules,
};
const size_t rule_table_count = sizeof(rule_tables) / sizeof(*rule_tables);

const char *severity_name(enum severity severity)
{
	static const char *const names[] = {"note", "warning", "error"};

	return names[severity];
}

static const struct rule *find_in(const struct rule_table *table, const char *id)
{
	for (size_t i = 0; i < table->count; i++) {
		if (strcmp(table->rules[i].id, id) == 0)
			return &table->rules[i];
	}
	return NULL;
}

const struct rule *rule_find(const char *id)
{
	const struct rule *found = NULL;

	for (size_t i = 0; i < rule_table_count && !found; i++)
		found = find_in(rule_tables[i], id);
	return found;
}
