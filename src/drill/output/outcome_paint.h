/* SPDX-License-Identifier: MIT */
/* Which colour the outcomes of a group have in every picture. */
#pragma once

#include "drill/core/outcome_group.h"
#include "host/paint.h"

enum paint paint_of_group(enum outcome_group group);
