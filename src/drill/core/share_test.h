/* SPDX-License-Identifier: MIT */
/* Is a share larger than another one by more than chance? */
#pragma once

#include <stdint.h>

/* Fisher's exact test, one-sided: how often chance alone puts `after` or more of all marked ones among
 * after_total draws, when after + before of after_total + before_total are marked. Between 0 and 1. */
double share_test(uint32_t before, uint32_t before_total, uint32_t after, uint32_t after_total);
