/* SPDX-License-Identifier: MIT */
/* What has to hold, whatever the bytes: libFuzzer keeps the input that ends it. */
#pragma once

#include <stdbool.h>
#include <stdlib.h>

static inline void require(bool condition)
{
	if (!condition)
		abort();
}
