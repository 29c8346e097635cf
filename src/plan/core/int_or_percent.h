/* SPDX-License-Identifier: MIT */
/* Kubernetes' IntOrString where it counts pods: maxSurge: 25%, maxUnavailable: 1. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct int_or_percent {
	int64_t value;
	bool is_percent;
};

#define INT_OR_PERCENT_MAX 1000000000

/* Reads "25%" or "1". Digits in quotes are a string, which the API refuses where it wants a percentage
 * (apimachinery, pkg/util/intstr, GetScaledValueFromIntOrPercent). Returns 0 or -EINVAL. */
int int_or_percent_parse(const char *string, bool is_quoted, struct int_or_percent *ret_value);

/* How many pods it is of `total`. A percentage is rounded up or down, as its field is. */
int64_t int_or_percent_of(struct int_or_percent value, int64_t total, bool is_rounded_up);
