/* SPDX-License-Identifier: MIT */
/* The event loop, as an init needs it from libev: nothing aborts it, nothing allocates while the application runs,
 * and an idle one does not wake up. */
#pragma once

#include <ev.h>

struct loop {
	struct ev_loop *ev;
#if EV_PERIODIC_ENABLE
	ev_periodic never; /* see sleep_without_wakeups */
#endif
};

/* Opens the loop in place: the struct must not move until loop_close. signal_fd is the signals' descriptor, which
 * epoll has to take. Returns 0 or -errno. */
int loop_open(struct loop *ret_loop, int signal_fd);

/* Does nothing for a loop that is all zeros. */
void loop_close(struct loop *loop);

/* Has the watcher wait for these events of its descriptor, and for no others. */
void loop_wait_for(struct ev_loop *loop, ev_io *io, int events);
