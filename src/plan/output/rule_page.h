/* SPDX-License-Identifier: MIT */
/* The rules as pages: of `explain`, and docs/rules.md. */
#pragma once

#include "plan/rules/rule.h"

#include <stdio.h>

void rule_page_text(const struct rule *rule, FILE *out);

/* docs/rules.md, whole. */
void rule_page_markdown(FILE *out);

/* All rules with their pairs, as the tests run them. Returns 0, -ENOMEM or the -errno of the file. */
int rule_page_json(FILE *out);

/* A line a rule: id, severity, title. */
void rule_page_list(FILE *out);
