/* SPDX-License-Identifier: MIT */
/* With --print, --print-whole, --print-text or --print-emf it is no test but prints reports of every shape, one a
 * line, for report_schema.py. */
#include "core/report/report.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static const struct port_set two_ports = {
	.count = 2,
	.words[8080 / 64] = UINT64_C(1) << 8080 % 64,
	.words[8443 / 64] = UINT64_C(1) << 8443 % 64,
};
static const struct port_set no_port;
static struct port_set many_ports;

static const struct jobs some_jobs = {
	.at_stop = 2,
	.peak = 3,
	.ended = {3, 1, 2},
	.holders = {{12, "worker", 2, 1871, JOB_FINISHED}, {9, "", 1, 60, JOB_CUT}},
	.holder_count = 2,
};
static const struct jobs no_jobs;
static struct jobs most_jobs;

/* The stop that the documentation shows: everything went well. */
static struct report drained(void)
{
	struct report report = {
		.version = "0.1.0",
		.outcome = REPORT_DRAINED,
		.stop = {"SIGTERM", INT64_C(1786007704123), 10000, "--stop-timeout", 1000, 6300,
			"default"},
		.phases_ms = {0, 0, 2196, 61, 0, 57, 2314},
		.headroom_ms = 6686,
		.connections =
			{
				.detector = REPORT_DETECTOR_SOCK_DIAG,
				.ports = &two_ports,
				.open_at_stop = 120,
				.since =
					{
						.busy_at_start = 47,
						.peak_busy = 49,
						.arrived = 3,
						.finished = 50,
						.flushed_bytes = 307308,
						.longest_ms = 2190,
						.blockers = {.list = {{.family = AF_INET,
								     .peer = {10, 0, 0, 7},
								     .peer_port = 41234,
								     .held_class = CONNECTION_BUSY,
								     .ending = CONNECTION_FINISHED,
								     .held_ms = 2190,
								     .age_ms = 2190,
								     .quiet_ms = 4}},
							.count = 1},
					},
			},
		.app = {.pid = 7,
			.exit_code = -1,
			.signal = "SIGTERM",
			.stop_signal = "SIGTERM",
			.handles_stop_signal = 1,
			.idle_ms = MSEC_NEVER},
		.jobs = &no_jobs,
		.notify.ready_ms = MSEC_NEVER,
		.health = {12, 1},
		.reaped = 4,
		.labels = {2, {{"service", "web"}, {"revision", "web:42"}}},
	};

	timeline_init(&report.timeline);
	timeline_add(&report.timeline, 0, 47, 120);
	timeline_add(&report.timeline, 250, 49, 123);
	timeline_add(&report.timeline, 2190, 0, 74);
	return report;
}

static struct report with_jobs(void)
{
	struct report report = drained();

	report.jobs = &some_jobs;
	report.notify.ready_ms = 412;
	report.notify.stopping = true;
	report.notify.status = "shutting \"down\"";
	report.notify.received = 9;
	report.notify.ignored = 1;
	return report;
}

static struct report budget_exhausted(void)
{
	struct report report = drained();

	report.outcome = REPORT_BUDGET_EXHAUSTED;
	report.phases_ms.drain = 6750;
	report.phases_ms.total = 6868;
	report.headroom_ms = 2132;
	report.connections.since.finished = 47;
	report.connections.since.cut = 3;
	report.connections.since.unknown = 2;
	report.connections.since.flushed_bytes = 0;
	report.connections.since.lost_bytes = 8192;
	report.app.exit_code = 0;
	report.app.signal = NULL;
	return report;
}

static struct report killed(void)
{
	struct report report = drained();

	report.outcome = REPORT_KILLED;
	report.phases_ms.term = 6739;
	report.phases_ms.kill = 20;
	report.phases_ms.total = 9012;
	report.headroom_ms = -12;
	report.connections.since.flushed_bytes = 0;
	report.app.signal = "SIGKILL";
	report.app.killed = true;
	report.app.handles_stop_signal = 0;
	report.app.waited_for = WAITED_FOR_NEVER_USED;
	report.app.idle_ms = 6739;
	report.app.leftovers = 2;
	report.app.leftovers_killed = 1;
	report.app.oom_kills = -1;
	return report;
}

