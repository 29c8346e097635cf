/* SPDX-License-Identifier: MIT */
/* The best way to see connections that works here. */
#pragma once

#include "core/report/report.h"
#include "lastcall/degraded.h"
#include "sys/sockdiag.h"

struct detector {
	enum report_detector kind;
	struct sockdiag diag;
};

/* Tries the detectors from the best one on, and logs what is lost by a lesser one. */
void detector_open(struct detector *detector, struct degraded *degraded);
void detector_close(struct detector *detector);

/* As sockdiag_dump; -ENOTSUP where no detector works. */
int detector_dump(struct detector *detector, const struct sockdiag_query *query, connection_fn *row,
	void *arg);
