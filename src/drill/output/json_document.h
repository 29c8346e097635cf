/* SPDX-License-Identifier: MIT */
/* The drill as one JSON document for machines (docs/drill.schema.json), and its attempts as one
 * JSON object a line. Keys are always there and always in one order; what is not known is null. */
#pragma once

#include "drill/core/drill_result.h"

#include <stdio.h>

#define JSON_DOCUMENT_SCHEMA "lastcall.drill/1"

/* Both write indented or one-line JSON with a newline at its end, and return 0, or -errno. */
int json_document_write(const struct drill_result *result, FILE *out);
int json_attempts_write(const struct drill_result *result, FILE *out);
