/* SPDX-License-Identifier: MIT */
#include "sys/sockdiag_exact.h"

#include <errno.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define TRIES 3

/* One that is answered by a dump's leftovers, or by another process, comes to its end. */
#define DATAGRAMS_MAX 1024

_Static_assert(SOCKDIAG_EXACT_MAX *SOCKDIAG_EXACT_BYTES <= SOCKDIAG_REPLY_BYTES,
	"the requests are written where the answers are read");

struct questions {
	const struct connection_key *keys;
	size_t count, open; /* open: not answered yet */
	uint32_t first_seq; /* the seq of keys[i] is i more */
	sockdiag_answer_fn *answer;
	void *arg;
	bool answered[SOCKDIAG_EXACT_MAX];
};

static int discard_waiting(struct sockdiag *diag)
{
	ssize_t len = 0;

	for (int i = 0; i < DATAGRAMS_MAX && (len >= 0 || len == -EBADMSG || len == -ENOBUFS); i++)
		len = sockdiag_receive(diag);
	return len == -EAGAIN ? 0 : len < 0 ? (int)len : -ENOBUFS;
}

static int send_open(struct sockdiag *diag, const struct questions *q)
{
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	struct iovec bytes = {.iov_base = diag->reply};
	const struct msghdr message = {
		.msg_name = &kernel,
		.msg_namelen = sizeof kernel,
		.msg_iov = &bytes,
		.msg_iovlen = 1,
	};

	for (size_t i = 0; i < q->count; i++) {
		if (!q->answered[i])
			bytes.iov_len += sockdiag_encode_exact(diag->reply + bytes.iov_len,
				sizeof diag->reply - bytes.iov_len, &q->keys[i],
				q->first_seq + (uint32_t)i);
	}
	return sendmsg(diag->fd, &message, 0) < 0 ? -errno : 0;
}

static void take_answer(struct questions *q, uint32_t seq, const struct connection *row)
{
	size_t i = seq - q->first_seq;

	if (i >= q->count || q->answered[i])
		return;
	q->answered[i] = true;
	q->open--;
	/* the kernel compares the cookie; another one would be another connection */
	if (row != NULL && row->cookie != q->keys[i].cookie)
		row = NULL;
	q->answer(q->arg, i, row);
}

/* Returns 0, or why the kernel refuses. */
static int take_answers(struct questions *q, const uint8_t *bytes, size_t len)
{
	struct sockdiag_cursor cursor;
	struct connection row;

	sockdiag_cursor_init(&cursor, bytes, len, 0);
	for (;;) {
		switch (sockdiag_next(&cursor, &row)) {
		case SOCKDIAG_ROW:
			take_answer(q, cursor.answered_seq, &row);
			break;
		case SOCKDIAG_FAILED:
			if (cursor.answered_seq - q->first_seq >= q->count)
				break;
			if (cursor.error != -ENOENT && cursor.error != -ESTALE)
				return cursor.error;
			take_answer(q, cursor.answered_seq, NULL);
			break;
		case SOCKDIAG_MALFORMED:
			return -EBADMSG;
		case SOCKDIAG_DONE:
			break;
		case SOCKDIAG_EXHAUSTED:
			return 0;
		}
	}
}

static int read_answers(struct sockdiag *diag, struct questions *q)
{
	for (int i = 0; i < DATAGRAMS_MAX && q->open > 0; i++) {
		ssize_t len = sockdiag_receive(diag);
		int r;

		if (len == -EAGAIN)
			return 0;
		if (len == -ENOBUFS)
			continue; /* what was dropped is still open */
		if (len < 0)
			return (int)len;
		r = take_answers(q, diag->reply, (size_t)len);
		if (r < 0)
			return r;
	}
	return 0;
}

static uint32_t take_seqs(struct sockdiag *diag, size_t count)
{
	uint32_t first;

	if (diag->seq > UINT32_MAX - SOCKDIAG_EXACT_MAX)
		diag->seq = 0;
	first = sockdiag_next_seq(diag);
	diag->seq += (uint32_t)count;
	return first;
}

int sockdiag_ask(struct sockdiag *diag, const struct connection_key *keys, size_t count,
	sockdiag_answer_fn *answer, void *arg)
{
	struct questions q = {
		.keys = keys,
		.count = count,
		.open = count,
		.answer = answer,
		.arg = arg,
	};

	if (count > SOCKDIAG_EXACT_MAX)
		return -EINVAL;
	q.first_seq = take_seqs(diag, count);
	for (int i = 0; i < TRIES && q.open > 0; i++) {
		int r = discard_waiting(diag);

		if (r == 0)
			r = send_open(diag, &q);
		if (r == 0)
			r = read_answers(diag, &q);
		if (r < 0)
			return r;
	}
	return q.open == 0 ? 0 : -ENOBUFS;
}
