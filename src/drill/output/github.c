/* SPDX-License-Identifier: MIT */
#include "drill/output/github.h"

#include "drill/core/measure.h"
#include "host/core/seconds_text.h"
#include "host/github_file.h"
#include "drill/output/markdown.h"
#include "host/markup.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#define ANNOTATIONS_MAX 10

static void put_failures(const struct drill_result *result, FILE *out)
{
	const unsigned failed = drill_result_failed_checks(result);
	unsigned shown = 0;
	char text[256];

	for (unsigned i = 0; i < result->check_count; i++) {
		const struct check *check = &result->checks[i];

		if (check->has_passed)
			continue;
		if (shown == ANNOTATIONS_MAX - 1 && failed > ANNOTATIONS_MAX) {
			snprintf(text, sizeof(text), "%u more checks failed", failed - shown);
			markup_github_command(out, "error", "lastcall-drill", text);
			return;
		}
		snprintf(text, sizeof(text), "%s: %s, limit %s", check->name, check->observed,
			check->limit);
		markup_github_command(out, "error", "lastcall-drill", text);
		shown++;
	}
}

static void put_disagreements(const struct drill_result *result, FILE *out)
{
	unsigned shown = 0;

	for (unsigned i = 0; i < result->run_count; i++) {
		const struct run *run = &result->runs[i];

		for (unsigned j = 0; j < run->disagreement_count; j++) {
			char text[RUN_DISAGREEMENT_BYTES + 32];

			if (shown++ == ANNOTATIONS_MAX)
				return;
			snprintf(text, sizeof(text), "run %u: %s", run->number,
				run->disagreements[j]);
			markup_github_command(out, "warning", "server and client disagree", text);
		}
	}
}

static void put_warnings(const struct drill_result *result, FILE *out)
{
	for (unsigned i = 0; i < result->warning_count; i++)
		markup_github_command(out, "warning", "lastcall-drill", result->warnings[i]);
}

void github_annotations_write(const struct drill_result *result, FILE *out)
{
	const struct percentiles stop = measure_over_runs(result, MEASURE_STOP);
	char text[128], longest[SECONDS_TEXT_BYTES];

	put_failures(result, out);
	put_warnings(result, out);
	put_disagreements(result, out);
	if (result->verdict == VERDICT_INCONCLUSIVE)
		markup_github_command(out, "warning", "lastcall-drill was inconclusive",
			result->inconclusive_because);
	if (result->verdict != VERDICT_PASS)
		return;
	snprintf(text, sizeof(text), "%u stop%s, all checks held, the longest took %s",
		result->run_count, result->run_count == 1 ? "" : "s",
		seconds_text(longest, stop.max));
	markup_github_command(out, "notice", "lastcall-drill", text);
}

int github_summary_append(const struct drill_result *result, const char *path)
{
	char *bytes = NULL;
	size_t len = 0;
	FILE *memory = open_memstream(&bytes, &len);
	int r;

	if (!memory)
		return -ENOMEM;
	markdown_write(result, memory);
	if (fclose(memory) != 0)
		r = -ENOMEM;
	else
		r = github_file_append_summary(path, bytes, len);
	free(bytes);
	return r;
}

int github_output_append(const struct drill_result *result, const char *path)
{
	const struct percentiles stop = measure_over_runs(result, MEASURE_STOP);
	uint64_t cut = 0;
	char text[256], p95[32] = "";
	int len;

	for (unsigned i = 0; i < result->run_count; i++)
		cut += result->runs[i].numbers.in_flight_cut;
	if (stop.samples > 0)
		snprintf(p95, sizeof(p95), "%.3f", stop.p95);
	len = snprintf(text, sizeof(text),
		"verdict=%s\nfailed_checks=%u\ncut=%" PRIu64 "\nstop_p95_s=%s\n",
		verdict_name(result->verdict), drill_result_failed_checks(result), cut, p95);
	return github_file_append(path, text, (size_t)len);
}
