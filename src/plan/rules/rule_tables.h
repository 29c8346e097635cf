/* SPDX-License-Identifier: MIT */
/* The tables of rules; rule.c has their list. */
#pragma once

#include "plan/rules/rule.h"

extern const struct rule_table file_rules; /* 0xx */
