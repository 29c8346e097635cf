/* SPDX-License-Identifier: MIT */
/* The settings of lastcall in containers, of which few have some. */
#pragma once

#include "plan/core/lastcall_settings.h"
#include "plan/document/arena.h"

/* In the arena where lastcall is used, else one for all. Never NULL. */
const struct lastcall_settings *lastcall_settings_of(
	const struct container_words *words, struct arena *arena);
