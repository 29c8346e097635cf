/* SPDX-License-Identifier: MIT */
/* What an application that does not end seems to wait for, by what is seen of its connections. */
#pragma once

#include "core/tcp/conn_tracker.h"
#include "core/text/text.h"

enum waited_for {
	WAITED_FOR_UNKNOWN, /* it was not killed, or its connections cannot be seen */
	WAITED_FOR_WORK, /* requests are in flight, or may be */
	WAITED_FOR_NO_STOP, /* it still listens: it has not begun to stop */
	WAITED_FOR_NEVER_USED, /* it does not listen; all that is open are connections that were never used */
	WAITED_FOR_IDLE, /* it does not listen; idle connections are open */
	WAITED_FOR_NO_CONNECTION, /* it does not listen, and nothing is open */
	WAITED_FOR_COUNT,
};

/* counts: of a poll that was made after the application was signalled. */
enum waited_for waited_for_judge(const struct conn_counts *counts);

/* As the report names it; NULL where it is not known. */
const char *waited_for_name(enum waited_for waited_for);

/* Adds it in words: "it still listens". */
void waited_for_add(
	struct text *text, enum waited_for waited_for, const struct conn_counts *counts);
