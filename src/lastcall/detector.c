/* SPDX-License-Identifier: MIT */
#include "lastcall/detector.h"

#include "sys/procnet.h"

#include <errno.h>

static void ignore_row(void *arg, const struct connection *row)
{
	(void)arg;
	(void)row;
}

/* A dump is the test: a sock_diag socket may open although the kernel lacks tcp_diag. One of no state, for
 * which it need not walk its table. */
static bool works(struct detector *detector)
{
	const struct sockdiag_query query = {.states = 0};

	return detector_dump(detector, &query, ignore_row, NULL) == 0;
}

void detector_open(struct detector *detector, struct degraded *degraded)
{
	detector->kind = REPORT_DETECTOR_SOCK_DIAG;
	detector->diag.fd = -1;
	if (sockdiag_open(&detector->diag) == 0 && (works(detector) || works(detector)))
		return; /* tried twice: a dump may be interrupted */
	sockdiag_close(&detector->diag);
	detector->kind = REPORT_DETECTOR_PROCNET;
	if (works(detector)) {
		degraded_note(degraded, REPORT_DEGRADED_PROCNET,
			"sock_diag is not available: reading /proc/net/tcp; idle connections "
			"hold the drain, too");
		return;
	}
	detector->kind = REPORT_DETECTOR_NONE;
	degraded_note(degraded, REPORT_DEGRADED_NO_DETECTOR,
		"neither sock_diag nor /proc/net/tcp can be read: the drain takes its whole "
		"budget");
}

void detector_close(struct detector *detector)
{
	sockdiag_close(&detector->diag);
}

int detector_dump(struct detector *detector, const struct sockdiag_query *query, connection_fn *row,
	void *arg)
{
	switch (detector->kind) {
	case REPORT_DETECTOR_SOCK_DIAG:
		return sockdiag_dump(&detector->diag, query, row, arg);
	case REPORT_DETECTOR_PROCNET:
		return procnet_dump(query, row, arg);
	case REPORT_DETECTOR_NONE:
	case REPORT_DETECTOR_COUNT:
		break;
	}
	return -ENOTSUP;
}