static struct report still_there(void)
{
	struct report report = killed();

	report.app.signal = NULL; /* asleep where no signal reaches */
	return report;
}

static struct report exited_unasked(void)
{
	struct report report = {
		.version = "0.1.0",
		.outcome = REPORT_APP_EXITED,
		.stop = {NULL, INT64_C(1786007704123), 30000, "ecs-default", 1000, 10000,
			"default"},
		.phases_ms = {.flush = 104, .total = 104},
		.headroom_ms = 28896,
		.connections = {.ports = &no_port, .ended_unseen = true},
		.app = {.pid = 7, .exit_code = 1, .handles_stop_signal = -1, .idle_ms = MSEC_NEVER},
		.jobs = &no_jobs,
		.notify.ready_ms = MSEC_NEVER,
	};

	timeline_init(&report.timeline);
	return report;
}

static struct report exited_while_draining(void)
{
	struct report report = drained();

	report.outcome = REPORT_APP_EXITED;
	report.connections.since.cut = 2;
	report.app.exit_code = 0;
	report.app.signal = NULL;
	return report;
}

static struct report nothing_seen(void)
{
	struct report report = drained();

	report.connections.detector = REPORT_DETECTOR_NONE;
	report.connections.ports = &no_port;
	report.degraded = 1u << REPORT_DEGRADED_NO_DETECTOR;
	return report;
}

static struct report polled_nothing(void)
{
	struct report report = drained();

	report.connections.ports = &no_port;
	report.degraded = 1u << REPORT_DEGRADED_PORTS_UNKNOWN;
	return report;
}

static struct report seen_dimly(void)
{
	struct report report = drained();

	report.connections.detector = REPORT_DETECTOR_PROCNET;
	report.connections.since.flushed_bytes = 0;
	report.degraded = 1u << REPORT_DEGRADED_PROCNET | 1u << REPORT_DEGRADED_NO_EVENTS;
	return report;
}

static struct report without_limit(void)
{
	struct report report = drained();

	report.stop.timeout_ms = MSEC_NEVER;
	report.headroom_ms = MSEC_NEVER;
	return report;
}

/* The longest that every field can be, and labels that are far too long. */
static struct report longest(void)
{
	static char value[REPORT_MAX_BYTES], status[128];
	struct report report = {
		.version = "999.999.999-rc.999+0123456789abcdef0123456789abcdef01234567",
		.outcome = REPORT_BUDGET_EXHAUSTED,
		.degraded = (1u << REPORT_DEGRADED_COUNT) - 1,
		.diagnosis = (1u << REPORT_DIAGNOSIS_COUNT) - 1,
		.stop = {"SIGRTMAX-14", INT64_MAX, MSEC_NEVER - 1, "ECS_CONTAINER_STOP_TIMEOUT",
			MSEC_NEVER - 1, MSEC_NEVER - 1, "LASTCALL_LONGEST_REQUEST"},
		.headroom_ms = INT64_MIN + 1, /* as long, and the summary negates it */
		.connections = {.detector = REPORT_DETECTOR_SOCK_DIAG, .ports = &many_ports},
		.app = {.pid = INT_MAX, .exit_code = 255, .signal = "SIGRTMAX-14"},
		.timeline.count = TIMELINE_POINTS,
		.labels.count = LABEL_LIST_MAX,
	};

