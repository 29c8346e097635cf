/* SPDX-License-Identifier: MIT */
/* Carries out what the stop plan asks for: signals and SIGKILL to the application's processes. */
#pragma once

#include "lastcall/stop.h"

/* actions: the STOP_DO_... bits of stop_plan_step. */
void stop_actions_do(struct stop *s, unsigned actions, msec_t now);

/* To a server that has finished its work and has not ended: its plain signal, once that is due. */
void stop_actions_send_plain_signal(struct stop *s, msec_t now);
