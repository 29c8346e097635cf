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

static unsigned count_warnings(const struct drill_result *result)
{
	unsigned count = result->warning_count + (result->verdict == VERDICT_INCONCLUSIVE);

	for (unsigned i = 0; i < result->run_count; i++)
		count += result->runs[i].disagreement_count;
	return count;
}

/* Warnings go to GitHub as long as it shows them; how many are left out is the last one. */
struct warnings {
	FILE *out;
	unsigned count, shown;
};

static void put_warning(struct warnings *warnings, const char *title, const char *text)
{
	unsigned room = ANNOTATIONS_MAX - (warnings->count > ANNOTATIONS_MAX);

	if (warnings->shown++ < room)
		markup_github_command(warnings->out, "warning", title, text);
}

static void put_disagreements(struct warnings *warnings, const struct drill_result *result)
{
	for (unsigned i = 0; i < result->run_count; i++) {
		const struct run *run = &result->runs[i];

		for (unsigned j = 0; j < run->disagreement_count; j++) {
			char text[RUN_DISAGREEMENT_BYTES + 32];

			snprintf(text, sizeof(text), "run %u: %s", run->number,
				run->disagreements[j]);
			put_warning(warnings, "server and client disagree", text);
		}
	}
}

static void put_warnings(const struct drill_result *result, FILE *out)
{
	struct warnings warnings = {.out = out, .count = count_warnings(result)};
	char text[64];

	if (result->verdict == VERDICT_INCONCLUSIVE)
		put_warning(
			&warnings, "lastcall-drill was inconclusive", result->inconclusive_because);
	for (unsigned i = 0; i < result->warning_count; i++)
		put_warning(&warnings, "lastcall-drill", result->warnings[i]);
	put_disagreements(&warnings, result);
	if (warnings.count <= ANNOTATIONS_MAX)
		return;
	snprintf(text, sizeof(text), "%u more warnings", warnings.count - (ANNOTATIONS_MAX - 1));
	markup_github_command(out, "warning", "lastcall-drill", text);
}

void github_annotations_write(const struct drill_result *result, FILE *out)
{
	const struct percentiles stop = measure_over_runs(result, MEASURE_STOP);
	char text[128], longest[SECONDS_TEXT_BYTES];

	put_failures(result, out);
	put_warnings(result, out);
	if (result->verdict != VERDICT_PASS)
		return;
	snprintf(text, sizeof(text), "%u %s%s, all checks held, the longest took %s",
		result->run_count, drill_result_event(result), result->run_count == 1 ? "" : "s",
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
