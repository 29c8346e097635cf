/* SPDX-License-Identifier: MIT */
/* [FORMAT:]WHERE, one destination of the report: stderr, text:/run/report, emf:stdout. */
#pragma once

#include <stddef.h>

/* The formats of core/report/report.h. */
enum report_format { REPORT_AS_JSON, REPORT_AS_TEXT, REPORT_AS_EMF };

enum report_target {
	REPORT_TO_STDERR,
	REPORT_TO_STDOUT,
	REPORT_TO_FD,
	REPORT_TO_TERMINATION_LOG, /* REPORT_TERMINATION_LOG, where it exists */
	REPORT_TO_PATH,
};

/* Kubernetes mounts this file into each container, and shows it as the reason of the container's end: 4,096
 * bytes at most, and 12 KiB for all containers of a pod (Kubernetes documentation, "Determine the Reason for Pod
 * Failure"). */
#define REPORT_TERMINATION_LOG "/dev/termination-log"
#define REPORT_TERMINATION_LOG_BYTES 4096

struct report_destination {
	enum report_format format;
	enum report_target target;
	int fd; /* of REPORT_TO_FD */
	const char *given; /* the words, for a message; into the string, not terminated */
	size_t given_len;
	const char *path; /* of REPORT_TO_PATH; into the string, not terminated */
	size_t path_len;
};

/* Takes the destination of so many characters. Returns 0, or -EINVAL for anything else: also for a path without
 * a slash, which is a typing error more often than a file. */
int report_destination_parse(
	const char *string, size_t len, struct report_destination *ret_destination);
