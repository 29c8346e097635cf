/* SPDX-License-Identifier: MIT */
/* Reads one option's value into its field. Which option uses which of these, option_table.c
 * says; what they refuse, it explains. */
#pragma once

#include "core/cli/options.h"

/* Gives a value to one option; field is where the option's row says that it is kept. Returns 0, or -EINVAL for
 * what is not its form. Strings are kept, not copied. */
typedef int option_set_fn(struct options *options, void *field, const char *value);

/* Adds a label, or replaces the one of that key, as --label does. The parts are copied. Returns 0, or -EINVAL for a
 * key of other characters than its own, and where there is no room. */
int option_add_label(struct options *options, const char *key, size_t key_len, const char *value);

option_set_fn option_set_app_check, option_set_check_failures, option_set_positive_duration,
	option_set_positive_duration_or_off;
option_set_fn option_set_drain_status, option_set_duration, option_set_duration_or_off,
	option_set_exit_map, option_set_flag, option_set_health_path, option_set_healthcheck,
	option_set_ignored_peer, option_set_label, option_set_listen, option_set_log_format,
	option_set_notify, option_set_order, option_set_port, option_set_report, option_set_rewrite,
	option_set_signal, option_set_status, option_set_stop_on, option_set_wait;
