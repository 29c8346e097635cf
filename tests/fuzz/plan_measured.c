/* SPDX-License-Identifier: MIT */
/* What lastcall-plan reads of the past: reports of stops, and deployments of ECS. The first byte chooses. */
#include "plan/model/measured_stops.h"
#include "plan/model/past_deployments.h"

#include "require.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_stops(const char *path, struct text *error)
{
	struct measured_stops stops = {0};

	if (measured_stops_add(&stops, path, error) == 0) {
		int64_t last = 0;

		require(stops.count > 0 && stops.longest_request >= 0);
		for (unsigned percentile = 1; percentile <= 100; percentile += 33) {
			int64_t stop = measured_stops_percentile(&stops, percentile);

			require(stop >= last);
			last = stop;
		}
	} else {
		require(error->len > 0);
	}
	measured_stops_done(&stops);
}

static void read_deployments(const char *path, struct text *error)
{
	static struct time_plan plan;

	memset(&plan, 0, sizeof plan);
	require(past_deployments_read(&plan, path, error) == 0 || error->len > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int file = -1;
	char path[32], bytes[1024];
	struct text error;

	if (size == 0)
		return 0;
	if (file < 0)
		file = memfd_create("fuzz", MFD_CLOEXEC);
	require(file >= 0 && ftruncate(file, 0) == 0);
	require(pwrite(file, data + 1, size - 1, 0) == (ssize_t)size - 1);
	(void)snprintf(path, sizeof path, "/proc/self/fd/%d", file);
	text_init(&error, bytes, sizeof bytes);
	(data[0] == 'd' ? read_deployments : read_stops)(path, &error);
	return 0;
}
