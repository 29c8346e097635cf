/* SPDX-License-Identifier: MIT */
/* Finds lastcall's report in what a server has written. */
#pragma once

#include "host/core/self_report.h"

#include <stdbool.h>
#include <stdint.h>

/* The last report in the text (docs/report.schema.json). Returns false, and leaves
 * *ret_word alone, where there is none. */
bool server_report_find(const char *text, struct self_report *ret_word);

/* The same for what was appended to a file behind this offset. */
bool server_report_read(const char *path, int64_t offset, struct self_report *ret_word);
