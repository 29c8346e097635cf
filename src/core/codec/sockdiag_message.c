/* SPDX-License-Identifier: MIT */
/* Structures are copied out of the bytes, never pointed into them: a reply may be misaligned, cut or
 * crafted. */
#include "core/codec/sockdiag_message.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <string.h>

struct message {
	struct nlmsghdr header;
	const uint8_t *payload;
	size_t len;
};

void sockdiag_cursor_init(
	struct sockdiag_cursor *cursor, const uint8_t *buf, size_t len, uint32_t seq)
{
	*cursor = (struct sockdiag_cursor){.at = buf, .left = len, .seq = seq};
}

/* Messages and attributes begin at multiples of four; the last one may lack its padding. */
static size_t padded(size_t len, size_t left)
{
	size_t aligned = (len + 3) & ~(size_t)3;

	return aligned < left ? aligned : left;
}

/* Moves the cursor past one message, which is false when its length cannot be true. */
static bool take_message(struct sockdiag_cursor *cursor, struct message *ret_message)
{
	struct nlmsghdr header;
	size_t step;

	if (cursor->left < sizeof header)
		return false;
	memcpy(&header, cursor->at, sizeof header);
	if (header.nlmsg_len < sizeof header || header.nlmsg_len > cursor->left)
		return false;
	*ret_message = (struct message){
		.header = header,
		.payload = cursor->at + sizeof header,
		.len = header.nlmsg_len - sizeof header,
	};
	step = padded(header.nlmsg_len, cursor->left);
	cursor->at += step;
	cursor->left -= step;
	return true;
}

/* Both NLMSG_ERROR and NLMSG_DONE begin with 0 or a negative errno. A dump that fails after it has
 * begun, as it does without tcp_diag, is reported by the latter. */
static enum sockdiag_item decode_status(
	struct sockdiag_cursor *cursor, const struct message *message, enum sockdiag_item success)
{
	int32_t status;

	if (message->len < sizeof status)
		return SOCKDIAG_MALFORMED;
	memcpy(&status, message->payload, sizeof status);
	if (status == 0)
		return success;
	if (status > 0 || status < -4095)
		return SOCKDIAG_MALFORMED;
	cursor->error = status;
	return SOCKDIAG_FAILED;
}

/* SOCKDIAG_EXHAUSTED stands for a message that says nothing to us. */
static enum sockdiag_item decode_message(
	struct sockdiag_cursor *cursor, const struct message *message)
{
	switch (message->header.nlmsg_type) {
	case SOCK_DIAG_BY_FAMILY:
	case TCPDIAG_GETSOCK:
		return SOCKDIAG_ROW;
	case NLMSG_DONE:
		return decode_status(cursor, message, SOCKDIAG_DONE);
	case NLMSG_ERROR: /* with status 0, an acknowledgement that we did not ask for */
		return decode_status(cursor, message, SOCKDIAG_EXHAUSTED);
	case NLMSG_OVERRUN:
		return SOCKDIAG_MALFORMED;
	default:
		return SOCKDIAG_EXHAUSTED;
	}
}

enum sockdiag_item sockdiag_malformed(struct sockdiag_cursor *cursor)
{
	cursor->left = 0; /* a caller that goes on all the same comes to an end */
	return SOCKDIAG_MALFORMED;
}

enum sockdiag_item sockdiag_next_message(
	struct sockdiag_cursor *cursor, struct sockdiag_message *ret_message)
{
	enum sockdiag_item item = SOCKDIAG_EXHAUSTED;

	while (item == SOCKDIAG_EXHAUSTED && cursor->left > 0) {
		struct message message;

		if (!take_message(cursor, &message))
			return sockdiag_malformed(cursor);
		if (cursor->seq != 0 && message.header.nlmsg_seq != cursor->seq)
			continue;
		cursor->answered_seq = message.header.nlmsg_seq;
		if (message.header.nlmsg_flags & NLM_F_DUMP_INTR)
			cursor->interrupted = true;
		item = decode_message(cursor, &message);
		*ret_message = (struct sockdiag_message){message.payload, message.len};
	}
	return item == SOCKDIAG_MALFORMED ? sockdiag_malformed(cursor) : item;
}

int sockdiag_next_attribute(
	const uint8_t **at, size_t *left, struct sockdiag_attribute *ret_attribute)
{
	struct nlattr header;
	size_t step;

	if (*left == 0)
		return 0;
	if (*left < sizeof header)
		return -EBADMSG;
	memcpy(&header, *at, sizeof header);
	if (header.nla_len < sizeof header || header.nla_len > *left)
		return -EBADMSG;
	*ret_attribute = (struct sockdiag_attribute){
		.type = (uint16_t)(header.nla_type & NLA_TYPE_MASK),
		.value = *at + sizeof header,
		.len = header.nla_len - sizeof header,
	};
	step = padded(header.nla_len, *left);
	*at += step;
	*left -= step;
	return 1;
}
