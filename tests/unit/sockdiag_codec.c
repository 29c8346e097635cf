/* SPDX-License-Identifier: MIT */
/* Replies are built byte by byte from the kernel's layout, not from the structures of the headers
 * that the codec is compiled with. All of them end at a page that cannot be read. */
#include "core/codec/sockdiag_codec.h"

#include "skip.h"
#include "unit/guard_page.h"

#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#define SEQ 7

/* Message types. */
#define NOOP 1
#define ERROR 2
#define DONE 3
#define OVERRUN 4
#define SOCK_DIAG 20

#define MULTI 0x02
#define DUMP_INTERRUPTED 0x10

/* Attributes. */
#define MEMINFO 1
#define INFO 2
#define SKMEMINFO 7
#define SHUTDOWN 8

/* tcp_info of Linux 4.14, of 6.18, and up to the last field that is read. */
#define INFO_4_14 192
#define INFO_6_18 280
#define INFO_LEAST 160

struct reply {
	uint8_t bytes[8192];
	size_t len, message, attribute;
};

static const uint8_t address_v4[4] = {10, 0, 0, 7};
static const uint8_t address_v6[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 0x42};
static const uint8_t address_mapped[16] = {[10] = 0xff, 0xff, 10, 0, 0, 7};

static void put(struct reply *reply, const void *bytes, size_t len)
{
	assert_true(reply->len + len <= sizeof reply->bytes);
	memcpy(reply->bytes + reply->len, bytes, len);
	reply->len += len;
}

static void put8(struct reply *reply, uint8_t value)
{
	put(reply, &value, sizeof value);
}

static void put16(struct reply *reply, uint16_t value)
{
	put(reply, &value, sizeof value);
}

static void put32(struct reply *reply, uint32_t value)
{
	put(reply, &value, sizeof value);
}

static void put_port(struct reply *reply, uint16_t port)
{
	put8(reply, (uint8_t)(port >> 8));
	put8(reply, (uint8_t)port);
}

static void pad(struct reply *reply)
{
	while (reply->len % 4 != 0)
		put8(reply, 0);
}

static void begin_message(struct reply *reply, uint16_t type, uint16_t flags, uint32_t seq)
{
	reply->message = reply->len;
	put32(reply, 0);
	put16(reply, type);
	put16(reply, flags);
	put32(reply, seq);
	put32(reply, 4321);
}

static void end_message(struct reply *reply)
{
	uint32_t len = (uint32_t)(reply->len - reply->message);

	memcpy(reply->bytes + reply->message, &len, sizeof len);
	pad(reply);
}

static void put_status(struct reply *reply, uint16_t type, int32_t status)
{
	begin_message(reply, type, MULTI, SEQ);
	put32(reply, (uint32_t)status);
	end_message(reply);
}

static void put_attribute(struct reply *reply, uint16_t type, const void *bytes, size_t len)
{
	reply->attribute = reply->len;
	put16(reply, (uint16_t)(4 + len));
	put16(reply, type);
	put(reply, bytes, len);
	pad(reply);
}

/* tcp_info with a different number in each field that is read, cut or filled up to a length. */
static void put_info(struct reply *reply, size_t len)
{
	struct reply info = {.len = 0};

	while (info.len < INFO_6_18)
		put8(&info, 0xEE);
	info.bytes[2] = 3; /* retransmits */
	info.len = 44;
	put32(&info, 1116); /* last_data_sent */
	info.len = 52;
	put32(&info, 608); /* last_data_recv */
	put32(&info, 44); /* last_ack_recv */
	info.len = 100;
	put32(&info, 2); /* total_retrans */
	info.len = 120;
	put32(&info, 116); /* bytes_acked, more than 32 bits of it */
	put32(&info, 1);
	put32(&info, 61); /* bytes_received */
	put32(&info, 2);
	put32(&info, 12); /* segs_out */
	info.len = 152;
	put32(&info, 5); /* data_segs_in */
	put32(&info, 9); /* data_segs_out */
	put_attribute(reply, INFO, info.bytes, len);
}

static void begin_row(
	struct reply *reply, uint8_t family, uint8_t state, const uint8_t *peer, size_t peer_len)
{
	begin_message(reply, SOCK_DIAG, MULTI, SEQ);
	put8(reply, family);
	put8(reply, state);
	put8(reply, 0); /* timer */
	put8(reply, 0); /* retransmits of that timer */
	put_port(reply, 8080);
	put_port(reply, 40001);
	for (int i = 0; i < 16; i++)
		put8(reply, 0xAA); /* our address */
	put(reply, peer, peer_len);
	for (size_t i = peer_len; i < 16; i++)
		put8(reply, 0xBB); /* nothing may be read from here */
	put32(reply, 1); /* interface */
	put32(reply, 0x11111111); /* cookie, its lower half first */
	put32(reply, 0x22222222);
	put32(reply, 0); /* expires */
	put32(reply, 50); /* rqueue */
	put32(reply, 3616); /* wqueue */
	put32(reply, 65534); /* uid */
	put32(reply, 28234); /* inode */
}

static void put_row(struct reply *reply, uint32_t seq)
{
	begin_row(reply, AF_INET, TCP_STATE_ESTABLISHED, address_v4, sizeof address_v4);
	put_info(reply, INFO_4_14);
	end_message(reply);
	memcpy(reply->bytes + reply->message + 8, &seq, sizeof seq);
}

static void start_reading(struct sockdiag_cursor *cursor, const struct reply *reply)
{
	sockdiag_cursor_init(cursor, guard_page_copy(reply->bytes, reply->len), reply->len, SEQ);
}

static enum sockdiag_item read_first(const struct reply *reply, struct connection *ret_row)
{
	struct sockdiag_cursor cursor;

