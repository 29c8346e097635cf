/* SPDX-License-Identifier: MIT */
/* The inits as which we run when we are called by their names: tini 0.19, dumb-init 1.2.5 and
 * catatonit 0.1.7. What their command lines and variables ask for, and what they say. Where they do
 * harm we do not: options end at the first operand, though two of them go on looking for theirs
 * among the application's, and a signal may be any of 1 to 64. */
#pragma once

#include "core/cli/options.h"
#include "core/text/text.h"

/* Said at the end of each help page. */
#define COMPAT_DRAINS_ON_REQUEST                                                                   \
	"With a LASTCALL_... variable it lets work in flight finish first: see lastcall(1).\n"

struct compat {
	const struct compat_peer *peer;
	const char *name; /* argv[0] */
	const char *version; /* ours */
	int pid; /* ours, for messages */

	bool pauses; /* there is no command: reap until SIGTERM or SIGINT */
	bool in_our_group; /* the application has no process group of its own */
	bool stops_too; /* when the terminal stops the application */
	bool ends_group; /* SIGTERM for what the main process leaves of it */
	int verbosity;
	bool says_to_stdout; /* what parse had to say */
};

/* What a peer has something to say about. */
enum compat_event_kind {
	COMPAT_STARTED, /* number: pid, text: the command */
	COMPAT_NOT_STARTED, /* text: the command, reason: why */
	COMPAT_CANNOT_REAP, /* orphans do not come to us */
	COMPAT_RECEIVED, /* number: signal */
	COMPAT_REWRITTEN, /* number: signal, other: as what */
	COMPAT_FORWARDED, /* number: signal */
	COMPAT_DROPPED, /* number: signal */
	COMPAT_STOPPING, /* as the application was by its terminal */
	COMPAT_REAPED, /* number: pid */
	COMPAT_REAPED_ORPHAN,
	COMPAT_MAIN_ENDED,
};

struct compat_event {
	enum compat_event_kind kind;
	int number, other;
	int status, signal; /* how a process ended: 128 + signal, or by itself where signal is 0 */
	const char *text, *reason;
};

#define COMPAT_GO_ON (-1)

struct compat_peer {
	/* Reads the command line, and the peer's variables, over *options. Returns COMPAT_GO_ON, or the
	 * status to exit with once *said is printed. May move words within argv. */
	int (*parse)(struct compat *compat, char **argv, char *const envp[],
		struct options *options, struct text *said);

	/* Says an event as the peer does, a line. Returns false when it has nothing to say. */
	bool (*describe)(
		const struct compat *compat, const struct compat_event *event, struct text *line);
};

extern const struct compat_peer compat_tini, compat_dumb_init, compat_catatonit;

/* The init that the last part of a path names, or NULL. */
const struct compat_peer *compat_peer_of(const char *path);

/* The walk over a command line that the parsers share, as getopt_long(3) does it with "+". */
struct compat_words {
	const char *name; /* for messages */
	char **at; /* the next word; the first operand in the end */
	const char *rest; /* of a word of several letters, or "" */
	const char *value; /* of the option that was taken */
};

struct compat_long {
	char name[sizeof "single-child"]; /* empty: the end of the list */
	char letter;
};

/* Takes the next option: letters are getopt's, with a colon behind those that have a value; longs is NULL
 * where there are none. Returns its letter, 0 when there is none left, or '?' with a line in *said. */
int compat_next_option(struct compat_words *words, const char *letters,
	const struct compat_long *longs, struct text *said);

/* What each prints for its licence. */
void compat_write_licence(const struct compat *compat, struct text *said);