	report.phases_ms.min_drain = report.phases_ms.drain = MSEC_NEVER - 1;
	report.phases_ms.term = report.phases_ms.kill = MSEC_NEVER - 1;
	report.phases_ms.flush = report.phases_ms.total = MSEC_NEVER - 1;
	report.connections.open_at_stop = report.connections.since.busy_at_start = UINT_MAX;
	report.connections.since.peak_busy = report.connections.since.arrived = UINT_MAX;
	report.connections.since.finished = report.connections.since.cut = UINT_MAX;
	report.connections.since.flushed_bytes = report.connections.since.lost_bytes = UINT64_MAX;
	report.connections.since.longest_ms = MSEC_NEVER - 1;
	report.connections.accept_queue_at_stop = report.connections.since.accept_queue_lost =
		UINT_MAX;
	report.connections.since.blockers.count = BLOCKERS_MAX;
	for (size_t i = 0; i < BLOCKERS_MAX; i++) {
		report.connections.since.blockers.list[i] = (struct blocker){.family = AF_INET6,
			.peer_port = UINT16_MAX,
			.held_class = CONNECTION_CLOSING,
			.ending = CONNECTION_FINISHED,
			.held_ms = INT32_MIN,
			.age_ms = INT32_MIN,
			.quiet_ms = INT32_MAX,
			.queued_bytes = UINT32_MAX};
		memset(report.connections.since.blockers.list[i].peer, 0x11, 16);
	}
	port_set_add_range(&many_ports, (struct port_range){10000, UINT16_MAX});
	report.app.leftovers = report.app.leftovers_killed = UINT_MAX;
	report.app.exec_jobs = report.app.exec_shells = report.app.exec_killed = UINT_MAX;
	report.app.oom_kills = INT64_MAX;
	report.health.served = report.health.refused = report.reaped = UINT64_MAX;
	most_jobs = (struct jobs){.at_stop = UINT_MAX,
		.peak = UINT_MAX,
		.ended = {UINT64_MAX, UINT64_MAX, UINT64_MAX},
		.untracked = UINT64_MAX,
		.holder_count = JOBS_MAX_HOLDERS,
		.more_holders = UINT64_MAX};
	for (size_t i = 0; i < JOBS_MAX_HOLDERS; i++)
		most_jobs.holders[i] = (struct job_holder){INT_MAX,
			"\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01", UINT_MAX,
			MSEC_NEVER - 1, JOB_FINISHED};
	memset(status, '"', sizeof status - 1);
	report.jobs = &most_jobs;
	report.notify.ready_ms = MSEC_NEVER - 1;
	report.notify.status = status;
	report.notify.received = report.notify.ignored = UINT64_MAX;
	memset(report.timeline.points, 0xFF, sizeof report.timeline.points);
	memset(value, '\x02', sizeof value - 1);
	for (unsigned i = 0; i < LABEL_LIST_MAX; i++)
		report.labels.list[i] = (struct label){value + sizeof value - 100 - i, value};
	for (unsigned i = 1; i < LABEL_LIST_MAX; i += 2)
		report.labels.list[i].value = value + sizeof value - 300;
	return report;
}

/* What the options let through: a kilobyte of labels. Each of its bytes becomes six. */
static struct report worst_labels(void)
{
	static char value[1024];
	struct report report = longest();

	memset(value, '\x7F', sizeof value - 1);
	report.labels.list[0] = (struct label){"k", value};
	report.labels.list[1] = (struct label){"\"}],\\", "\xFF\xC3\xA9\xED\xA0\x80{[\","};
	report.labels.count = 2;
	return report;
}

static struct report (*const shapes[])(void) = {drained, with_jobs, budget_exhausted, killed,
	still_there, exited_unasked, exited_while_draining, nothing_seen, polled_nothing,
	seen_dimly, without_limit, longest, worst_labels};

static const char *json_in(char *buf, size_t cap, struct report report)
{
	struct text text;

	text_init(&text, buf, cap);
	report_write_json(&text, &report);
	return buf;
}

static const char *json_of(struct report report)
{
	static char buf[REPORT_MAX_BYTES];

	return json_in(buf, sizeof buf, report);
}

static void expect_part(struct report report, const char *part)
{
	const char *json = json_of(report);

	if (strstr(json, part) == NULL)
		fail_msg("%s is not in %s", part, json);
}

static void expect_summary(struct report report, const char *want)
{
	char buf[512];
	struct text text;

	text_init(&text, buf, sizeof buf);
	report_write_summary(&text, &report);
	assert_false(text.truncated);
	assert_string_equal(buf, want);
}

