/* SPDX-License-Identifier: MIT */
/* Structures are copied out of the bytes, never pointed into them: a reply may be misaligned, cut or
 * crafted, and every length in it is checked against what is really there. */
#include "core/codec/sockdiag_codec.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/mptcp.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

/* tcp_info grows at its end with each kernel. We read up to here, which Linux 4.6 already had; the
 * fields of later ones tell the origin, and nothing else. */
#define INFO_BYTES (offsetof(struct tcp_info, tcpi_data_segs_out) + sizeof(__u32))
_Static_assert(INFO_BYTES == 160, "the kernel's layout of tcp_info");

/* What tells the origin of a connection, where the kernel has it. */
#define INFO_BYTES_WITH_ORIGIN (offsetof(struct tcp_info, tcpi_bytes_retrans) + sizeof(__u64))
_Static_assert(INFO_BYTES_WITH_ORIGIN == 216, "the kernel's layout of tcp_info");

#define MPTCP_INFO_BYTES (offsetof(struct mptcp_info, mptcpi_rcv_nxt) + sizeof(__u64))
_Static_assert(MPTCP_INFO_BYTES == 40, "the kernel's layout of mptcp_info");

/* The filter's test for one range of ports. Each operation jumps by `yes` or `no` bytes; the argument of a
 * comparison is the `no` of the operation that follows it. */
struct port_test {
	struct inet_diag_bc_op not_below, not_below_port;
	struct inet_diag_bc_op not_above, not_above_port;
	struct inet_diag_bc_op accept;
};

#define WANTED (1u << (INET_DIAG_INFO - 1) | 1u << (INET_DIAG_SKMEMINFO - 1))

struct request {
	struct nlmsghdr header;
	union {
		struct inet_diag_req_v2 one; /* SOCK_DIAG_BY_FAMILY */
		struct inet_diag_req both; /* TCPDIAG_GETSOCK */
	};
};

/* The ports of a query as the kernel is asked for them. */
struct port_filter {
	size_t count; /* of ranges; 0: no filter */
	struct port_range ranges[SOCKDIAG_MAX_RANGES];
};

static void make_filter(struct port_filter *ret_filter, const struct port_set *ports)
{
	ret_filter->count = 0;
	if (ports != NULL)
		ret_filter->count = port_set_ranges(ports, ret_filter->ranges, SOCKDIAG_MAX_RANGES);
	if (ret_filter->count > SOCKDIAG_MAX_RANGES)
		ret_filter->count = 0;
}

/* One port is named in the request itself, which is cheaper. Returns it, or 0. */
static uint16_t single_port(const struct port_filter *filter)
{
	const struct port_range *range = filter->ranges;

	return filter->count == 1 && range->first == range->last ? range->first : 0;
}

static size_t filter_size(size_t range_count)
{
	return range_count * sizeof(struct port_test) - sizeof(struct inet_diag_bc_op);
}

/* A program accepts when it jumps to its very end and rejects when it jumps four bytes beyond. So a
 * failed comparison always skips its whole test: to the next range's test, or beyond the end, for
 * the last test has no `accept` and falls off the end by itself. The kernel's check of the program
 * follows `yes` only, which is why the unconditional jump has one. */
static void encode_filter(uint8_t *at, const struct port_filter *filter)
{
	const unsigned short whole = sizeof(struct port_test);
	const unsigned short comparison = 2 * sizeof(struct inet_diag_bc_op);

	for (size_t i = 0; i < filter->count; i++) {
		size_t after = filter_size(filter->count - i) - offsetof(struct port_test, accept);
		struct port_test test = {
			.not_below = {INET_DIAG_BC_S_GE, (unsigned char)comparison, whole},
			.not_below_port = {.no = filter->ranges[i].first},
			.not_above = {INET_DIAG_BC_S_LE, (unsigned char)comparison,
				(unsigned short)(whole - comparison)},
			.not_above_port = {.no = filter->ranges[i].last},
			.accept = {INET_DIAG_BC_JMP, sizeof test.accept, (unsigned short)after},
		};
		size_t size =
			i + 1 < filter->count ? sizeof test : offsetof(struct port_test, accept);

		memcpy(at, &test, size);
		at += size;
	}
}

static __be16 to_network_order(uint16_t value)
{
	const uint8_t bytes[2] = {(uint8_t)(value >> 8), (uint8_t)value};
	__be16 ordered;

	memcpy(&ordered, bytes, sizeof ordered);
	return ordered;
}

/* Returns the request without its filter; *ret_len is how much of it counts. */
static struct request make_request(uint8_t family, const struct sockdiag_query *query,
	uint16_t single, uint32_t seq, size_t *ret_len)
{
	const uint8_t wanted = query->want_info ? WANTED : 0;
	const __be16 port = to_network_order(single);
	struct request request = {
		.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
		.header.nlmsg_seq = seq,
	};

	if (family == AF_UNSPEC) {
		request.header.nlmsg_type = TCPDIAG_GETSOCK;
		request.both.idiag_ext = wanted;
		request.both.idiag_states = query->states;
		request.both.id.idiag_sport = port;
		*ret_len = sizeof request.header + sizeof request.both;
	} else {
		request.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
		request.one.sdiag_family = family;
		request.one.sdiag_protocol = IPPROTO_TCP;
		request.one.idiag_ext = wanted;
		request.one.idiag_states = query->states;
		request.one.id.idiag_sport = port;
		*ret_len = sizeof request.header + sizeof request.one;
	}
	return request;
}

