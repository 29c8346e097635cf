/* SPDX-License-Identifier: MIT */
#include "lastcall/stop_end.h"

#include "lastcall/end_diagnosis.h"
#include "lastcall/job_watch.h"
#include "lastcall/stop_log.h"
#include "lastcall/stop_report.h"
#include "sys/monoclock.h"

#include <errno.h>
#include <string.h>

#define LAST_EVENTS_MS 100 /* the kernel sends them from a work queue: they may be late */

static void on_writable(struct ev_loop *loop, ev_io *watcher, int events)
{
	(void)loop;
	(void)events;
	stop_end_conclude(watcher->data, monoclock_now());
}

void stop_end_init(struct stop_end *end)
{
	end->finish_by = MSEC_NEVER;
	for (size_t i = 0; i < OPTIONS_MAX_REPORTS; i++) {
		ev_io_init(&end->watchers[i], on_writable, -1, EV_WRITE);
		end->watchers[i].data = end;
	}
}

/* Returns whether the output waits for its reader. */
static bool write_output(struct stop_end *end, struct report_output *output, ev_io *watcher)
{
	int r = report_output_write(output);

	if (r == -EAGAIN && monoclock_now() < end->stop->plan.deadline) {
		if (!ev_is_active(watcher)) {
			ev_io_set(watcher, output->sink.fd, EV_WRITE);
			ev_io_start(end->loop, watcher);
		}
		return true;
	}
	ev_io_stop(end->loop, watcher);
	if (r < 0)
		log_event(end->stop->log, LOG_WARNING, "report_lost", "cannot write the report: %s",
			strerror(-r));
	return false;
}

static void write_reports(struct stop_end *end)
{
	bool is_waiting = false;

	for (size_t i = 0; i < end->outputs->count; i++)
		is_waiting |= write_output(end, &end->outputs->list[i], &end->watchers[i]);
	if (!is_waiting)
		ev_break(end->loop, EVBREAK_ALL);
}

/* Makes the reports, and the line for the log. */
static void make_reports(struct stop_end *end, bool is_one_off, struct text *summary)
{
	bool is_silent = is_one_off && end->stop->options->given[OPTION_REPORT] == NULL;
	struct stop_report_input input = {
		.stop = end->stop,
		.health = http_server_counts(end->http),
		.degraded = end->degraded,
		.is_subreaper = end->is_subreaper,
	};
	struct report report;

	stop_report_fill(&input, &report);
	if (!is_silent)
		report_outputs_make(end->outputs, &report);
	report_write_summary(summary, &report);
}

/* A one-off is a command and no service: it has ended by itself, was never seen to listen, and nothing happened that
 * is worth a line of the log. With --verbose nothing is kept back. */
static void finish(struct stop_end *end)
{
	struct stop *stop = end->stop;
	bool is_one_off = stop->log->holds;
	char summary_bytes[REPORT_SUMMARY_BYTES];
	struct text summary;

	text_init(&summary, summary_bytes, sizeof summary_bytes);
	end->is_reported = true;
	connection_watch_finish(stop->watch, monoclock_now());
	notify_read(&stop->notify);
	job_watch_finish(&stop->notify.jobs, monoclock_now());
	end_diagnosis_note_cut(stop, monoclock_now());
	end_diagnosis_log_cut(stop);
	if (is_one_off)
		stop_log_one_off(stop);
	make_reports(end, is_one_off, &summary);
	if (stop->log->dropped > 0)
		log_event(stop->log, LOG_WARNING, "log_dropped",
			"%lu log lines were dropped: stderr was full", stop->log->dropped);
	if (!is_one_off)
		log_event(stop->log, LOG_INFO, "stopped", "%s", summary_bytes);
	write_reports(end);
}

/* Without the last events an answered request would be reported as cut. */
void stop_end_conclude(struct stop_end *end, msec_t now)
{
	struct connection_watch *watch = end->stop->watch;

	if (end->is_reported) {
		write_reports(end);
		return;
	}
	end->finish_by = msec_min(
		end->finish_by, msec_min(msec_add(now, LAST_EVENTS_MS), end->stop->plan.deadline));
	connection_watch_read_events(watch, now);
	if (!connection_watch_awaits_events(watch) || now >= end->finish_by)
		finish(end);
}

bool stop_end_is_over(const struct stop_end *end)
{
	for (size_t i = 0; i < OPTIONS_MAX_REPORTS; i++) {
		if (ev_is_active(&end->watchers[i]))
			return false;
	}
	return end->is_reported;
}
