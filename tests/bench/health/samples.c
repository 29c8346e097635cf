/* SPDX-License-Identifier: MIT */
#include "samples.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define SAMPLES_MAX 4000000

int64_t samples_now_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void samples_begin(struct samples *samples)
{
	*samples = (struct samples){
		.us = calloc(SAMPLES_MAX, sizeof(uint32_t)), .began_us = samples_now_us()};
	if (samples->us == NULL)
		exit(2);
}

void samples_begin_again(struct samples *samples)
{
	samples->left_out += samples->count;
	samples->count = 0;
	samples->began_us = samples_now_us();
}

int samples_add(struct samples *samples, int64_t us)
{
	samples->us[samples->count++] = (uint32_t)us;
	return samples->count < SAMPLES_MAX;
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

int samples_print(struct samples *samples)
{
	double took_us = (double)(samples_now_us() - samples->began_us);
	unsigned long count = samples->count;

	if (count == 0)
		return printf("{\"count\":0,\"failed\":%lu}\n", samples->failed) < 0;
	qsort(samples->us, count, sizeof samples->us[0], compare);
	return printf("{\"count\":%lu,\"left_out\":%lu,\"failed\":%lu,\"rps\":%.0f,\"p50_us\":%u,"
		      "\"p99_us\":%u,"
		      "\"p999_us\":%u,\"max_us\":%u}\n",
		       count, samples->left_out, samples->failed, (double)count * 1e6 / took_us,
		       samples->us[count / 2], samples->us[count * 99 / 100],
		       samples->us[count * 999 / 1000], samples->us[count - 1]) < 0;
}
