/* SPDX-License-Identifier: MIT */
/* The two clocks: monotonic for decisions, wall clock for what people read. */
#pragma once

#include "core/text/msec.h"

msec_t monoclock_now(void);
int64_t monoclock_now_us(void); /* for measuring what something costs */
int64_t wallclock_unix_ms(void);
