/* SPDX-License-Identifier: MIT */
/* What /proc says of the application's main process, as values: how it is called, and which signals
 * it takes. sys/process_status.h reads it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROGRAM_NAME_BYTES 16 /* TASK_COMM_LEN: the kernel cuts a name at 15 bytes */
#define PROGRAM_FILE_BYTES 64
#define PROGRAM_WORDS_BYTES 512

struct program {
	char name
		[PROGRAM_NAME_BYTES]; /* /proc/PID/comm: a script's too, when it was executed itself */
	char file[PROGRAM_FILE_BYTES]; /* the last part of /proc/PID/exe; empty: may not be read */
	char words
		[PROGRAM_WORDS_BYTES]; /* the command line, each word with its NUL, as far as it fits */
	size_t words_len;
	bool is_go; /* its file has a note of Go's linker */
	/* Its main thread sleeps in sigwait(3) or the like. The kernel unblocks what it waits for meanwhile
	 * (do_sigtimedwait), so that those signals look as if nothing took them. */
	bool waits_for_signals;
	bool signals_known; /* the three sets below were read */
	uint64_t caught, blocked,
		ignored; /* SigCgt, SigBlk, SigIgn of its main thread: signal_bit */
};

/* Its words one after the other; NULL: there are no more. */
const char *program_first_word(const struct program *program);
const char *program_next_word(const struct program *program, const char *word);

/* Where nothing else is known: the command that was started, as far as it fits, word by word. */
void program_take_command(struct program *program, char *const *command);
