/* SPDX-License-Identifier: MIT */
#include "plan/model/container_lastcall.h"

#include <string.h>

const struct lastcall_settings *lastcall_settings_of(
	const struct container_words *words, struct arena *arena)
{
	static const struct lastcall_settings unused;
	struct lastcall_settings settings, *copy;

	lastcall_settings_read(words, &settings);
	if (!settings.is_used)
		return &unused;
	copy = arena_alloc(arena, sizeof(*copy));
	memcpy(copy, &settings, sizeof(*copy));
	return copy;
}