	start_reading(&cursor, reply);
	return sockdiag_next(&cursor, ret_row);
}

/* Reads to the end as a careless caller would: no more items than there are headers, then what is
 * left over, then the end. */
static enum sockdiag_item read_all(const uint8_t *bytes, size_t len, int *ret_rows)
{
	struct sockdiag_cursor cursor;
	struct connection row;
	enum sockdiag_item item, worst = SOCKDIAG_EXHAUSTED;

	*ret_rows = 0;
	sockdiag_cursor_init(&cursor, guard_page_copy(bytes, len), len, SEQ);
	for (size_t i = 0; i < len / 16 + 2; i++) {
		item = sockdiag_next(&cursor, &row);
		if (item == SOCKDIAG_EXHAUSTED)
			return worst;
		if (item == SOCKDIAG_ROW)
			(*ret_rows)++;
		else
			worst = item;
	}
	fail_msg("%s", "no end");
	return worst;
}

static void request_is_what_the_kernel_expects(void **state)
{
	static const uint8_t expected[72] = {
		72, 0, 0, 0, 20, 0, 0x01, 0x03, SEQ, 0, 0, 0, 0, 0, 0, 0, /* message */
		AF_INET, IPPROTO_TCP, 0, 0, 0x02, 0x01, 0, 0, /* and any socket */
	};
	const struct sockdiag_query query = {.states = TCP_STATE_BIT(TCP_STATE_ESTABLISHED) |
						       TCP_STATE_BIT(TCP_STATE_CLOSE_WAIT)};
	uint8_t request[SOCKDIAG_REQUEST_BYTES];

	(void)state;
	if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
		skip_test("the bytes are those of a little-endian machine");
	assert_int_equal(sockdiag_encode_dump(request, sizeof request, AF_INET, &query, SEQ),
		sizeof expected);
	assert_memory_equal(request, expected, sizeof expected);
}

static void request_for_both_families_is_the_older_one(void **state)
{
	static const uint8_t expected[76] = {
		76,
		0,
		0,
		0,
		18,
		0,
		0x01,
		0x03,
		SEQ,
		0,
		0,
		0,
		0,
		0,
		0,
		0, /* message */
		0,
		0,
		0,
		1 << (INFO - 1) | 1 << (SKMEMINFO - 1),
		[68] = 0x02,
		0x01,
	};
	const struct sockdiag_query query = {.states = TCP_STATE_BIT(TCP_STATE_ESTABLISHED) |
						       TCP_STATE_BIT(TCP_STATE_CLOSE_WAIT),
		.want_info = true};
	uint8_t request[SOCKDIAG_REQUEST_BYTES];

	(void)state;
	if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
		skip_test("the bytes are those of a little-endian machine");
	assert_int_equal(sockdiag_encode_dump(request, sizeof request, AF_UNSPEC, &query, SEQ),
		sizeof expected);
	assert_memory_equal(request, expected, sizeof expected);
}

static void request_for_info_sets_its_bits(void **state)
{
	const struct sockdiag_query query = {.want_info = true};
	uint8_t request[SOCKDIAG_REQUEST_BYTES];

	(void)state;
	assert_int_equal(sockdiag_encode_dump(request, sizeof request, AF_INET6, &query, SEQ), 72);
	assert_int_equal(request[16], AF_INET6);
	assert_int_equal(request[18], 1 << (INFO - 1) | 1 << (SKMEMINFO - 1));
}

/* Good until the next call. */
static const struct port_set *set_of(const uint16_t *ports, size_t count)
{
	static struct port_set set;

	memset(&set, 0, sizeof set);
	for (size_t i = 0; i < count; i++)
		port_set_add(&set, ports[i]);
	return &set;
}

static void one_port_is_named_in_the_request(void **state)
{
	const uint16_t port = 8080;
	const struct sockdiag_query query = {.ports = set_of(&port, 1)};
	uint8_t request[SOCKDIAG_REQUEST_BYTES];

	(void)state;
	assert_int_equal(sockdiag_encode_dump(request, sizeof request, AF_INET, &query, SEQ), 72);
	assert_int_equal(request[24] << 8 | request[25], port);
	assert_int_equal(sockdiag_encode_dump(request, sizeof request, AF_UNSPEC, &query, SEQ), 76);
	assert_int_equal(request[20] << 8 | request[21], port);
}

/* As it was tried on Linux 4.14's operations and gave what S_EQ gives. */
static void filter_for_a_range_is_a_pair_of_comparisons(void **state)
{
	static const uint8_t expected[40] = {
		40, 0, 1, 0, /* attribute INET_DIAG_REQ_BYTECODE */
		2, 8, 20, 0, 0, 0, 0x90, 0x1f, /* S_GE 8080 */
		3, 8, 12, 0, 0, 0, 0x90, 0x1f, /* S_LE 8080 */
		1, 4, 20, 0, /* JMP to the end */
		2, 8, 20, 0, 0, 0, 0x92, 0x1f, /* S_GE 8082 */
		3, 8, 12, 0, 0, 0, 0x93, 0x1f, /* S_LE 8083 */
	};
	const uint16_t ports[] = {8080, 8082, 8083};
	const struct sockdiag_query query = {.ports = set_of(ports, 3)};
	uint8_t request[SOCKDIAG_REQUEST_BYTES];

	(void)state;
	if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
		skip_test("the bytes are those of a little-endian machine");
	assert_int_equal(sockdiag_encode_dump(request, sizeof request, AF_INET, &query, SEQ), 112);
	assert_memory_equal(request + 72, expected, sizeof expected);
}

struct operation {
	uint8_t code, yes;
	uint16_t no;
};

static struct operation operation_at(const uint8_t *program, size_t at)
{
	struct operation operation;

