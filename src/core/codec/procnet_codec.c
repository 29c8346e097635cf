/* SPDX-License-Identifier: MIT */
#include "core/codec/procnet_codec.h"

#include "core/text/fnv_hash.h"

#include "core/text/number.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

/* Reads one field after the other. Once something is not as expected, all that follows reads as 0. */
struct scanner {
	const char *at, *end;
	bool failed;
};

struct endpoint {
	uint8_t address[16];
	uint16_t port;
};
_Static_assert(sizeof(struct endpoint) == 18, "padding would be part of a cookie");

static bool next_is(const struct scanner *scanner, char c)
{
	return scanner->at < scanner->end && *scanner->at == c;
}

static void skip_spaces(struct scanner *scanner)
{
	while (next_is(scanner, ' '))
		scanner->at++;
}

static void skip_word(struct scanner *scanner)
{
	skip_spaces(scanner);
	while (scanner->at < scanner->end && *scanner->at != ' ')
		scanner->at++;
}

static void expect(struct scanner *scanner, char c)
{
	if (!next_is(scanner, c))
		scanner->failed = true;
	if (!scanner->failed)
		scanner->at++;
}

/* A number of exactly so many digits, as the kernel prints them with %08X. */
static uint32_t scan_hex(struct scanner *scanner, int digits)
{
	uint32_t value = 0;

	for (int i = 0; i < digits && !scanner->failed; i++) {
		int digit = scanner->at < scanner->end ? number_hex_digit(*scanner->at) : -EINVAL;

		if (digit < 0) {
			scanner->failed = true;
			return 0;
		}
		value = value << 4 | (uint32_t)digit;
		scanner->at++;
	}
	return value;
}

static uint32_t scan_decimal(struct scanner *scanner)
{
	uint64_t value = 0;
	const char *start = scanner->at;

	while (scanner->at < scanner->end && *scanner->at >= '0' && *scanner->at <= '9' &&
		value <= UINT32_MAX)
		value = value * 10 + (uint64_t)(*scanner->at++ - '0');
	if (scanner->at == start || value > UINT32_MAX)
		scanner->failed = true;
	return scanner->failed ? 0 : (uint32_t)value;
}

/* Addresses are printed as numbers of the machine, one for four bytes. */
static struct endpoint scan_endpoint(struct scanner *scanner, uint8_t family)
{
	struct endpoint endpoint = {0};
	size_t bytes = family == AF_INET ? 4 : sizeof endpoint.address;

	skip_spaces(scanner);
	for (size_t i = 0; i < bytes; i += sizeof(uint32_t)) {
		uint32_t word = scan_hex(scanner, 8);

		memcpy(endpoint.address + i, &word, sizeof word);
	}
	expect(scanner, ':');
	endpoint.port = (uint16_t)scan_hex(scanner, 4);
	return endpoint;
}

/* Of the local end and the peer's. */
static uint64_t make_cookie(const struct connection *row, const struct endpoint ends[static 2])
{
	uint64_t cookie = fnv_hash_add(FNV_HASH_START ^ row->family, ends, 2 * sizeof *ends);

	if (row->state == TCP_STATE_LISTEN)
		cookie = fnv_hash_add(cookie, &row->inode, sizeof row->inode);
	return cookie != 0 ? cookie : 1;
}

int procnet_decode_line(const char *line, size_t len, uint8_t family, struct connection *ret_row)
{
	struct scanner scanner = {.at = line, .end = line + len};
	struct connection row = {.family = family};
	struct endpoint ends[2];

	skip_word(&scanner); /* number of the line */
	ends[0] = scan_endpoint(&scanner, family);
	ends[1] = scan_endpoint(&scanner, family);
	skip_spaces(&scanner);
	row.state = (uint8_t)scan_hex(&scanner, 2);
	skip_spaces(&scanner);
	row.wqueue = scan_hex(&scanner, 8);
	expect(&scanner, ':');
	row.rqueue = scan_hex(&scanner, 8);
	skip_word(&scanner); /* timer */
	skip_word(&scanner); /* retransmits */
	skip_spaces(&scanner);
	row.uid = scan_decimal(&scanner);
	skip_word(&scanner); /* probes */
	skip_spaces(&scanner);
	row.inode = scan_decimal(&scanner);
	expect(&scanner, ' '); /* more follows; without it the inode may have been cut */
	if (scanner.failed || row.state < TCP_STATE_ESTABLISHED ||
		row.state > TCP_STATE_NEW_SYN_RECV)
		return -EINVAL;
	row.local_port = ends[0].port;
	row.peer_port = ends[1].port;
	memcpy(row.peer, ends[1].address, sizeof row.peer);
	row.from_here = connection_is_from_here(&row, ends[0].address);
	row.cookie = make_cookie(&row, ends);
	*ret_row = row;
	return 0;
}
