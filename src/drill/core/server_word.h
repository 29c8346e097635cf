/* SPDX-License-Identifier: MIT */
/* lastcall's report beside what the client saw: who is in the server sees sockets, and bytes that the
 * kernel took; who is outside sees what arrived. */
#pragma once

#include "drill/core/run.h"

/* Fills run->disagreements, a line each, from run->server and run->numbers; none where there was no
 * report. After run_tally. */
void server_word_compare(struct run *run);