	memcpy(&operation, program + at, sizeof operation);
	return operation;
}

/* Whether an offset is the beginning of an operation, by `yes` alone (valid_cc in inet_diag.c). */
static bool begins_operation(const uint8_t *program, size_t len, size_t offset)
{
	size_t at = 0;

	while (at < offset && at < len)
		at += operation_at(program, at).yes;
	return at == offset;
}

/* What the kernel asks of a program before it runs it (inet_diag_bc_audit). */
static void audit(const uint8_t *program, size_t len)
{
	size_t at = 0;

	while (at < len) {
		struct operation operation = operation_at(program, at);
		size_t size = operation.code == 1 ? 4 : 8, left = len - at;

		assert_int_in_range(operation.code, 1, 3); /* JMP, S_GE, S_LE */
		assert_true(left >= size);
		assert_true(operation.yes >= size && operation.yes <= left + 4);
		assert_true(operation.no >= size && operation.no <= left + 4);
		assert_int_equal(operation.yes % 4 + operation.no % 4, 0);
		if (operation.no < left)
			assert_true(begins_operation(program, len, at + operation.no));
		at += operation.yes;
	}
	assert_int_equal(at, len);
}

/* The kernel's interpreter (inet_diag_bc_run). */
static bool accepts(const uint8_t *program, size_t len, uint16_t port)
{
	size_t at = 0;

	while (at < len) {
		struct operation operation = operation_at(program, at);
		bool yes = false;

		if (operation.code == 2)
			yes = port >= operation_at(program, at + 4).no;
		else if (operation.code == 3)
			yes = port <= operation_at(program, at + 4).no;
		at += yes ? operation.yes : operation.no;
	}
	return at == len;
}

static void filter_accepts_its_ports_and_no_others(void **state)
{
	uint16_t ports[SOCKDIAG_MAX_RANGES] = {8080, 8081, 1, 65535, 80, 82};

	(void)state;
	for (size_t i = 6; i < SOCKDIAG_MAX_RANGES; i++)
		ports[i] = (uint16_t)(i * 1021);
	for (size_t count = 2; count <= SOCKDIAG_MAX_RANGES; count++) {
		const struct sockdiag_query query = {.ports = set_of(ports, count)};
		uint8_t family = count % 2 ? AF_INET : AF_UNSPEC;
		size_t before = family == AF_INET ? 76 : 80, len;
		uint8_t request[SOCKDIAG_REQUEST_BYTES];

		len = sockdiag_encode_dump(request, sizeof request, family, &query, SEQ);
		assert_true(len > before);
		audit(request + before, len - before);
		for (uint32_t port = 0; port <= UINT16_MAX; port++) {
			if (accepts(request + before, len - before, (uint16_t)port) !=
				port_set_has(query.ports, (uint16_t)port))
				fail_msg("%zu ports, port %u", count, port);
		}
	}
}

static uint16_t every_second_port[SOCKDIAG_MAX_RANGES + 1];

static void make_every_second_port(void)
{
	for (size_t i = 0; i <= SOCKDIAG_MAX_RANGES; i++)
		every_second_port[i] = (uint16_t)(8000 + 2 * i);
}

/* The protocol needs more than a byte: it is in an attribute of its own, before the filter. */
static void mptcp_is_asked_for_by_an_attribute(void **state)
{
	static const uint8_t expected[8] = {
		8, 0, 3, 0, 6, 1, 0, 0}; /* INET_DIAG_REQ_PROTOCOL, 262 */
	const uint16_t ports[] = {8080, 8082};
	struct sockdiag_query query = {.ports = set_of(ports, 1), .is_mptcp = true};
	uint8_t request[SOCKDIAG_REQUEST_BYTES];

	(void)state;
	if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
		skip_test("the bytes are those of a little-endian machine");
	assert_int_equal(sockdiag_encode_dump(request, sizeof request, AF_INET, &query, SEQ), 80);
	assert_memory_equal(request + 72, expected, sizeof expected);
	query.ports = set_of(ports, 2);
	assert_int_equal(sockdiag_encode_dump(request, sizeof request, AF_INET, &query, SEQ), 120);
	assert_memory_equal(request + 72, expected, sizeof expected);
	assert_int_equal(request[80], 40); /* then the filter */
}

static void mptcp_has_its_own_info(void **state)
{
	const uint64_t write_seq = UINT64_C(0x8000000000000000) + 3910884,
		       snd_una = UINT64_C(0x8000000000000000);
	static const size_t sizes[] = {39, 40, 64, 96, 159, 160, 280};

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		bool is_its_own = sizes[i] >= 40 && sizes[i] < 160;
		struct sockdiag_cursor cursor;
		struct reply reply = {.len = 0};
		uint8_t info[280] = {0};
		struct connection row;

		memcpy(info + 16, &write_seq, sizeof write_seq);
		memcpy(info + 24, &snd_una, sizeof snd_una);
		begin_row(&reply, AF_INET, TCP_STATE_ESTABLISHED, address_v4, sizeof address_v4);
		put_attribute(&reply, INFO, info, sizes[i]);
		end_message(&reply);
		start_reading(&cursor, &reply);
		cursor.is_mptcp = true;
		assert_int_equal(sockdiag_next(&cursor, &row), SOCKDIAG_ROW);
		assert_int_equal(row.is_mptcp, is_its_own);
		assert_int_equal(row.wqueue, is_its_own ? 3910884 : 3616);
		assert_false(row.has_info);
	}
}

static void more_ranges_than_a_filter_holds_go_without_one(void **state)
{
	struct sockdiag_query query = {.ports = set_of(every_second_port, 0)};
	uint8_t request[SOCKDIAG_REQUEST_BYTES];

	(void)state;
	make_every_second_port();
	query.ports = set_of(every_second_port, SOCKDIAG_MAX_RANGES + 1);
	assert_int_equal(sockdiag_encode_dump(request, sizeof request, AF_INET, &query, SEQ), 72);
	assert_int_equal(request[24] << 8 | request[25], 0);
}

