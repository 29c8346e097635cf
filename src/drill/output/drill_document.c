/* SPDX-License-Identifier: MIT */
#include "drill/output/drill_document.h"

#include "drill/output/json_document.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

static void copy_text(const json_t *object, const char *key, char *ret_text, size_t cap)
{
	const char *value = json_string_value(json_object_get(object, key));

	(void)snprintf(ret_text, cap, "%s", value ? value : "");
}

static double number_of(const json_t *value)
{
	return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

/* "drain_s.p50" is p50 of drain_s. */
static double measure_in(const json_t *numbers, const char *name)
{
	char outer[64];
	const char *dot = strchr(name, '.');

	if (!dot)
		return number_of(json_object_get(numbers, name));
	(void)snprintf(outer, sizeof(outer), "%.*s", (int)(dot - name), name);
	return number_of(json_object_get(json_object_get(numbers, outer), dot + 1));
}

/* An outcome that is not named has lost nothing. Drills of before this number was written have none. */
static void read_lost(const json_t *lost, struct drill_document *document)
{
	if (!json_is_object(lost))
		return;
	for (unsigned o = 0; o < OUTCOME_COUNT; o++) {
		const unsigned row = COMPARISON_ROW_OF_OUTCOME(o);
		const double value = number_of(json_object_get(lost, outcome_name(o)));

		document->side.values[row][document->side.counts[row]++] =
			isfinite(value) ? value : 0;
	}
}

static void read_run(const json_t *run, struct drill_document *document, double *ret_in_flight)
{
	const json_t *numbers = json_object_get(run, "numbers");
	const double timeout_s = number_of(json_object_get(run, "stop_timeout_s"));

	for (unsigned m = 0; m < MEASURE_COUNT; m++) {
		const double value = measure_in(numbers, measure_name(m));

		if (isfinite(value))
			document->side.values[m][document->side.counts[m]++] = value;
	}
	read_lost(json_object_get(numbers, "lost"), document);
	*ret_in_flight = number_of(json_object_get(numbers, "in_flight_at_stop"));
	if (document->run_count == 0)
		document->stop_timeout_s = timeout_s;
	else if (fabs(timeout_s - document->stop_timeout_s) > 0)
		document->stop_timeout_s = NAN;
	document->run_count++;
}

static void read_document(const json_t *root, struct drill_document *document)
{
	double in_flight[DRILL_MAX_RUNS];
	const json_t *run;
	size_t i;

	*document = (struct drill_document){.stop_timeout_s = NAN, .in_flight = NAN};
	copy_text(root, "target", document->target, sizeof(document->target));
	copy_text(root, "url", document->url, sizeof(document->url));
	copy_text(root, "stop", document->stop, sizeof(document->stop));
	copy_text(root, "verdict", document->verdict, sizeof(document->verdict));
	copy_text(root, "started_at", document->started_at, sizeof(document->started_at));
	json_array_foreach(json_object_get(root, "runs"), i, run)
	{
		if (json_is_null(json_object_get(run, "error")))
			read_run(run, document, &in_flight[document->run_count]);
	}
	if (document->run_count > 0)
		document->in_flight = median_of(in_flight, document->run_count);
}

int drill_document_read(const char *path, struct drill_document *ret_document, struct text *error)
{
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	json_error_t where;
	json_t *root;
	const char *schema = NULL;
	int r = -EINVAL;

	if (!file) {
		r = -errno;
		text_printf(error, "cannot read '%s': %s", path, strerror(-r));
		return r;
	}
	root = json_loadf(file, 0, &where);
	if (file != stdin)
		(void)fclose(file);
	if (!root) {
		text_printf(error, "'%s' is no JSON: line %d: %s", path, where.line, where.text);
	} else if (json_unpack(root, "{s:s}", "schema", &schema) < 0 ||
		   strcmp(schema, JSON_DOCUMENT_SCHEMA) != 0) {
		text_printf(error,
			"'%s' is no drill: its schema is '%s', and has to be '" JSON_DOCUMENT_SCHEMA
			"', as --json writes it",
			path, schema ? schema : "not said");
	} else if (json_array_size(json_object_get(root, "runs")) > DRILL_MAX_RUNS) {
		text_printf(error, "'%s' has %zu runs; %d at most are compared", path,
			json_array_size(json_object_get(root, "runs")), DRILL_MAX_RUNS);
	} else {
		read_document(root, ret_document);
		r = 0;
	}
	json_decref(root);
	return r;
}
