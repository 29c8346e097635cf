/* SPDX-License-Identifier: MIT */
/* The processes besides the main one, at the end of a stop: they are sent SIGTERM, and then SIGKILL. */
#pragma once

#include "lastcall/app.h"

void app_signal_others(struct app *app);

/* May be repeated. The last time nothing is done thereafter about a process that was missed. */
void app_kill_all(struct app *app, const char *why, bool is_last);