static void request_that_does_not_fit_is_not_begun(void **state)
{
	uint8_t request[SOCKDIAG_REQUEST_BYTES] = {0}, untouched[SOCKDIAG_REQUEST_BYTES] = {0};
	size_t needed = 72 + 4 + SOCKDIAG_MAX_RANGES * 20 - 4;
	struct sockdiag_query query = {0};

	(void)state;
	make_every_second_port();
	query.ports = set_of(every_second_port, SOCKDIAG_MAX_RANGES);
	for (size_t cap = 0; cap < needed; cap++)
		assert_int_equal(sockdiag_encode_dump(request, cap, AF_INET, &query, SEQ), 0);
	assert_memory_equal(request, untouched, sizeof request);
	assert_int_equal(sockdiag_encode_dump(request, needed, AF_INET, &query, SEQ), needed);
}

static struct connection_key make_key(uint8_t family)
{
	struct connection_key key = {
		.cookie = UINT64_C(0x2222222211111111),
		.interface = 3,
		.family = family,
		.local_port = 8080,
		.peer_port = 40001,
	};

	memset(key.local, 0xAA, sizeof key.local);
	memset(key.peer, 0xBB, sizeof key.peer);
	return key;
}

static void request_for_one_connection_names_it_whole(void **state)
{
	static const uint8_t v4[SOCKDIAG_EXACT_BYTES] = {72, 0, 0, 0, SOCK_DIAG, 0, 1, 0, SEQ, 0, 0,
		0, 0, 0, 0, 0, AF_INET, 6, 0x42, 0, 0, 0, 0, 0, 0x1F, 0x90, 0x9C, 0x41, 0xAA, 0xAA,
		0xAA, 0xAA, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xBB, 0xBB, 0xBB, 0xBB, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0x11, 0x11, 0x11, 0x11, 0x22, 0x22, 0x22, 0x22};
	const struct connection_key key4 = make_key(AF_INET), key6 = make_key(AF_INET6);
	uint8_t bytes[SOCKDIAG_EXACT_BYTES];

	(void)state;
	assert_int_equal(sockdiag_encode_exact(bytes, sizeof bytes, &key4, SEQ), sizeof bytes);
	assert_memory_equal(bytes, v4, sizeof v4);
	assert_int_equal(sockdiag_encode_exact(bytes, sizeof bytes, &key6, SEQ), sizeof bytes);
	assert_int_equal(bytes[16], AF_INET6);
	assert_memory_equal(bytes + 28, key6.local, 16);
	assert_memory_equal(bytes + 44, key6.peer, 16);
	assert_int_equal(sockdiag_encode_exact(bytes, sizeof bytes - 1, &key4, SEQ), 0);
}

static void answers_tell_which_request_they_are_for(void **state)
{
	struct reply reply = {.len = 0};
	struct sockdiag_cursor cursor;
	struct connection row;

	(void)state;
	put_row(&reply, 40);
	put_status(&reply, ERROR, -ENOENT);
	put_row(&reply, 41);
	sockdiag_cursor_init(&cursor, reply.bytes, reply.len, 0);
	assert_int_equal(sockdiag_next(&cursor, &row), SOCKDIAG_ROW);
	assert_int_equal(cursor.answered_seq, 40);
	assert_int_equal(sockdiag_next(&cursor, &row), SOCKDIAG_FAILED);
	assert_int_equal(cursor.error, -ENOENT);
	assert_int_equal(cursor.answered_seq, SEQ);
	assert_int_equal(sockdiag_next(&cursor, &row), SOCKDIAG_ROW);
	assert_int_equal(cursor.answered_seq, 41);
}

static void row_is_decoded_field_by_field(void **state)
{
	struct reply reply = {.len = 0};
	struct connection row;

	(void)state;
	put_row(&reply, SEQ);

	assert_int_equal(read_first(&reply, &row), SOCKDIAG_ROW);
	reply.bytes[4] = 18; /* as an answer to the older request */
	assert_int_equal(read_first(&reply, &row), SOCKDIAG_ROW);
	assert_int_equal(row.cookie, 0x2222222211111111u);
	assert_int_equal(row.family, AF_INET);
	assert_int_equal(row.state, TCP_STATE_ESTABLISHED);
	assert_int_equal(row.local_port, 8080);
	assert_int_equal(row.peer_port, 40001);
	assert_memory_equal(row.peer, address_v4, 4);
	for (int i = 4; i < 16; i++)
		assert_int_equal(row.peer[i], 0);
	for (int i = 0; i < 16; i++)
		assert_int_equal(row.local[i], i < 4 ? 0xAA : 0);
	assert_int_equal(row.interface, 1);
	assert_int_equal(row.inode, 28234);
	assert_int_equal(row.rqueue, 50);
	assert_int_equal(row.wqueue, 3616);
}

static void info_of_any_kernel_is_read_up_to_what_we_know(void **state)
{
	static const size_t sizes[] = {INFO_LEAST, INFO_4_14, INFO_6_18, 224, 232, 240, 248};

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		struct reply reply = {.len = 0};
		struct connection row;

		begin_row(&reply, AF_INET, TCP_STATE_ESTABLISHED, address_v4, sizeof address_v4);
		put_info(&reply, sizes[i]);
		end_message(&reply);

		assert_int_equal(read_first(&reply, &row), SOCKDIAG_ROW);
		assert_true(row.has_info);
		assert_int_equal(row.retransmits, 3);
		assert_int_equal(row.last_data_sent_ms, 1116);
		assert_int_equal(row.last_data_recv_ms, 608);
		assert_int_equal(row.last_ack_recv_ms, 44);
		assert_int_equal(row.bytes_acked, 0x100000000u + 116);
		assert_int_equal(row.bytes_received, 0x200000000u + 61);
		assert_int_equal(row.segs_out, 12);
		assert_int_equal(row.data_segs_out, 9);
		assert_int_equal(row.data_segs_in, 5);
	}
}

