/* SPDX-License-Identifier: MIT */
/* Writes a JSON document to a file. */
#pragma once

#include <jansson.h>
#include <stdio.h>

/* Writes the document, its reals with 15 digits at most, and a newline. flags are those of json_dumpf. Takes the document over;
 * NULL is one for which there was no memory. Returns 0, -ENOMEM, or the -errno of the file, -EIO where it has none. */
int json_write(json_t *document, size_t flags, FILE *out);
