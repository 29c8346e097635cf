/* SPDX-License-Identifier: MIT */
#include "drill/load/load_cohorts.h"

#include <errno.h>

static const struct load_request *request_of(const struct load_settings *settings, unsigned i)
{
	return i == REQUEST_KEEP_ALIVE ? &settings->keep_alive
	       : i == REQUEST_FRESH    ? &settings->fresh
				       : &settings->in_flight[i];
}

static enum cohort cohort_of(unsigned request)
{
	return request == REQUEST_KEEP_ALIVE ? COHORT_KEEP_ALIVE
	       : request == REQUEST_FRESH    ? COHORT_NEW
					     : COHORT_IN_FLIGHT;
}

static int init_requests(struct load_cohorts *cohorts, const struct load_settings *settings)
{
	for (unsigned i = 0; i < REQUEST_COUNT; i++) {
		const struct load_request *wanted = request_of(settings, i);
		bool is_used = wanted->connections > 0 ||
			       (i == REQUEST_FRESH && settings->fresh_per_s > 0);

		if (request_init(&cohorts->requests[i], settings->target, wanted, &settings->form,
			    i == REQUEST_FRESH) < 0 ||
			reference_init(&cohorts->references[i], &cohorts->requests[i], cohort_of(i),
				is_used, settings, wanted) < 0)
			return -ENOMEM;
		cohorts->requests[i].number = cohorts->references[i].fetched.number = (uint8_t)i;
	}
	return 0;
}

int load_cohorts_init(struct load_cohorts *cohorts, struct load_conns *conns,
	const struct load_settings *settings)
{
	arrivals_init(&cohorts->arrivals, conns, settings, &cohorts->requests[REQUEST_FRESH]);
	if (init_requests(cohorts, settings) < 0 ||
		in_flight_init(&cohorts->in_flight, conns, settings, cohorts->requests) < 0 ||
		standing_init(&cohorts->keep_alive, conns, COHORT_KEEP_ALIVE,
			settings->keep_alive.connections,
			&cohorts->requests[REQUEST_KEEP_ALIVE]) < 0 ||
		standing_init(&cohorts->preconnected, conns, COHORT_PRECONNECTED,
			settings->preconnected, NULL) < 0)
		return -ENOMEM;
	return 0;
}

void load_cohorts_done(struct load_cohorts *cohorts)
{
	arrivals_stop(&cohorts->arrivals);
	in_flight_done(&cohorts->in_flight);
	standing_done(&cohorts->keep_alive);
	standing_done(&cohorts->preconnected);
	for (unsigned i = 0; i < REQUEST_COUNT; i++) {
		request_done(&cohorts->requests[i]);
		reference_done(&cohorts->references[i]);
	}
}

void load_cohorts_release(struct load_cohorts *cohorts)
{
	in_flight_release(&cohorts->in_flight);
	standing_release(&cohorts->keep_alive);
	standing_release(&cohorts->preconnected);
}

void load_cohorts_give_up(struct load_cohorts *cohorts)
{
	in_flight_give_up(&cohorts->in_flight);
	standing_give_up(&cohorts->keep_alive);
	standing_give_up(&cohorts->preconnected);
}