/* As they were read at both ends of connections on Linux 6.18, opened, used and with a full window; wqueue is
 * 3616 in each. */
static void origin_is_told_by_the_acknowledged_syn(void **state)
{
	static const struct {
		uint64_t acked, sent, resent;
		uint32_t unacked, notsent;
		uint8_t state;
		enum connection_origin expected;
	} cases[] = {
		{0, 0, 0, 0, 0, TCP_STATE_ESTABLISHED, ORIGIN_ACCEPTED},
		{1, 0, 0, 0, 0, TCP_STATE_ESTABLISHED, ORIGIN_CONNECTED},
		{5000, 5000, 0, 0, 0, TCP_STATE_ESTABLISHED, ORIGIN_ACCEPTED},
		{5001, 5000, 0, 0, 0, TCP_STATE_CLOSE_WAIT, ORIGIN_CONNECTED},
		{70000, 73516, 0, 2, 100, TCP_STATE_ESTABLISHED,
			ORIGIN_ACCEPTED}, /* 3516 on the way */
		{70001, 73516, 0, 2, 100, TCP_STATE_ESTABLISHED, ORIGIN_CONNECTED},
		{5000, 6448, 1448, 0, 0, TCP_STATE_ESTABLISHED,
			ORIGIN_ACCEPTED}, /* one segment twice */
		{5001, 6448, 1448, 0, 0, TCP_STATE_ESTABLISHED, ORIGIN_CONNECTED},
		{5000, 5300, 0, 0, 0, TCP_STATE_ESTABLISHED, ORIGIN_UNKNOWN}, /* moved meanwhile */
		{5300, 5000, 0, 0, 0, TCP_STATE_ESTABLISHED, ORIGIN_UNKNOWN},
		{1, 0, 0, 0, 0, TCP_STATE_FIN_WAIT2, ORIGIN_UNKNOWN}, /* it may be the FIN */
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		for (int with_origin = 0; with_origin < 2; with_origin++) {
			uint8_t info[INFO_6_18] = {0};
			struct reply reply = {.len = 0};
			struct connection row;

			memcpy(info + 24, &cases[i].unacked, sizeof cases[i].unacked);
			memcpy(info + 120, &cases[i].acked, sizeof cases[i].acked);
			memcpy(info + 144, &cases[i].notsent, sizeof cases[i].notsent);
			memcpy(info + 200, &cases[i].sent, sizeof cases[i].sent);
			memcpy(info + 208, &cases[i].resent, sizeof cases[i].resent);
			begin_row(&reply, AF_INET, cases[i].state, address_v4, sizeof address_v4);
			put_attribute(&reply, INFO, info, with_origin ? INFO_6_18 : 215);
			end_message(&reply);
			assert_int_equal(read_first(&reply, &row), SOCKDIAG_ROW);
			if (row.origin != (with_origin ? cases[i].expected : ORIGIN_UNKNOWN))
				fail_msg("case %zu: %u", i, row.origin);
		}
	}
}

static void peer_on_this_machine_is_known_by_its_address(void **state)
{
	static const struct {
		uint8_t family, peer[16];
		bool expected;
	} cases[] = {
		{AF_INET, {127, 0, 0, 1}, true},
		{AF_INET, {127, 9, 9, 9}, true},
		{AF_INET, {10, 0, 0, 7}, false},
		{AF_INET, {0xAA, 0xAA, 0xAA, 0xAA}, true}, /* the address of begin_row's own end */
		{AF_INET6, {[15] = 1}, true},
		{AF_INET6, {[15] = 2}, false},
		{AF_INET6, {[10] = 0xFF, 0xFF, 127, 0, 0, 1}, true},
		{AF_INET6, {[10] = 0xFF, 0xFF, 10, 0, 0, 7}, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct reply reply = {.len = 0};
		struct connection row;

		begin_row(&reply, cases[i].family, TCP_STATE_ESTABLISHED, cases[i].peer,
			cases[i].family == AF_INET ? 4 : 16);
		end_message(&reply);
		assert_int_equal(read_first(&reply, &row), SOCKDIAG_ROW);
		assert_int_equal(row.from_here, cases[i].expected);
	}
}

static void cgroup_and_mptcp_are_read_from_their_attributes(void **state)
{
	static const uint8_t ulp[] = {10, 0, 1, 0, 'm', 'p', 't', 'c', 'p', 0, 0, 0, 4, 0, 3, 0};
	static const uint8_t tls[] = {8, 0, 1, 0, 't', 'l', 's', 0};
	const uint64_t cgroup = 0x500000007u;
	struct reply reply = {.len = 0};
	struct connection row;

	(void)state;
	begin_row(&reply, AF_INET, TCP_STATE_LISTEN, address_v4, sizeof address_v4);
	end_message(&reply);
	assert_int_equal(read_first(&reply, &row), SOCKDIAG_ROW);
	assert_false(row.is_mptcp);
	assert_int_equal(row.cgroup, 0);

	reply.len = 0;
	begin_row(&reply, AF_INET, TCP_STATE_LISTEN, address_v4, sizeof address_v4);
	put_attribute(&reply, 19, ulp, sizeof ulp);
	put_attribute(&reply, 21, &cgroup, sizeof cgroup);
	end_message(&reply);
	assert_int_equal(read_first(&reply, &row), SOCKDIAG_ROW);
	assert_true(row.is_mptcp);
	assert_int_equal(row.cgroup, cgroup);

	for (size_t len = 0; len <= sizeof tls; len++) { /* another one, whole and cut */
		reply.len = 0;
		begin_row(&reply, AF_INET, TCP_STATE_LISTEN, address_v4, sizeof address_v4);
		put_attribute(&reply, 19, tls, len);
		put_attribute(&reply, 21, &cgroup, 4);
		end_message(&reply);
		assert_int_equal(read_first(&reply, &row), SOCKDIAG_ROW);
		assert_false(row.is_mptcp);
		assert_int_equal(row.cgroup, 0);
	}
}

/* A listener's row and a request's have none at all. */
static void info_that_is_too_short_is_none(void **state)
{
	(void)state;
	for (size_t size = 0; size < INFO_LEAST; size++) {
		struct reply reply = {.len = 0};
		struct connection row, without;

		begin_row(&reply, AF_INET, TCP_STATE_ESTABLISHED, address_v4, sizeof address_v4);
		end_message(&reply);
		assert_int_equal(read_first(&reply, &without), SOCKDIAG_ROW);
		assert_false(without.has_info);

		reply.len = 0;
		begin_row(&reply, AF_INET, TCP_STATE_ESTABLISHED, address_v4, sizeof address_v4);
		put_info(&reply, size);
		end_message(&reply);
		assert_int_equal(read_first(&reply, &row), SOCKDIAG_ROW);
		assert_false(row.has_info);
		assert_int_equal(row.bytes_received, 0);
		assert_int_equal(row.last_data_recv_ms, 0);
		assert_int_equal(row.cookie, without.cookie);
	}
}

static void peers_of_ipv6_are_whole(void **state)
{
	static const uint8_t *const peers[] = {address_v6, address_mapped};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct reply reply = {.len = 0};
		struct connection row;

		begin_row(&reply, AF_INET6, TCP_STATE_CLOSE_WAIT, peers[i], 16);
		end_message(&reply);

		assert_int_equal(read_first(&reply, &row), SOCKDIAG_ROW);
		assert_int_equal(row.family, AF_INET6);
		assert_memory_equal(row.peer, peers[i], 16);
	}
}