static void every_field_is_in_its_place(void **state)
{
	(void)state;
	assert_string_equal(json_of(drained()),
		"{\"schema\":\"lastcall.drain/1\",\"version\":\"0.1.0\",\"outcome\":\"drained\","
		"\"degraded\":[],\"diagnosis\":[],"
		"\"stop\":{\"signal\":\"SIGTERM\",\"at\":\"2026-08-06T09:15:04.123Z\","
		"\"timeout_ms\":10000,\"timeout_source\":\"--stop-timeout\",\"margin_ms\":1000,"
		"\"longest_request_ms\":6300,\"longest_request_source\":\"default\"},"
		"\"phases_ms\":{\"min_drain\":0,\"doubt\":0,\"drain\":2196,\"term\":61,\"kill\":0,"
		"\"flush\":57,\"total\":2314},\"headroom_ms\":6686,"
		"\"connections\":{\"detector\":\"sock_diag\",\"ports\":[8080,8443],\"ports_more\":"
		"0,"
		"\"open_at_stop\":120,\"busy_at_stop\":47,\"peak_busy\":49,"
		"\"arrived_after_stop\":3,\"finished\":50,\"cut\":0,\"unknown\":0,"
		"\"flushed_bytes\":307308,\"lost_bytes\":0,\"longest_ms\":2190,"
		"\"accept_queue_at_stop\":0,\"accept_queue_lost\":0,"
		"\"held_by\":[{\"peer\":\"10.0.0.7:41234\",\"held_ms\":2190,\"age_ms\":2190,"
		"\"quiet_ms\":4,\"queued_bytes\":0,\"class\":\"busy\",\"ended\":\"finished\"}],"
		"\"held_by_more\":0},"
		"\"jobs\":{\"at_stop\":0,\"peak\":0,\"finished\":0,\"cut\":0,\"unknown\":0,"
		"\"untracked\":0,\"held_by\":[],\"held_by_more\":0},"
		"\"app\":{\"pid\":7,\"exit_code\":null,\"signal\":\"SIGTERM\",\"killed\":false,"
		"\"stop_signal\":\"SIGTERM\",\"handles_stop_signal\":true,\"waited_for\":null,"
		"\"idle_ms\":null,\"leftovers\":0,\"leftovers_killed\":0,"
		"\"exec_jobs\":0,\"exec_shells\":0,\"exec_killed\":0,\"oom_kills\":"
		"0},"
		"\"notify\":{\"ready_ms\":null,\"stopping\":false,\"status\":null,"
		"\"received\":0,\"ignored\":0},"
		"\"health\":{\"served\":12,\"refused\":1},\"reaped\":4,"
		"\"labels\":{\"service\":\"web\",\"revision\":\"web:42\"},\"labels_more\":0,"
		"\"timeline_more\":0,\"timeline\":[[0,47,120],[250,49,123],[2190,0,74]]}\n");
}

static void what_is_not_known_is_null(void **state)
{
	(void)state;
	expect_part(exited_unasked(), "\"stop\":{\"signal\":null,\"at\":\"2026");
	expect_part(exited_unasked(), "\"exit_code\":1,\"signal\":null,");
	expect_part(exited_unasked(), "\"handles_stop_signal\":null");
	expect_part(exited_unasked(),
		"\"labels\":{},\"labels_more\":0,\"timeline_more\":0,\"timeline\":[]}\n");
	expect_part(still_there(), "\"exit_code\":null,\"signal\":null,\"killed\":true");
	expect_part(without_limit(), "\"timeout_ms\":null");
	expect_part(without_limit(), "\"headroom_ms\":null");
	expect_part(killed(), "\"headroom_ms\":-12");
}

static void what_was_not_watched_is_not_counted(void **state)
{
	static const char counts[] =
		"\"ports\":[],\"ports_more\":0,\"open_at_stop\":null,\"busy_at_stop\":null,\"peak_"
		"busy\":null,"
		"\"arrived_after_stop\":null,\"finished\":null,\"cut\":null,\"unknown\":null,"
		"\"flushed_bytes\":null,\"lost_bytes\":null,\"longest_ms\":null,"
		"\"accept_queue_at_stop\":null,\"accept_queue_lost\":null,\"held_by\":[],\"held_by_"
		"more\":0}";

	(void)state;
	expect_part(nothing_seen(), "\"degraded\":[\"no_detector\"]");
	expect_part(nothing_seen(), "\"connections\":{\"detector\":\"none\",");
	expect_part(nothing_seen(), counts);
	expect_part(nothing_seen(), "\"timeline\":[]");
	expect_part(polled_nothing(), "\"detector\":\"sock_diag\",");
	expect_part(polled_nothing(), counts);
	expect_part(polled_nothing(), "\"timeline\":[]");
}

