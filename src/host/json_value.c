/* SPDX-License-Identifier: MIT */
#include "host/json_value.h"

#include "core/text/text.h"
#include "core/text/time_text.h"
#include "host/core/clean_text.h"

#include <math.h>

json_t *json_value_text(const char *text)
{
	char clean[CLEAN_TEXT_BYTES(512)];

	return *text == '\0' ? json_null() : json_string(clean_text(clean, sizeof(clean), text));
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