static void attributes_that_we_did_not_ask_for_are_passed_over(void **state)
{
	static const uint8_t junk[33] = {0xff, 0xff, 0xff, 0xff};
	struct reply reply = {.len = 0};
	struct connection row;

	(void)state;
	begin_row(&reply, AF_INET, TCP_STATE_ESTABLISHED, address_v4, sizeof address_v4);
	put_attribute(&reply, MEMINFO, junk, 16);
	put_attribute(&reply, SHUTDOWN, junk, 1);
	put_attribute(&reply, 999, junk, sizeof junk);
	put_attribute(&reply, SHUTDOWN, junk, 0);
	put_info(&reply, INFO_6_18);
	put_attribute(&reply, 0xC000 | SHUTDOWN, junk, 3); /* nested, in network order */
	end_message(&reply);

	assert_int_equal(read_first(&reply, &row), SOCKDIAG_ROW);
	assert_true(row.has_info);
	assert_int_equal(row.data_segs_out, 9);
}

static void drops_are_the_last_of_the_memory_numbers(void **state)
{
	static const uint32_t numbers[9] = {1, 2, 3, 4, 5, 6, 7, 8, 40};
	struct reply reply = {.len = 0};
	struct connection row;

	(void)state;
	begin_row(&reply, AF_INET, TCP_STATE_ESTABLISHED, address_v4, sizeof address_v4);
	put_info(&reply, INFO_4_14);
	put_attribute(&reply, SKMEMINFO, numbers, sizeof numbers);
	end_message(&reply);
	assert_int_equal(read_first(&reply, &row), SOCKDIAG_ROW);
	assert_int_equal(row.drops, 40);
	assert_int_equal(row.retransmitted, 2);

	reply.len = 0; /* before Linux 4.7 */
	begin_row(&reply, AF_INET, TCP_STATE_ESTABLISHED, address_v4, sizeof address_v4);
	put_attribute(&reply, SKMEMINFO, numbers, sizeof numbers - 4);
	end_message(&reply);
	assert_int_equal(read_first(&reply, &row), SOCKDIAG_ROW);
	assert_int_equal(row.drops, 0);
}

static void rows_of_a_datagram_come_one_after_the_other(void **state)
{
	struct reply reply = {.len = 0};
	struct sockdiag_cursor cursor;
	struct connection row;

	(void)state;
	for (int i = 0; i < 3; i++)
		put_row(&reply, SEQ);
	put_status(&reply, DONE, 0);

	start_reading(&cursor, &reply);
	for (int i = 0; i < 3; i++)
		assert_int_equal(sockdiag_next(&cursor, &row), SOCKDIAG_ROW);
	assert_int_equal(sockdiag_next(&cursor, &row), SOCKDIAG_DONE);
	assert_int_equal(sockdiag_next(&cursor, &row), SOCKDIAG_EXHAUSTED);
	assert_false(cursor.interrupted);
}

static void last_message_may_lack_its_padding(void **state)
{
	struct reply reply = {.len = 0};
	struct sockdiag_cursor cursor;
	struct connection row;

	(void)state;
	begin_row(&reply, AF_INET, TCP_STATE_ESTABLISHED, address_v4, sizeof address_v4);
	put_attribute(&reply, SHUTDOWN, "\3", 1);
	reply.len -= 3;
	end_message(&reply);
	reply.len -= 3;

	start_reading(&cursor, &reply);
	assert_int_equal(sockdiag_next(&cursor, &row), SOCKDIAG_ROW);
	assert_int_equal(sockdiag_next(&cursor, &row), SOCKDIAG_EXHAUSTED);
}