static size_t add_attribute(uint8_t *at, uint16_t type, size_t len)
{
	const struct nlattr attribute = {
		.nla_len = (__u16)(sizeof attribute + len), .nla_type = type};

	memcpy(at, &attribute, sizeof attribute);
	return sizeof attribute;
}

size_t sockdiag_encode_dump(
	uint8_t *buf, size_t cap, uint8_t family, const struct sockdiag_query *query, uint32_t seq)
{
	const uint32_t protocol = IPPROTO_MPTCP; /* more than a byte: in an attribute */
	size_t filter_len = 0, request_len, len, at;
	struct port_filter filter;
	struct request request;

	make_filter(&filter, query->ports);
	request = make_request(family, query, single_port(&filter), seq, &request_len);
	if (filter.count > 0 && single_port(&filter) == 0)
		filter_len = filter_size(filter.count);
	len = request_len + (filter_len > 0 ? sizeof(struct nlattr) + filter_len : 0) +
	      (query->is_mptcp ? sizeof(struct nlattr) + sizeof protocol : 0);
	if (len > cap)
		return 0;
	request.header.nlmsg_len = (__u32)len;
	memcpy(buf, &request, request_len);
	at = request_len;
	if (query->is_mptcp) {
		at += add_attribute(buf + at, INET_DIAG_REQ_PROTOCOL, sizeof protocol);
		memcpy(buf + at, &protocol, sizeof protocol);
		at += sizeof protocol;
	}
	if (filter_len > 0) {
		at += add_attribute(buf + at, INET_DIAG_REQ_BYTECODE, filter_len);
		encode_filter(buf + at, &filter);
	}
	return len;
}

static size_t address_len(uint8_t family)
{
	return family == AF_INET ? 4 : 16;
}

size_t sockdiag_encode_exact(
	uint8_t *buf, size_t cap, const struct connection_key *key, uint32_t seq)
{
	struct {
		struct nlmsghdr header;
		struct inet_diag_req_v2 body;
	} request = {
		.header = {.nlmsg_len = sizeof request,
			.nlmsg_type = SOCK_DIAG_BY_FAMILY,
			.nlmsg_flags = NLM_F_REQUEST,
			.nlmsg_seq = seq},
		.body = {.sdiag_family = key->family,
			.sdiag_protocol = IPPROTO_TCP,
			.idiag_ext = WANTED},
	};
	struct inet_diag_sockid *id = &request.body.id;

	_Static_assert(sizeof request == SOCKDIAG_EXACT_BYTES, "no padding");
	if (cap < sizeof request)
		return 0;
	id->idiag_sport = to_network_order(key->local_port);
	id->idiag_dport = to_network_order(key->peer_port);
	memcpy(id->idiag_src, key->local, address_len(key->family));
	memcpy(id->idiag_dst, key->peer, address_len(key->family));
	id->idiag_if = key->interface;
	id->idiag_cookie[0] = (__u32)key->cookie;
	id->idiag_cookie[1] = (__u32)(key->cookie >> 32);
	memcpy(buf, &request, sizeof request);
	return sizeof request;
}

