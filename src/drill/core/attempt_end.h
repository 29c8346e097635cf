/* SPDX-License-Identifier: MIT */
/* From how an attempt ended, to the one word for it. */
#pragma once

#include "drill/core/attempt.h"

enum attempt_end_cause {
	END_ANSWERED, /* a whole answer */
	END_BAD_ANSWER, /* no HTTP, no TLS, or not the bytes that were to come */
	END_CLOSED, /* the server's FIN */
	END_REFUSED, /* the server said that it has not worked on the request (HTTP/2) */
	END_FAILED, /* the kernel said why */
	END_TOO_LATE, /* a time limit of ours */
	END_NOT_NEEDED, /* a connection that was to carry nothing, closed by us */
};

struct attempt_end {
	enum attempt_end_cause cause;
	int error; /* END_FAILED: errno */
	bool has_request; /* or it was only a connection */
	bool was_connected;
	bool was_used; /* bytes came on this connection at any time: an earlier answer, a handshake */
	bool has_first_byte; /* of this answer */
	bool says_goodbye; /* the answer closes the connection, or says when to come again */
	bool is_after_stop;
	int http_status;
	int64_t sent_bytes, acknowledged_bytes; /* of the request, on the wire */
};

enum outcome attempt_end_outcome(const struct attempt_end *end);

/* A client may send the request again without asking what it does: it failed, and none of it was taken.
 * A FIN tells what the server's kernel had by then; a reset does not, for Linux does not look at what it
 * acknowledges, and a server that had read the request may have delayed its own acknowledgement. */
bool attempt_end_is_retry_safe(const struct attempt_end *end);