/* Without tcp_diag a dump begins, and ends at once with -ENOENT. */
static void error_of_the_kernel_is_handed_on(void **state)
{
	static const uint16_t types[] = {ERROR, DONE};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct reply reply = {.len = 0};
		struct sockdiag_cursor cursor;
		struct connection row;

		put_status(&reply, types[i], -ENOENT);

		start_reading(&cursor, &reply);
		assert_int_equal(sockdiag_next(&cursor, &row), SOCKDIAG_FAILED);
		assert_int_equal(cursor.error, -ENOENT);
	}
}

static void acknowledgement_and_unknown_messages_are_passed_over(void **state)
{
	static const uint16_t types[] = {NOOP, 16, 21, 0xffff};
	struct reply reply = {.len = 0};
	struct connection row;

	(void)state;
	put_status(&reply, ERROR, 0);
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		put_status(&reply, types[i], -1);
	put_row(&reply, SEQ);

	assert_int_equal(read_first(&reply, &row), SOCKDIAG_ROW);
}

static void status_that_is_no_errno_is_malformed(void **state)
{
	static const int32_t statuses[] = {1, INT32_MAX, INT32_MIN, -4096};

	(void)state;
	for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
		struct reply reply = {.len = 0};
		struct connection row;

		put_status(&reply, i % 2 ? ERROR : DONE, statuses[i]);
		assert_int_equal(read_first(&reply, &row), SOCKDIAG_MALFORMED);
	}
}

static void lost_data_is_malformed(void **state)
{
	struct reply reply = {.len = 0};
	struct connection row;

	(void)state;
	put_status(&reply, OVERRUN, 0);
	assert_int_equal(read_first(&reply, &row), SOCKDIAG_MALFORMED);
}

static void replies_to_another_request_are_passed_over(void **state)
{
	struct reply reply = {.len = 0};
	struct sockdiag_cursor cursor;
	struct connection row;

	(void)state;
	put_row(&reply, SEQ - 1);
	put_status(&reply, DONE, 0);
	memcpy(reply.bytes + reply.message + 8, &(uint32_t){SEQ + 1}, sizeof(uint32_t));

	start_reading(&cursor, &reply);
	assert_int_equal(sockdiag_next(&cursor, &row), SOCKDIAG_EXHAUSTED);
}

static void events_are_taken_whatever_their_number(void **state)
{
	struct reply reply = {.len = 0};
	struct sockdiag_cursor cursor;
	struct connection row;

	(void)state;
	put_row(&reply, 0);
	put_row(&reply, 99);

	sockdiag_cursor_init(&cursor, reply.bytes, reply.len, 0);
	assert_int_equal(sockdiag_next(&cursor, &row), SOCKDIAG_ROW);
	assert_int_equal(sockdiag_next(&cursor, &row), SOCKDIAG_ROW);
	assert_int_equal(sockdiag_next(&cursor, &row), SOCKDIAG_EXHAUSTED);
}

static void interruption_is_remembered(void **state)
{
	struct reply reply = {.len = 0};
	struct sockdiag_cursor cursor;
	struct connection row;

	(void)state;
	put_row(&reply, SEQ);
	reply.bytes[6] |= DUMP_INTERRUPTED;
	put_row(&reply, SEQ);

	start_reading(&cursor, &reply);
	while (sockdiag_next(&cursor, &row) == SOCKDIAG_ROW)
		;
	assert_true(cursor.interrupted);
}

static void row_of_another_family_is_malformed(void **state)
{
	struct reply reply = {.len = 0};
	struct connection row;

	(void)state;
	begin_row(&reply, AF_UNIX, TCP_STATE_ESTABLISHED, address_v4, sizeof address_v4);
	end_message(&reply);
	assert_int_equal(read_first(&reply, &row), SOCKDIAG_MALFORMED);
}

/* Whole messages before the cut are rows; the rest is malformed, but for a cut between two. */
static void reply_cut_at_any_byte_is_malformed(void **state)
{
	struct reply reply = {.len = 0};
	size_t message;

	(void)state;
	put_row(&reply, SEQ);
	message = reply.len;
	put_row(&reply, SEQ);
	put_status(&reply, DONE, 0);

	for (size_t len = 0; len < reply.len; len++) {
		int rows, whole = (int)(len / message);
		enum sockdiag_item item = read_all(reply.bytes, len, &rows);

		assert_int_equal(rows, whole);
		assert_int_equal(
			item, len % message == 0 ? SOCKDIAG_EXHAUSTED : SOCKDIAG_MALFORMED);
	}
}

/* The same cuts, with a message length that hides them. */
static void row_cut_at_any_byte_is_malformed_or_has_fewer_attributes(void **state)
{
	struct reply reply = {.len = 0};
	size_t row = 16 + 72, whole;

	(void)state;
	put_row(&reply, SEQ);
	whole = reply.len;

	for (size_t len = 16; len < whole; len++) {
		int rows;
		enum sockdiag_item item;

		memcpy(reply.bytes, &(uint32_t){(uint32_t)len}, sizeof(uint32_t));
		item = read_all(reply.bytes, len, &rows);
		assert_int_equal(item, len == row ? SOCKDIAG_EXHAUSTED : SOCKDIAG_MALFORMED);
	}
}

static void length_of_a_message_that_cannot_be_is_malformed(void **state)
{
	struct reply reply = {.len = 0};
	const uint32_t good = 16 + 72 + 4 + INFO_4_14;

	(void)state;
	put_row(&reply, SEQ);
	assert_int_equal(reply.len, good);
	for (uint32_t i = 0; i < 16; i++) {
		const uint32_t lengths[] = {i, good + 1 + i, UINT32_MAX - i, 0x80000000u + i};

		for (size_t j = 0; j < 4; j++) {
			int rows;

			memcpy(reply.bytes, &lengths[j], sizeof lengths[j]);
			assert_int_equal(
				read_all(reply.bytes, reply.len, &rows), SOCKDIAG_MALFORMED);
			assert_int_equal(rows, 0);
		}
	}
}