static uint16_t from_network_order(__be16 value)
{
	uint8_t bytes[2];

	memcpy(bytes, &value, sizeof bytes);
	return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

/* Of what was sent, all that is acknowledged or on its way; one more is the SYN that the peer has
 * acknowledged. Numbers that moved while the kernel wrote them down tell nothing. */
static enum connection_origin find_origin(const struct tcp_info *info, const struct connection *row)
{
	uint64_t on_its_way = info->tcpi_unacked > 0 ? row->wqueue - info->tcpi_notsent_bytes : 0;
	uint64_t sent = info->tcpi_bytes_sent - info->tcpi_bytes_retrans;
	uint64_t more = info->tcpi_bytes_acked + on_its_way - sent;

	if (row->state != TCP_STATE_ESTABLISHED && row->state != TCP_STATE_CLOSE_WAIT)
		return ORIGIN_UNKNOWN; /* a FIN of ours counts, too */
	if (more > 1)
		return ORIGIN_UNKNOWN;
	return more == 1 ? ORIGIN_CONNECTED : ORIGIN_ACCEPTED;
}

/* An info too short for what we read says nothing: the zeroes of a half filled one would read as
 * "never received anything", and cut a connection that works. */
static void decode_info(const uint8_t *bytes, size_t len, struct connection *row)
{
	struct tcp_info info = {0};

	if (len < INFO_BYTES)
		return;
	memcpy(&info, bytes, len < sizeof info ? len : sizeof info);
	if (len >= INFO_BYTES_WITH_ORIGIN)
		row->origin = (uint8_t)find_origin(&info, row);
	row->has_info = true;
	row->retransmits = info.tcpi_retransmits;
	row->probes = info.tcpi_probes;
	row->last_data_sent_ms = info.tcpi_last_data_sent;
	row->last_data_recv_ms = info.tcpi_last_data_recv;
	row->last_ack_recv_ms = info.tcpi_last_ack_recv;
	row->bytes_acked = info.tcpi_bytes_acked;
	row->bytes_received = info.tcpi_bytes_received;
	row->segs_out = info.tcpi_segs_out;
	row->segs_in = info.tcpi_segs_in;
	row->data_segs_out = info.tcpi_data_segs_out;
	row->data_segs_in = info.tcpi_data_segs_in;
	row->retransmitted = info.tcpi_total_retrans;
}

/* Its last number since Linux 4.7: one that has grown less has dropped nothing. */
static void decode_memory(const uint8_t *at, size_t len, struct connection *row)
{
	uint32_t drops;

	if (len < (SK_MEMINFO_DROPS + 1) * sizeof drops)
		return;
	memcpy(&drops, at + SK_MEMINFO_DROPS * sizeof drops, sizeof drops);
	row->drops = drops;
}

/* Its rqueue counts memory, and its wqueue nothing: what the peer has not acknowledged is in the info, as
 * sequence numbers of the whole connection. */
static void decode_mptcp_info(const uint8_t *bytes, size_t len, struct connection *row)
{
	uint64_t write_seq, snd_una;

	if (len < MPTCP_INFO_BYTES || len >= INFO_BYTES)
		return; /* of TCP */
	memcpy(&write_seq, bytes + offsetof(struct mptcp_info, mptcpi_write_seq), sizeof write_seq);
	memcpy(&snd_una, bytes + offsetof(struct mptcp_info, mptcpi_snd_una), sizeof snd_una);
	row->is_mptcp = true;
	if (write_seq > snd_una)
		row->wqueue = write_seq - snd_una < UINT32_MAX ? (uint32_t)(write_seq - snd_una)
							       : UINT32_MAX;
}

static bool names_mptcp(const uint8_t *at, size_t left)
{
	static const char name[] = "mptcp";
	struct sockdiag_attribute attribute;

	while (sockdiag_next_attribute(&at, &left, &attribute) > 0) {
		if (attribute.type == INET_ULP_INFO_NAME && attribute.len >= sizeof name &&
			memcmp(attribute.value, name, sizeof name) == 0)
			return true;
	}
	return false;
}

static bool decode_attributes(const uint8_t *at, size_t left, bool is_mptcp, struct connection *row)
{
	struct sockdiag_attribute attribute;
	int r;

	while ((r = sockdiag_next_attribute(&at, &left, &attribute)) > 0) {
		if (attribute.type == INET_DIAG_INFO && is_mptcp)
			decode_mptcp_info(attribute.value, attribute.len, row);
		else if (attribute.type == INET_DIAG_INFO)
			decode_info(attribute.value, attribute.len, row);
		else if (attribute.type == INET_DIAG_SKMEMINFO)
			decode_memory(attribute.value, attribute.len, row);
		else if (attribute.type == INET_DIAG_CGROUP_ID &&
			 attribute.len == sizeof row->cgroup)
			memcpy(&row->cgroup, attribute.value, sizeof row->cgroup);
		else if (attribute.type == INET_DIAG_ULP_INFO)
			row->is_mptcp = names_mptcp(attribute.value, attribute.len);
	}
	return r == 0;
}

static bool decode_row(
	const struct sockdiag_message *message, bool is_mptcp, struct connection *ret_row)
{
	struct inet_diag_msg diag;
	struct connection row = {0};

	if (message->len < sizeof diag)
		return false;
	memcpy(&diag, message->payload, sizeof diag);
	if (diag.idiag_family != AF_INET && diag.idiag_family != AF_INET6)
		return false;
	row.cookie = diag.id.idiag_cookie[0] | (uint64_t)diag.id.idiag_cookie[1] << 32;
	row.family = diag.idiag_family;
	row.state = diag.idiag_state;
	row.local_port = from_network_order(diag.id.idiag_sport);
	row.peer_port = from_network_order(diag.id.idiag_dport);
	memcpy(row.peer, diag.id.idiag_dst, address_len(diag.idiag_family));
	memcpy(row.local, diag.id.idiag_src, address_len(diag.idiag_family));
	row.interface = diag.id.idiag_if;
	row.from_here = connection_is_from_here(&row, row.local);
	row.inode = diag.idiag_inode;
	row.uid = diag.idiag_uid;
	row.rqueue = diag.idiag_rqueue;
	row.wqueue = diag.idiag_wqueue;
	if (!decode_attributes(
		    message->payload + sizeof diag, message->len - sizeof diag, is_mptcp, &row))
		return false;
	*ret_row = row;
	return true;
}

enum sockdiag_item sockdiag_next(struct sockdiag_cursor *cursor, struct connection *ret_row)
{
	struct sockdiag_message message;
	enum sockdiag_item item = sockdiag_next_message(cursor, &message);

	if (item != SOCKDIAG_ROW || decode_row(&message, cursor->is_mptcp, ret_row))
		return item;
	return sockdiag_malformed(cursor);
}
