/* SPDX-License-Identifier: MIT */
/* Whose a socket is, as far as /proc lets us see: of our own container, or perhaps of another one that shares our
 * network namespace. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Whether a process of our pid namespace and of our mount namespace has the socket open. The containers of a pod
 * have a mount namespace each, also where they share the pid namespace. False as well where the descriptors of
 * its process may not be read: it is proof, or it is nothing. */
bool socket_owner_is_near(uint32_t inode);
