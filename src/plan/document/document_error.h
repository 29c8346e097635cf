/* SPDX-License-Identifier: MIT */
/* Why a document cannot be read, and where. */
#pragma once

#include <stdint.h>

struct document_error {
	char text[200]; /* one line; empty: no error */
	uint32_t line, column; /* from 1; 0: unknown */
};

void document_error_set(struct document_error *error, uint32_t line, uint32_t column,
	const char *format, ...) __attribute__((format(printf, 4, 5)));
