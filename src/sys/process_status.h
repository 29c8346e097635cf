/* SPDX-License-Identifier: MIT */
/* One process's names and signals, from /proc. Allocates nothing. */
#pragma once

#include "core/recognise/program.h"

#include <sys/types.h>

/* Reads what /proc says of a process; what cannot be read is empty, and signals_known is false then. Any
 * user may read all but its file, for which the rules of ptrace(2) hold: where /proc/PID/exe is closed to us
 * the file that the command line names is read. Returns 0, or -errno when there is no such process or no
 * /proc of our pid namespace. */
int process_status_read(pid_t pid, struct program *ret_program);

/* Whether a file is an ELF program of our own word size that Go's linker made. Reads its first page, which exec has
 * read before. Returns 1, 0, or -EBADMSG for a file that is shorter than any program. */
int process_status_file_is_go(int fd);
