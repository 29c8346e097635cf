/* SPDX-License-Identifier: MIT */
/* What became of the work on a connection that has ended, or that holds a drain no longer. Finished is
 * said of what the numbers prove; docs/report.md has the words. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* TLS 1.3's close_notify takes 24 bytes, HTTP/2's GOAWAY in it 39, PostgreSQL's Terminate 5; requests of
 * HTTP are longer than that. The FIN that follows is one more. */
#define LAST_WORD_IN_MAX 64

/* Several of them: two GOAWAY, a WINDOW_UPDATE and a close_notify, of Node's HTTP/2 client over TLS, take 137.
 * A short request of HTTP may be as short: then it is not known which came. */
#define LAST_WORDS_IN_MAX 160

/* A server's own, of PostgreSQL "terminating connection due to administrator command": 116. */
#define LAST_WORD_OUT_MAX 256

enum connection_ending {
	CONNECTION_HELD, /* no request of it is known: it only held the drain */
	CONNECTION_FINISHED, /* answered, and delivered */
	CONNECTION_CUT, /* without its answer, by the application, its death, or us */
	CONNECTION_GAVE_UP, /* without its answer, by the client, or because the client is gone */
	CONNECTION_UNKNOWN, /* finished or cut: not known which */
	CONNECTION_ENDING_COUNT,
};

/* What a connection is held for. */
enum connection_hold {
	HOLD_NONE, /* nothing that is known to be a request */
	HOLD_DOUBT, /* there may be a request */
	HOLD_REQUEST, /* there is one */
};

/* What may have ended it. */
enum connection_ender {
	ENDED_IN_PEACE, /* its client, or an application that has no reason to cut */
	ENDED_WHEN_SIGNALLED, /* or an application that was signalled */
	ENDED_BY_DEATH, /* the kernel, when the application's process ended; or we leave it open */
	ENDED_BY_TIME, /* it still stands, and was quiet for so long that it is no longer waited for */
};

struct connection_end {
	enum connection_hold hold;
	enum connection_ender ender;
	bool unanswered; /* the client's bytes moved last, or some are unread */
	bool answered; /* bytes left after the last that came in, as far as that can be proved */
	bool saw_answer; /* a poll saw them leave, and the connection open after that */
	bool tied; /* they left in the tick in which the last bytes came in, or just before */
	bool streamed; /* they left again and again: whether they are all is not known */
	bool talked; /* the client sent again and again, and the application never answered */
	bool last_word; /* what came in last is too little for a request, and came with the end */
	bool may_be_word; /* what came in last, after bytes had left, is a last word, or a request */
	bool recent; /* a byte moved a moment ago: its answer may go on */
	bool kept; /* its server has closed its listener and not this connection */
	bool vanished; /* between two polls, and no event can tell how */
	bool peer_gone; /* the client has reset it, or does not answer any more */
	uint32_t lost_bytes; /* written by the application, not acknowledged */
};

enum connection_ending connection_end_judge(const struct connection_end *end);

const char *connection_ending_name(enum connection_ending ending);
