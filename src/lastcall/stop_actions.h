/* SPDX-License-Identifier: MIT */
/* Carries out the stop plan's actions: signals and SIGKILL to the application's processes. */
#pragma once

#include "lastcall/stop.h"

/* actions: the STOP_DO_... bits of stop_plan_step. */
void stop_actions_do(struct stop *s, unsigned actions, msec_t now);

/* Sends a server that has finished its work and still runs its plain signal, when that is due. */
void stop_actions_send_plain_signal(struct stop *s, msec_t now);