static void of_an_end_that_was_not_seen_only_what_is_left_is_known(void **state)
{
	struct report report = exited_unasked();

	(void)state;
	expect_part(report, "\"open_at_stop\":null,\"busy_at_stop\":null,\"peak_busy\":null,"
			    "\"arrived_after_stop\":null,\"finished\":null,\"cut\":null,"
			    "\"unknown\":null,\"flushed_bytes\":0,\"lost_bytes\":null,"
			    "\"longest_ms\":null,\"accept_queue_at_stop\":null,"
			    "\"accept_queue_lost\":null,\"held_by\":[]");
	report.connections.since.cut = 1;
	report.connections.since.lost_bytes = 300;
	expect_part(report, "\"finished\":null,\"cut\":1,\"unknown\":null,\"flushed_bytes\":0,"
			    "\"lost_bytes\":300");
	expect_summary(report, "app exited by itself, gone in 104ms of 29.00s: work in flight "
			       "partly seen: 0 finished, 1 cut, "
			       "at least 300 bytes lost; app exited 1");
}

static void every_degraded_value_has_its_name(void **state)
{
	(void)state;
	expect_part(longest(),
		"\"degraded\":[\"procnet\",\"no_detector\",\"no_events\",\"events_lost\","
		"\"ports_unknown\",\"ports_by_user\",\"census_full\",\"unix_unseen\",\"no_"
		"exact\",\"no_subreaper\",\"health_address_in_use\"]");
}

static unsigned points_of(const char *json)
{
	const char *point = strstr(json, "\"timeline\":");
	unsigned points = 0;

	assert_non_null(point);
	while ((point = strstr(point + 1, "[4294967295,")) != NULL)
		points++;
	return points;
}

static void all_that_options_let_through_leaves_the_whole_timeline(void **state)
{
	(void)state;
	assert_int_equal(points_of(json_of(worst_labels())), TIMELINE_POINTS);
	expect_part(worst_labels(), "\"labels_more\":0,\"timeline_more\":0,");
}

/* In this order, and how much of each is said. */
static void the_timeline_gets_coarser_before_a_label_is_left_out(void **state)
{
	static char value[7 * 1024];
	struct report report = longest();

	(void)state;
	assert_int_in_range(strlen(json_of(report)), REPORT_MAX_BYTES / 2, REPORT_MAX_BYTES - 1);
	memset(value, 'x', sizeof value - 1);
	report.labels.list[0] = (struct label){"first", value};
	report.labels.list[1] = (struct label){"second", value};
	report.labels.count = 1;
	expect_part(report, "\"labels_more\":0,\"timeline_more\":0,");
	report.labels.count = 2; /* neither of the two is short, but both fit */
	value[5000] = '\0';
	expect_part(report, "\"labels_more\":0,\"timeline_more\":");
	assert_null(strstr(json_of(report), "\"timeline_more\":0,"));
	value[5000] = 'x';
	expect_part(report, "\"labels_more\":1,\"timeline_more\":0,");
}

static void a_label_that_does_not_fit_is_left_out_alone(void **state)
{
	static char big[REPORT_MAX_BYTES];
	struct report report = drained();

	(void)state;
	memset(big, 'x', sizeof big - 1);
	report.labels.list[0].value = big;
	expect_part(report, "\"labels\":{\"revision\":\"web:42\"},");
}

static void a_kilobyte_of_labels_always_fits(void **state)
{
	(void)state;
	expect_part(worst_labels(), "\"labels\":{\"k\":\"\\u007f");
	expect_part(worst_labels(), "\"\\\"}],\\\\\":\"\xEF\xBF\xBD\xC3\xA9");
}

static void a_bigger_buffer_makes_no_longer_line(void **state)
{
	static char big[4 * REPORT_MAX_BYTES];

	(void)state;
	assert_string_equal(json_in(big, sizeof big, longest()), json_of(longest()));
}

