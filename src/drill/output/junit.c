/* SPDX-License-Identifier: MIT */
#include "drill/output/junit.h"

#include "core/text/text.h"
#include "core/text/time_text.h"
#include "drill/core/measure.h"
#include "host/markup.h"

#include <string.h>

static void put_attribute(FILE *out, const char *name, const char *value)
{
	fprintf(out, " %s=\"", name);
	markup_xml(out, value);
	fputc('"', out);
}

/* The form that readers know has neither fractions nor a zone; it is UTC. */
static void put_timestamp(FILE *out, int64_t unix_ms)
{
	char buf[32];
	struct text text;

	text_init(&text, buf, sizeof(buf));
	text_add_time(&text, unix_ms);
	text_cut(&text, strlen("2026-08-06T09:15:04"));
	put_attribute(out, "timestamp", buf);
}

static void put_property(FILE *out, const char *name, const char *value)
{
	fputs("      <property", out);
	put_attribute(out, "name", name);
	put_attribute(out, "value", value);
	fputs("/>\n", out);
}

static void put_properties(const struct drill_result *result, FILE *out)
{
	char value[32];

	fputs("    <properties>\n", out);
	put_property(out, "lastcall_version", LASTCALL_VERSION);
	put_property(out, "url", result->url);
	put_property(out, "stop", result->stop_text);
	put_property(out, "verdict", verdict_name(result->verdict));
	snprintf(value, sizeof(value), "%u", result->run_count);
	put_property(out, "runs", value);
	for (unsigned m = 0; m < MEASURE_COUNT; m++) {
		const struct percentiles p = measure_over_runs(result, m);
		char name[48];

		if (p.samples == 0)
			continue;
		snprintf(name, sizeof(name), "%s.median", measure_name(m));
		snprintf(value, sizeof(value), measure_is_count(m) ? "%.0f" : "%.6f", p.p50);
		put_property(out, name, value);
	}
	fputs("    </properties>\n", out);
}

static void put_case(FILE *out, const struct drill_result *result, const char *name, double time_s)
{
	char seconds[32];

	snprintf(seconds, sizeof(seconds), "%.3f", time_s);
	fputs("    <testcase", out);
	put_attribute(out, "classname", result->target);
	put_attribute(out, "name", name);
	put_attribute(out, "time", seconds);
}

/* Written twice, for GitLab shows the body alone and Jenkins the attribute first. */
static void put_failure(FILE *out, const struct check *check)
{
	fputs(">\n      <failure type=\"threshold\" message=\"", out);
	markup_xml(out, check->name);
	fputs(": ", out);
	markup_xml(out, check->observed);
	fputs(", limit ", out);
	markup_xml(out, check->limit);
	fputs("\">", out);
	markup_xml(out, check->name);
	fputs("\nobserved: ", out);
	markup_xml(out, check->observed);
	fputs("\nlimit: ", out);
	markup_xml(out, check->limit);
	fputs("</failure>\n    </testcase>\n", out);
}

static void put_error(FILE *out, const struct drill_result *result)
{
	fputs(">\n      <error type=\"inconclusive\" message=\"", out);
	markup_xml(out, result->inconclusive_because);
	fputs("\">", out);
	markup_xml(out, result->inconclusive_because);
	for (unsigned i = 0; i < result->run_count; i++) {
		if (result->runs[i].error[0] == '\0')
			continue;
		fprintf(out, "\nrun %u: ", result->runs[i].number);
		markup_xml(out, result->runs[i].error);
	}
	fputs("</error>\n    </testcase>\n", out);
}

static void put_cases(const struct drill_result *result, FILE *out)
{
	/* The drill's whole time stands here once, for readers add up what each case took. */
	put_case(out, result, "conclusive", result->wall_s);
	if (result->inconclusive_because[0] !=
		'\0') /* also beside a failure: a reader wants to know */
		put_error(out, result);
	else
		fputs("/>\n", out);
	for (unsigned i = 0; i < result->check_count; i++) {
		put_case(out, result, result->checks[i].name, 0);
		if (result->checks[i].has_passed)
			fputs("/>\n", out);
		else
			put_failure(out, &result->checks[i]);
	}
}

/* Line by line, for the text is longer than what markup takes at once, and keeps its lines. */
static void put_system_out(FILE *out, const char *text)
{
	fputs("    <system-out>", out);
	while (*text != '\0') {
		const size_t len = strcspn(text, "\n");
		char line[1024];

		snprintf(line, sizeof(line), "%.*s", (int)len, text);
		markup_xml(out, line);
		fputc('\n', out);
		text += len + (text[len] == '\n');
	}
	fputs("</system-out>\n", out);
}

void junit_write(const struct drill_result *result, const char *system_out, FILE *out)
{
	const unsigned tests = result->check_count + 1,
		       failures = drill_result_failed_checks(result);
	const unsigned errors = result->inconclusive_because[0] != '\0';

	fprintf(out,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<testsuites name=\"lastcall-drill\" tests=\"%u\" failures=\"%u\" errors=\"%u\" "
		"time=\"%.3f\">\n  <testsuite",
		tests, failures, errors, result->wall_s);
	put_attribute(out, "name", result->target);
	fprintf(out, " tests=\"%u\" failures=\"%u\" errors=\"%u\" skipped=\"0\" time=\"%.3f\"",
		tests, failures, errors, result->wall_s);
	put_timestamp(out, result->started_unix_ms);
	fputs(">\n", out);
	put_properties(result, out);
	put_cases(result, out);
	if (system_out)
		put_system_out(out, system_out);
	fputs("  </testsuite>\n</testsuites>\n", out);
}
