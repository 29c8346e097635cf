/* SPDX-License-Identifier: MIT */
/* The bytes are those of Linux 6.18 on x86_64, read from rows of a listener with one client in its queue
 * and of a connection with five bytes unread. */
#include "core/codec/unix_socket_codec.h"

#include "skip.h"
#include "unit/guard_page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>
#include <sys/socket.h>

#define SEQ 7

static uint8_t bytes[1024];
static size_t len;

static void put(const void *value, size_t size)
{
	assert_true(len + size <= sizeof bytes);
	memcpy(bytes + len, value, size);
	len += size;
}

static void put32(uint32_t value)
{
	put(&value, sizeof value);
}

static void put_attribute(uint16_t type, const void *value, size_t size)
{
	const uint16_t header[2] = {(uint16_t)(4 + size), type};
	static const uint8_t padding[4];

	put(header, sizeof header);
	put(value, size);
	put(padding, (4 - size % 4) % 4);
}

static void begin_row(uint8_t family, uint8_t type, uint8_t state, uint32_t inode)
{
	const uint16_t header[2] = {20, 2}; /* SOCK_DIAG_BY_FAMILY, NLM_F_MULTI */
	const uint8_t head[4] = {family, type, state, 0};

	len = 0;
	put32(0);
	put(header, sizeof header);
	put32(SEQ);
	put32(4321);
	put(head, sizeof head);
	put32(inode);
	put32(0x11111111);
	put32(0x22222222);
}

static void end_row(void)
{
	uint32_t whole = (uint32_t)len;

	memcpy(bytes, &whole, sizeof whole);
}

static enum sockdiag_item read_row(struct unix_socket *ret_socket)
{
	struct sockdiag_cursor cursor;

	sockdiag_cursor_init(&cursor, guard_page_copy(bytes, len), len, SEQ);
	return unix_socket_next(&cursor, ret_socket);
}

static void put_named(const char *name, size_t name_len, uint32_t inode)
{
	const uint32_t vfs[2] = {inode, 0x2E};
	const uint32_t queue[2] = {1, 5}, waiting[3] = {0, 815, 0};
	const uint8_t shut = 0;

	begin_row(AF_UNIX, SOCK_STREAM, 10, 814);
	put_attribute(0, name, name_len);
	put_attribute(1, vfs, sizeof vfs);
	put_attribute(3, waiting, sizeof waiting);
	put_attribute(4, queue, sizeof queue);
	put_attribute(6, &shut, sizeof shut);
	end_row();
}

static void listener_is_read_field_by_field(void **state)
{
	struct unix_socket socket;

	(void)state;
	put_named("/run/app.sock", 13, 99);
	assert_int_equal(read_row(&socket), SOCKDIAG_ROW);
	assert_int_equal(socket.cookie, 0x2222222211111111u);
	assert_int_equal(socket.inode, 814);
	assert_int_equal(socket.state, 10);
	assert_int_equal(socket.type, SOCK_STREAM);
	assert_true(socket.has_path);
	assert_int_equal(socket.rqueue, 1);
	assert_int_equal(socket.waiting, 1);
	assert_int_equal(socket.peer, 0);
	assert_false(socket.peer_has_left);
}

static void address_is_the_name_and_the_file(void **state)
{
	struct unix_socket first, again, other, abstract;

	(void)state;
	put_named("/run/app.sock", 13, 99);
	assert_int_equal(read_row(&first), SOCKDIAG_ROW);
	assert_int_equal(read_row(&again), SOCKDIAG_ROW);
	assert_true(first.address != 0 && first.address == again.address);
	put_named("/run/app.sock", 13, 100); /* bound anew */
	assert_int_equal(read_row(&other), SOCKDIAG_ROW);
	assert_true(first.address != other.address);
	put_named("/run/app.sockx", 14, 99);
	assert_int_equal(read_row(&other), SOCKDIAG_ROW);
	assert_true(first.address != other.address);
	put_named("\0app", 4, 99);
	assert_int_equal(read_row(&abstract), SOCKDIAG_ROW);
	assert_false(abstract.has_path);
	assert_true(abstract.address != 0);
}

static void client_end_has_no_address(void **state)
{
	const uint32_t peer = 815, queue[2] = {5, 0};
	const uint8_t shut = 3;
	struct unix_socket socket;

	(void)state;
	begin_row(AF_UNIX, SOCK_SEQPACKET, 1, 816);
	put_attribute(2, &peer, sizeof peer);
	put_attribute(4, queue, sizeof queue);
	put_attribute(6, &shut, sizeof shut);
	end_row();
	assert_int_equal(read_row(&socket), SOCKDIAG_ROW);
	assert_int_equal(socket.address, 0);
	assert_int_equal(socket.peer, 815);
	assert_int_equal(socket.rqueue, 5);
	assert_true(socket.peer_has_left);
	assert_false(socket.has_path);
}

/* Each prefix, each attribute's length wrong, another family: refused or read, and never beyond its end. */
static void what_no_kernel_sends_is_malformed(void **state)
{
	struct unix_socket socket;
	size_t whole;

	(void)state;
	begin_row(AF_INET, SOCK_STREAM, 1, 816);
	end_row();
	assert_int_equal(read_row(&socket), SOCKDIAG_MALFORMED);
	put_named("/run/app.sock", 13, 99);
	whole = len;
	for (len = 0; len < whole; len++)
		(void)read_row(&socket);
	for (size_t cut = 16; cut < whole; cut++) {
		put_named("/run/app.sock", 13, 99);
		len = cut;
		end_row();
		if (cut < 32)
			assert_int_equal(read_row(&socket), SOCKDIAG_MALFORMED);
		else
			(void)read_row(&socket);
	}
	for (unsigned value = 0; value < 4; value++) {
		put_named("/run/app.sock", 13, 99);
		bytes[32] = (uint8_t)value; /* the first attribute's length */
		assert_int_equal(read_row(&socket), SOCKDIAG_MALFORMED);
	}
	put_named("/run/app.sock", 13, 99);
	bytes[33] = 0xFF;
	assert_int_equal(read_row(&socket), SOCKDIAG_MALFORMED);
}

static void request_names_states_and_what_to_show(void **state)
{
	static const uint8_t expected[40] = {40, 0, 0, 0, 20, 0, 1, 3, SEQ, 0, 0, 0, 0, 0, 0, 0, 1,
		0, 0, 0, 0x02, 0x04, 0, 0, 0, 0, 0, 0, 0x1F, 0, 0, 0};
	uint8_t request[UNIX_SOCKET_REQUEST_BYTES];

	(void)state;
	if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
		skip_test("the bytes are those of a little-endian machine");
	assert_int_equal(unix_socket_encode_dump(request, 39, 0x402, SEQ), 0);
	assert_int_equal(unix_socket_encode_dump(request, sizeof request, 0x402, SEQ), 40);
	assert_memory_equal(request, expected, sizeof expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(listener_is_read_field_by_field),
		cmocka_unit_test(address_is_the_name_and_the_file),
		cmocka_unit_test(client_end_has_no_address),
		cmocka_unit_test(what_no_kernel_sends_is_malformed),
		cmocka_unit_test(request_names_states_and_what_to_show),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