/* Whatever the room, the line is whole or it is not there. */
static void a_line_is_never_cut(void **state)
{
	static char buf[REPORT_MAX_BYTES + 1];
	const struct report report = longest();
	bool was_whole = false;

	(void)state;
	for (size_t cap = 1; cap <= REPORT_MAX_BYTES; cap += 31) {
		struct text text;

		buf[cap] = '#';
		text_init(&text, buf, cap);
		report_write_json(&text, &report);
		assert_int_equal(buf[cap], '#');
		assert_int_equal(strlen(buf), text.len);
		assert_int_equal(text.truncated, text.len == 0);
		if (was_whole)
			assert_int_not_equal(text.len, 0);
		if (text.len == 0)
			continue;
		was_whole = true;
		assert_string_equal(buf + text.len - 3, "]}\n");
	}
	assert_true(was_whole);
}

static void a_line_is_added_to_what_is_there(void **state)
{
	static char buf[2 * REPORT_MAX_BYTES];
	const struct report report = drained();
	struct text text;

	(void)state;
	text_init(&text, buf, sizeof buf);
	text_add(&text, "report: ");
	report_write_json(&text, &report);
	assert_memory_equal(buf, "report: {\"schema\"", 17);
	assert_string_equal(buf + 8, json_of(report));
	assert_int_equal(strlen(buf), text.len);
}

static void the_summary_tells_each_outcome(void **state)
{
	(void)state;
	expect_summary(drained(),
		"drained in 2.31s of 9.00s: 50 finished, 0 cut, "
		"all bytes delivered (307308 after the app exited); app killed by SIGTERM (143)");
	expect_summary(budget_exhausted(),
		"drain budget spent, stopped in 6.86s of 9.00s: 47 finished, 3 cut, 2 unknown, "
		"8192 bytes lost; app exited 0");
	expect_summary(killed(),
		"had to kill, stopped in 9.01s of 9.00s, 12ms late: 50 finished, 0 cut, "
		"all bytes delivered; app killed (137); 2 leftovers, 1 killed");
	expect_summary(still_there(),
		"had to kill, stopped in 9.01s of 9.00s, 12ms late: 50 finished, 0 cut, "
		"all bytes delivered; app still running; 2 leftovers, 1 killed");
	expect_summary(exited_unasked(), "app exited by itself, gone in 104ms of 29.00s: work in "
					 "flight not seen; app exited 1");
	expect_summary(exited_while_draining(),
		"app exited before its work was finished, stopped in 2.31s of 9.00s: 50 finished, "
		"2 cut, "
		"all bytes delivered (307308 after the app exited); app exited 0");
}

static void jobs_and_the_applications_words_are_told(void **state)
{
	(void)state;
	expect_part(with_jobs(),
		"\"jobs\":{\"at_stop\":2,\"peak\":3,\"finished\":3,\"cut\":1,\"unknown\":2,"
		"\"untracked\":0,\"held_by\":[{\"pid\":12,\"name\":\"worker\",\"jobs\":2,"
		"\"held_ms\":1871,\"ended\":\"finished\"},"
		"{\"pid\":9,\"name\":\"\",\"jobs\":1,\"held_ms\":60,\"ended\":\"cut\"}],"
		"\"held_by_more\":0}");
	expect_part(with_jobs(),
		"\"notify\":{\"ready_ms\":412,\"stopping\":true,"
		"\"status\":\"shutting \\\"down\\\"\",\"received\":9,\"ignored\":1}");
	expect_summary(with_jobs(),
		"drained in 2.31s of 9.00s: 50 finished, 0 cut, all bytes delivered (307308 after "
		"the app exited); jobs: 3 finished, 1 cut, 2 unknown; app killed by SIGTERM (143)");
}

/* It was signalled: it is not said that it was not. */
static void an_app_that_cut_a_job_has_not_finished_its_work(void **state)
{
	struct report report = with_jobs();

	(void)state;
	report.outcome = REPORT_APP_EXITED;
	expect_summary(report,
		"app exited before its work was finished, stopped in 2.31s of 9.00s: 50 finished, "
		"0 cut, all bytes delivered (307308 after the app exited); jobs: 3 finished, 1 "
		"cut, "
		"2 unknown; app killed by SIGTERM (143)");
}

