/* SPDX-License-Identifier: MIT */
/* Which signal makes a server finish its work before it exits, where that is not SIGTERM. */
#pragma once

/* By process name (/proc/PID/comm, cut at 15 bytes). Returns the signal's number, or 0 for servers
 * that nothing special is known of. Sources: each server's manual on its signals. */
int server_signal_to_finish(const char *process_name);
