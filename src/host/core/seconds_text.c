/* SPDX-License-Identifier: MIT */
#include "host/core/seconds_text.h"

#include <math.h>
#include <stdio.h>

const char *seconds_text(char buf[static SECONDS_TEXT_BYTES], double seconds)
{
	const double size = fabs(seconds);

	if (!isfinite(seconds))
		snprintf(buf, SECONDS_TEXT_BYTES, "-");
	else if (size < 0.0005)
		snprintf(buf, SECONDS_TEXT_BYTES, "0 s");
	else if (size < 0.00995)
		snprintf(buf, SECONDS_TEXT_BYTES, "%.1f ms", seconds * 1000);
	else if (size < 0.9995)
		snprintf(buf, SECONDS_TEXT_BYTES, "%.0f ms", seconds * 1000);
	else if (fabs(seconds - round(seconds)) < 0.005)
		snprintf(buf, SECONDS_TEXT_BYTES, "%.0f s", seconds);
	else
		snprintf(buf, SECONDS_TEXT_BYTES, size < 99.995 ? "%.2f s" : "%.1f s", seconds);
	return buf;
}