static void the_summary_counts_what_was_killed_with_the_app(void **state)
{
	struct report report = killed();

	(void)state;
	report.app.leftovers = 0;
	expect_summary(report,
		"had to kill, stopped in 9.01s of 9.00s, 12ms late: 50 finished, 0 cut, "
		"all bytes delivered; app killed (137); 1 leftover, 1 killed");
}

static void the_summary_claims_no_more_than_was_seen(void **state)
{
	struct report lossy = seen_dimly();

	(void)state;
	lossy.connections.since.lost_bytes = 1;
	expect_summary(nothing_seen(),
		"drained in 2.31s of 9.00s: work in flight not seen; app killed by SIGTERM (143); "
		"degraded: no_detector");
	expect_summary(polled_nothing(),
		"drained in 2.31s of 9.00s: work in flight not seen; app killed by SIGTERM (143); "
		"degraded: ports_unknown");
	expect_summary(seen_dimly(),
		"drained in 2.31s of 9.00s: 50 finished, 0 cut, no lost bytes seen; "
		"app killed by SIGTERM (143); degraded: procnet, no_events");
	expect_summary(lossy,
		"drained in 2.31s of 9.00s: 50 finished, 0 cut, at least 1 byte lost; "
		"app killed by SIGTERM (143); degraded: procnet, no_events");
	expect_summary(without_limit(),
		"drained in 2.31s: 50 finished, 0 cut, "
		"all bytes delivered (307308 after the app exited); app killed by SIGTERM (143)");
}

static void the_summary_tells_whose_sigkill_it_was(void **state)
{
	struct report report = exited_unasked();

	(void)state;
	report.app.exit_code = -1;
	report.app.signal = "SIGKILL";
	expect_summary(report, "app exited by itself, gone in 104ms of 29.00s: work in flight not "
			       "seen; app killed by a SIGKILL from elsewhere (137)");
	report.app.stop_signal = "SIGKILL"; /* --stop-signal=KILL */
	expect_summary(report, "app exited by itself, gone in 104ms of 29.00s: work in flight not "
			       "seen; app killed by SIGKILL (137)");
}

static const char *line_in(char *buf, size_t cap, struct report report,
	void (*write_line)(struct text *text, const struct report *report))
{
	struct text text;

	text_init(&text, buf, cap);
	write_line(&text, &report);
	return buf;
}

static void the_text_is_the_summary_with_time_and_labels(void **state)
{
	char buf[REPORT_TEXT_BYTES];

	(void)state;
	assert_string_equal(line_in(buf, sizeof buf, drained(), report_write_text),
		"2026-08-06T09:15:04.123Z lastcall: drained in 2.31s of 9.00s: 50 finished, 0 cut, "
		"all bytes delivered (307308 after the app exited); app killed by SIGTERM (143); "
		"service=web revision=web:42\n");
}

static void the_text_is_one_whole_line_whatever_the_labels_are(void **state)
{
	char buf[REPORT_TEXT_BYTES];
	struct report report = longest();
	size_t len = strlen(line_in(buf, sizeof buf, report, report_write_text));

	(void)state;
	assert_true(len < sizeof buf);
	assert_ptr_equal(strchr(buf, '\n'), buf + len - 1);
	assert_non_null(strstr(buf, "; no_stop_signal_handler, died_with_work_in_flight, "));
	report.labels.count = 3;
	report.labels.list[0].key = "too long";
	report.labels.list[1] = (struct label){"a", "1\n2\t3"};
	report.labels.list[2] = (struct label){"b", "\xC3\xA9"};
	(void)line_in(buf, sizeof buf, report, report_write_text);
	assert_non_null(strstr(buf, "; a=1 2 3 b=\xC3\xA9\n"));
}

