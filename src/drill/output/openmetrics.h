/* SPDX-License-Identifier: MIT */
/* The drill in the OpenMetrics text format, as GitLab's metrics reports, a push gateway and
 * node_exporter's textfile collector read it. */
#pragma once

#include "drill/core/drill_result.h"

#include <stdio.h>

void openmetrics_write(const struct drill_result *result, FILE *out);
