/* SPDX-License-Identifier: MIT */
/* How long requests took, and what is said of it. */
#pragma once

#include <stdint.h>

struct samples {
	uint32_t *us;
	unsigned long count, failed;
	unsigned long left_out; /* answered before it began again */
	int64_t began_us;
};

int64_t samples_now_us(void);
void samples_begin(struct samples *samples);

/* Leaves out what was so far. */
void samples_begin_again(struct samples *samples);

/* Whether there was room for it. */
int samples_add(struct samples *samples, int64_t us);

/* {"count":…,"left_out":…,"failed":…,"rps":…,"p50_us":…,"p99_us":…,"p999_us":…,"max_us":…}. Returns main's status. */
int samples_print(struct samples *samples);