static void length_of_an_attribute_that_cannot_be_is_malformed(void **state)
{
	static const uint16_t lengths[] = {0, 1, 2, 3, 4 + INFO_4_14 + 1, 0x8000, UINT16_MAX};

	(void)state;
	for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
		struct reply reply = {.len = 0};
		int rows;

		put_row(&reply, SEQ);
		memcpy(reply.bytes + reply.attribute, &lengths[i], sizeof lengths[i]);
		assert_int_equal(read_all(reply.bytes, reply.len, &rows), SOCKDIAG_MALFORMED);
		assert_int_equal(rows, 0);
	}
}

static void nothing_is_written_but_for_a_row(void **state)
{
	struct reply reply = {.len = 0};
	struct connection row, before;

	(void)state;
	put_row(&reply, SEQ);
	memcpy(reply.bytes + reply.attribute, &(uint16_t){UINT16_MAX}, sizeof(uint16_t));
	memset(&row, 0x5A, sizeof row);
	before = row;

	assert_int_equal(read_first(&reply, &row), SOCKDIAG_MALFORMED);
	assert_memory_equal(&row, &before, sizeof row);
}

static void misaligned_reply_is_read_like_any_other(void **state)
{
	struct reply reply = {.len = 0};
	uint8_t buf[1024];

	(void)state;
	put_row(&reply, SEQ);
	for (size_t shift = 0; shift < 8; shift++) {
		struct sockdiag_cursor cursor;
		struct connection row;

		memcpy(buf + shift, reply.bytes, reply.len);
		sockdiag_cursor_init(&cursor, buf + shift, reply.len, SEQ);
		assert_int_equal(sockdiag_next(&cursor, &row), SOCKDIAG_ROW);
		assert_int_equal(row.bytes_acked, 0x100000000u + 116);
	}
}

static uint32_t next_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

static void reply_with_bytes_changed_comes_to_an_end(void **state)
{
	struct reply reply = {.len = 0};
	uint32_t seed = 2463534242u;

	(void)state;
	for (int i = 0; i < 4; i++)
		put_row(&reply, SEQ);
	put_status(&reply, DONE, 0);
	for (int round = 0; round < 100000; round++) {
		struct reply changed = reply;
		int rows;

		for (uint32_t changes = next_random(&seed) % 8; changes > 0; changes--) {
			uint32_t at = next_random(&seed) % (uint32_t)changed.len;

			changed.bytes[at] = (uint8_t)next_random(&seed);
		}
		(void)read_all(changed.bytes, changed.len, &rows);
		assert_true(rows <= 4);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(request_is_what_the_kernel_expects),
		cmocka_unit_test(request_for_both_families_is_the_older_one),
		cmocka_unit_test(request_for_info_sets_its_bits),
		cmocka_unit_test(one_port_is_named_in_the_request),
		cmocka_unit_test(filter_for_a_range_is_a_pair_of_comparisons),
		cmocka_unit_test(filter_accepts_its_ports_and_no_others),
		cmocka_unit_test(mptcp_is_asked_for_by_an_attribute),
		cmocka_unit_test(mptcp_has_its_own_info),
		cmocka_unit_test(more_ranges_than_a_filter_holds_go_without_one),
		cmocka_unit_test(request_that_does_not_fit_is_not_begun),
		cmocka_unit_test(request_for_one_connection_names_it_whole),
		cmocka_unit_test(answers_tell_which_request_they_are_for),
		cmocka_unit_test(row_is_decoded_field_by_field),
		cmocka_unit_test(info_of_any_kernel_is_read_up_to_what_we_know),
		cmocka_unit_test(origin_is_told_by_the_acknowledged_syn),
		cmocka_unit_test(peer_on_this_machine_is_known_by_its_address),
		cmocka_unit_test(cgroup_and_mptcp_are_read_from_their_attributes),
		cmocka_unit_test(info_that_is_too_short_is_none),
		cmocka_unit_test(peers_of_ipv6_are_whole),
		cmocka_unit_test(attributes_that_we_did_not_ask_for_are_passed_over),
		cmocka_unit_test(drops_are_the_last_of_the_memory_numbers),
		cmocka_unit_test(rows_of_a_datagram_come_one_after_the_other),
		cmocka_unit_test(last_message_may_lack_its_padding),
		cmocka_unit_test(error_of_the_kernel_is_handed_on),
		cmocka_unit_test(acknowledgement_and_unknown_messages_are_passed_over),
		cmocka_unit_test(status_that_is_no_errno_is_malformed),
		cmocka_unit_test(lost_data_is_malformed),
		cmocka_unit_test(replies_to_another_request_are_passed_over),
		cmocka_unit_test(events_are_taken_whatever_their_number),
		cmocka_unit_test(interruption_is_remembered),
		cmocka_unit_test(row_of_another_family_is_malformed),
		cmocka_unit_test(reply_cut_at_any_byte_is_malformed),
		cmocka_unit_test(row_cut_at_any_byte_is_malformed_or_has_fewer_attributes),
		cmocka_unit_test(length_of_a_message_that_cannot_be_is_malformed),
		cmocka_unit_test(length_of_an_attribute_that_cannot_be_is_malformed),
		cmocka_unit_test(nothing_is_written_but_for_a_row),
		cmocka_unit_test(misaligned_reply_is_read_like_any_other),
		cmocka_unit_test(reply_with_bytes_changed_comes_to_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
