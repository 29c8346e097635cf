/* SPDX-License-Identifier: MIT */
/* All rules. A new table is declared here and listed in rule_registry.c. */
#pragma once

#include "plan/rules/rule.h"

extern const struct rule_table file_rules; /* 0xx */
extern const struct rule_table ecs_task_rules; /* 1xx */
extern const struct rule_table ecs_service_rules; /* 2xx */
extern const struct rule_table ecs_target_rules; /* 3xx */
extern const struct rule_table compose_rules; /* 4xx */
extern const struct rule_table kube_rules; /* 5xx */

/* All tables, by the ids of their rules. */
extern const struct rule_table *const rule_tables[];
extern const size_t rule_table_count;

/* The rule of an id, or NULL. */
const struct rule *rule_find(const char *id);

/* "note", "warning", "error": the words of SARIF and of the text output. */
const char *severity_name(enum severity severity);
