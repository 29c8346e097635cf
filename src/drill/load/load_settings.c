/* SPDX-License-Identifier: MIT */
#include "drill/load/load_settings.h"

#include <errno.h>

#define SECOND INT64_C(1000000)
#define OTHER_DESCRIPTORS 64 /* the loop's, the engine's, files, a target's pipes */

void load_settings_init(struct load_settings *settings, const struct target *target)
{
	*settings = (struct load_settings){
		.target = target,
		.fresh_after_exit_us = SECOND / 2,
		.connect_timeout_us = 5 * SECOND,
		.response_timeout_us = 30 * SECOND,
		.stall_timeout_us = 10 * SECOND,
		.settle_us = SECOND / 20,
		.ready_timeout_us = 30 * SECOND,
		.finish_timeout_us = 40 * SECOND,
	};
}

bool load_settings_are_empty(const struct load_settings *settings)
{
	return load_settings_in_flight(settings) + settings->keep_alive.connections +
			       settings->preconnected + settings->fresh.connections ==
		       0 &&
	       !(settings->fresh_per_s > 0);
}

unsigned load_settings_in_flight(const struct load_settings *settings)
{
	unsigned count = 0;

	for (unsigned i = 0; i < settings->in_flight_kinds; i++)
		count += settings->in_flight[i].connections;
	return count;
}

/* C has as many at a time as begin while one of them waits for its last limit. */
static uint64_t needed_descriptors(const struct load_settings *settings)
{
	int64_t longest = settings->connect_timeout_us + settings->response_timeout_us;

	return load_settings_in_flight(settings) + settings->keep_alive.connections +
	       settings->fresh.connections + settings->preconnected + OTHER_DESCRIPTORS +
	       (uint64_t)(settings->fresh_per_s * (double)longest / 1e6);
}

int load_settings_raise_descriptor_limit(
	const struct load_settings *settings, struct rlimit *ret_before)
{
	uint64_t needed = needed_descriptors(settings), fixed;
	struct load_settings without_fresh = *settings;
	struct rlimit limit;

	without_fresh.fresh_per_s = 0;
	fixed = needed_descriptors(&without_fresh);
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return -errno;
	*ret_before = limit;
	if (limit.rlim_cur >= needed)
		return 0;
	limit.rlim_cur = needed < limit.rlim_max ? needed : limit.rlim_max;
	if (limit.rlim_cur < fixed)
		limit.rlim_cur = limit.rlim_max = fixed; /* which root may */
	return setrlimit(RLIMIT_NOFILE, &limit) < 0 ? -EMFILE : 0;
}
