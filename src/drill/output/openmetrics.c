/* SPDX-License-Identifier: MIT */
#include "drill/output/openmetrics.h"

#include "drill/core/measure.h"
#include "host/markup.h"

#include <inttypes.h>

/* No info and no stateset: the readers of the older text format refuse a type that they do not know,
 * and take the rest as it is. */
static void put_family(
	FILE *out, const char *name, const char *type, const char *unit, const char *help)
{
	fprintf(out, "# TYPE %s %s\n", name, type);
	if (unit)
		fprintf(out, "# UNIT %s %s\n", name, unit);
	fprintf(out, "# HELP %s %s\n", name, help);
}

static void put_drill(const struct drill_result *result, FILE *out)
{
	unsigned bad = 0, unknown = 0;

	put_family(out, "drain_drill", "gauge", NULL, "Which drill this is.");
	fputs("drain_drill{version=\"" LASTCALL_VERSION "\",target=\"", out);
	markup_label(out, result->target);
	fputs("\",stop=\"", out);
	markup_label(out, result->stop_text);
	fputs("\"} 1\n", out);
	put_family(out, "drain_verdict", "gauge", NULL, "1 for the drill's verdict.");
	for (unsigned v = VERDICT_PASS; v <= VERDICT_INCONCLUSIVE; v++)
		fprintf(out, "drain_verdict{verdict=\"%s\"} %d\n", verdict_name(v),
			result->verdict == v);
	put_family(out, "drain_runs", "gauge", NULL, "Stops of the drill.");
	fprintf(out, "drain_runs %u\n", result->run_count);
	put_family(out, "drain_bad_runs", "gauge", NULL,
		"Stops that lost work, were killed, left processes, or showed nothing.");
	for (unsigned i = 0; i < result->run_count; i++) {
		bad += measure_run_is_bad(&result->runs[i]);
		unknown += result->runs[i].error[0] != '\0';
	}
	fprintf(out, "drain_bad_runs{kind=\"lost\"} %u\ndrain_bad_runs{kind=\"no_result\"} %u\n",
		bad - unknown, unknown);
}

static void put_checks(const struct drill_result *result, FILE *out)
{
	if (result->check_count == 0)
		return;
	put_family(out, "drain_check_failed", "gauge", NULL, "1 for a threshold that was not met.");
	for (unsigned i = 0; i < result->check_count; i++) {
		fputs("drain_check_failed{check=\"", out);
		markup_label(out, result->checks[i].name);
		fprintf(out, "\"} %d\n", !result->checks[i].has_passed);
	}
}

static void put_measure(const struct drill_result *result, enum measure measure, const char *name,
	const char *help, FILE *out)
{
	const struct percentiles p = measure_over_runs(result, measure);

	if (p.samples == 0)
		return;
	put_family(out, name, "gauge", "seconds", help);
	fprintf(out,
		"%s{runs=\"min\"} %.6f\n%s{runs=\"p50\"} %.6f\n"
		"%s{runs=\"p95\"} %.6f\n%s{runs=\"max\"} %.6f\n",
		name, p.min, name, p.p50, name, p.p95, name, p.max);
}

static void put_measures(const struct drill_result *result, FILE *out)
{
	put_measure(result, MEASURE_STOP, "drain_stop_seconds", "From the stop to the exit.", out);
	put_measure(result, MEASURE_OVERSHOOT, "drain_overshoot_seconds",
		"What a stop took beyond the least that it could have taken.", out);
	put_measure(result, MEASURE_MARGIN, "drain_deadline_margin_seconds",
		"What was left of the stop timeout at the exit.", out);
	put_measure(result, MEASURE_LAME_DUCK, "drain_lame_duck_seconds",
		"From the first failing health answer to the first refused connection.", out);
	put_measure(result, MEASURE_MAX_GAP, "drain_max_gap_seconds",
		"The longest time without a success before the exit.", out);
	put_measure(result, MEASURE_DRAIN_MAX, "drain_longest_request_seconds",
		"From the stop to the end of the last request that was in flight.", out);
}

static void put_requests(const struct drill_result *result, FILE *out)
{
	put_family(out, "drain_requests", "counter", NULL,
		"What became of the requests of all runs, as the client saw it.");
	for (unsigned c = 0; c < COHORT_COUNT; c++) {
		const struct cohort_numbers sum = measure_cohort(result, c);

		for (unsigned o = 0; o < OUTCOME_COUNT; o++) {
			if (sum.outcomes[o] > 0 || (o == OUTCOME_OK && sum.attempts > 0))
				fprintf(out,
					"drain_requests_total{cohort=\"%s\",outcome=\"%s\"} "
					"%" PRIu32 "\n",
					cohort_name(c), outcome_name(o), sum.outcomes[o]);
		}
	}
}

static void put_in_flight(const struct drill_result *result, FILE *out)
{
	uint64_t cut = 0;
	const struct run *last = NULL;

	for (unsigned i = 0; i < result->run_count; i++) {
		last = &result->runs[i];
		cut += last->numbers.in_flight_cut;
	}
	put_family(out, "drain_cut_connections", "counter", NULL,
		"Requests in flight at the stop that did not get their whole answer.");
	fprintf(out, "drain_cut_connections_total %" PRIu64 "\n", cut);
	if (!last)
		return;
	put_family(out, "drain_inflight", "gauge", NULL,
		"Requests in flight at the last stop, as the client knows it.");
	fprintf(out, "drain_inflight{at=\"t0\",class=\"busy\"} %" PRIu32 "\n",
		last->numbers.in_flight_at_stop);
}

/* lastcall's own word. Where a run has none the sum would be too small, and is left out. */
static void put_self_report(const struct drill_result *result, FILE *out)
{
	int64_t lost_bytes = 0, never_accepted = 0;

	for (unsigned i = 0; i < result->run_count; i++) {
		const struct self_report *server = &result->runs[i].server;

		if (!server->was_found || server->lost_bytes < 0 || server->accept_queue_lost < 0)
			return;
		lost_bytes += server->lost_bytes;
		never_accepted += server->accept_queue_lost;
	}
	if (result->run_count == 0)
		return;
	put_family(out, "drain_undelivered_bytes", "counter", "bytes",
		"Bytes that the server wrote and no client acknowledged, as lastcall reports it.");
	fprintf(out, "drain_undelivered_bytes_total %" PRId64 "\n", lost_bytes);
	put_family(out, "drain_accept_queue_lost_connections", "counter", NULL,
		"Connections that ended before they were accepted, as lastcall reports it.");
	fprintf(out, "drain_accept_queue_lost_connections_total %" PRId64 "\n", never_accepted);
}

void openmetrics_write(const struct drill_result *result, FILE *out)
{
	put_drill(result, out);
	put_checks(result, out);
	put_measures(result, out);
	put_requests(result, out);
	put_in_flight(result, out);
	put_self_report(result, out);
	fputs("# EOF\n", out);
}
