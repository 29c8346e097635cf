/* SPDX-License-Identifier: MIT */
/* Reads one option's value. Which option uses which of these, the table in drill_options.c says; what
 * they refuse, it explains. */
#pragma once

#include "drill/cli/drill_options.h"

/* field: where it goes, in *options. Returns 0, or -EINVAL for what is not its form. */
typedef int drill_option_set_fn(struct drill_options *options, void *field, const char *value);

drill_option_set_fn drill_option_set_flag, drill_option_set_string, drill_option_set_url;
drill_option_set_fn drill_option_set_duration, drill_option_set_seconds; /* int64_t us, double s */
drill_option_set_fn drill_option_set_count, drill_option_set_runs; /* unsigned */
drill_option_set_fn drill_option_set_bytes; /* int64_t: 64k, 8M, 512k/s */
drill_option_set_fn drill_option_set_rate, drill_option_set_share; /* double: 50/s; 0 to 1 */
drill_option_set_fn drill_option_set_offsets, drill_option_set_body, drill_option_set_header;
drill_option_set_fn drill_option_set_status, drill_option_set_threshold; /* int, unsigned */
drill_option_set_fn drill_option_set_retry_safe, drill_option_set_exits, drill_option_set_place;
drill_option_set_fn drill_option_set_profile, drill_option_set_method, drill_option_set_data;
drill_option_set_fn drill_option_set_connect_to, drill_option_set_regex;
drill_option_set_fn drill_option_set_pid, drill_option_set_signal, drill_option_set_fail_on;
