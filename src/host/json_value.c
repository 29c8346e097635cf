/* SPDX-License-Identifier: MIT */
#include "host/json_value.h"

#include "core/text/text.h"
#include "core/text/time_text.h"
#include "host/core/clean_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

json_t *json_value_text(const char *text)
{
	const size_t size = CLEAN_TEXT_BYTES(strlen(text));
	char *clean = *text == '\0' ? NULL : malloc(size);
	json_t *value = clean ? json_string(clean_text(clean, size, text)) : NULL;

	free(clean);
	return *text == '\0' ? json_null() : value;
}

json_t *json_value_seconds(double seconds)
{
	return isfinite(seconds) ? json_real(round(seconds * 1e6) / 1e6) : json_null();
}

json_t *json_value_time(int64_t unix_ms)
{
	char buf[32];
	struct text text;

	text_init(&text, buf, sizeof(buf));
	text_add_time(&text, unix_ms);
	return json_string(buf);
}

json_t *json_value_percentiles(const struct percentiles *p)
{
	if (p->samples == 0)
		return json_null();
	return json_pack("{s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "samples", (json_int_t)p->samples,
		"min", json_value_seconds(p->min), "p50", json_value_seconds(p->p50), "p90",
		json_value_seconds(p->p90), "p95", json_value_seconds(p->p95), "p99",
		json_value_seconds(p->p99), "max", json_value_seconds(p->max));
}
