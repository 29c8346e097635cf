/* SPDX-License-Identifier: MIT */
#include "host/json_write.h"

#include <errno.h>

/* They show any microsecond of a year, and not what binary fractions add to them. */
#define DIGITS 15

int json_write(json_t *document, size_t flags, FILE *out)
{
	int r = 0;

	if (document == NULL)
		return -ENOMEM;
	errno = 0;
	if (json_dumpf(document, out, flags | JSON_REAL_PRECISION(DIGITS)) < 0 ||
		fputc('\n', out) == EOF)
		r = errno != 0 ? -errno : -EIO;
	json_decref(document);
	return r;
}
