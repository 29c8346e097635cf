/* SPDX-License-Identifier: MIT */
/* Reads the options that name a kind of request for cohort A. Each adds one to in_flight. */
#pragma once

#include "drill/cli/drill_option_values.h"

drill_option_set_fn drill_option_set_slow, drill_option_set_stream;
drill_option_set_fn drill_option_set_download, drill_option_set_upload;
drill_option_set_fn drill_option_set_grpc, drill_option_set_websocket;