static void the_metrics_are_one_whole_line_whatever_the_labels_are(void **state)
{
	char buf[REPORT_EMF_BYTES], quotes[500], backslashes[500];
	struct report report = longest();
	size_t len;

	(void)state;
	memset(quotes, '"', sizeof quotes);
	memset(backslashes, '\\', sizeof backslashes);
	quotes[sizeof quotes - 1] = backslashes[sizeof backslashes - 1] = '\0';
	report.labels.list[0] = (struct label){"cluster", quotes};
	report.labels.list[1] = (struct label){"service", backslashes};
	len = strlen(line_in(buf, sizeof buf, report, report_write_emf));
	assert_true(len < sizeof buf);
	assert_string_equal(buf + len - 3, "}}\n");
	report.labels.list[0].value = "\xC3\xA9";
	report.labels.list[1].value = "";
	(void)line_in(buf, sizeof buf, report, report_write_emf);
	assert_non_null(strstr(buf, "\"Dimensions\":[[]]")); /* CloudWatch takes neither */
}

static void an_alarm_is_due_for_what_was_lost(void **state)
{
	struct report report = drained();

	(void)state;
	assert_false(report_lost_work(&report));
	report.connections.since.unknown = 1;
	assert_false(report_lost_work(&report));
	report.outcome = REPORT_KILLED;
	assert_true(report_lost_work(&report));
	report = drained();
	report.connections.since.lost_bytes = 1;
	assert_true(report_lost_work(&report));
	report = exited_unasked();
	assert_true(report_lost_work(&report));
	report.app.exit_code = 0;
	assert_false(report_lost_work(&report));
}

/* Each shape in all the room it may take and in less, where it is coarser or not there. */
static int print_all(void)
{
	static const size_t caps[] = {REPORT_MAX_BYTES, 6000, 4096, 3000, 2000};
	static char buf[REPORT_MAX_BYTES];

	for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
		for (size_t j = 0; j < sizeof caps / sizeof *caps; j++)
			(void)fputs(json_in(buf, caps[j], shapes[i]()), stdout);
	}
	return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int print_lines(
	size_t cap, void (*write_line)(struct text *text, const struct report *report))
{
	static char buf[REPORT_MAX_BYTES];

	for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
		(void)fputs(line_in(buf, cap, shapes[i](), write_line), stdout);
	return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_is_in_its_place),
		cmocka_unit_test(what_is_not_known_is_null),
		cmocka_unit_test(what_was_not_watched_is_not_counted),
		cmocka_unit_test(of_an_end_that_was_not_seen_only_what_is_left_is_known),
		cmocka_unit_test(every_degraded_value_has_its_name),
		cmocka_unit_test(all_that_options_let_through_leaves_the_whole_timeline),
		cmocka_unit_test(the_timeline_gets_coarser_before_a_label_is_left_out),
		cmocka_unit_test(a_label_that_does_not_fit_is_left_out_alone),
		cmocka_unit_test(a_kilobyte_of_labels_always_fits),
		cmocka_unit_test(a_bigger_buffer_makes_no_longer_line),
		cmocka_unit_test(a_line_is_never_cut),
		cmocka_unit_test(a_line_is_added_to_what_is_there),
		cmocka_unit_test(the_summary_tells_each_outcome),
		cmocka_unit_test(jobs_and_the_applications_words_are_told),
		cmocka_unit_test(an_app_that_cut_a_job_has_not_finished_its_work),
		cmocka_unit_test(the_summary_counts_what_was_killed_with_the_app),
		cmocka_unit_test(the_summary_claims_no_more_than_was_seen),
		cmocka_unit_test(the_summary_tells_whose_sigkill_it_was),
		cmocka_unit_test(the_text_is_the_summary_with_time_and_labels),
		cmocka_unit_test(the_text_is_one_whole_line_whatever_the_labels_are),
		cmocka_unit_test(the_metrics_are_one_whole_line_whatever_the_labels_are),
		cmocka_unit_test(an_alarm_is_due_for_what_was_lost),
	};

	if (argc > 1 && strcmp(argv[1], "--print") == 0)
		return print_all();
	if (argc > 1 && strcmp(argv[1], "--print-whole") == 0)
		return print_lines(REPORT_MAX_BYTES, report_write_json);
	if (argc > 1 && strcmp(argv[1], "--print-text") == 0)
		return print_lines(REPORT_TEXT_BYTES, report_write_text);
	if (argc > 1 && strcmp(argv[1], "--print-emf") == 0)
		return print_lines(REPORT_EMF_BYTES, report_write_emf);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
