/* SPDX-License-Identifier: MIT */
/* A file's bytes as a whole. */
#pragma once

#include <stddef.h>

/* Reads the file at path, "-": standard input. Returns 0 with the bytes, which a NUL follows and which
 * are to be freed; -EFBIG where there are more than max; -ENOMEM, or -errno of reading. */
int input_file_read(const char *path, size_t max, char **ret_bytes, size_t *ret_len);
