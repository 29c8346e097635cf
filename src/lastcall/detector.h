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

/* Steps down to the next best one where one does not work, and says what is lost by it. */
void detector_open(struct detector *detector, struct degraded *degraded);
void detector_close(struct detector *detector);

/* As sockdiag_dump; -ENOTSUP where nothing works. */
int detector_dump(struct detector *detector, const struct sockdiag_query *query, connection_fn *row,
	void *arg);
