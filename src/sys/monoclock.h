/* SPDX-License-Identifier: MIT */
/* The clocks: monotonic for decisions, wall clock for what people read, processor time for costs. */
#pragma once

#include "core/text/msec.h"

msec_t monoclock_now(void);
int64_t monoclock_now_us(void);
int64_t processor_now_us(void); /* that this thread has used: for measuring what something costs */
int64_t wallclock_unix_ms(void);
