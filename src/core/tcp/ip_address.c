/* SPDX-License-Identifier: MIT */
#include "core/tcp/ip_address.h"

#include "core/text/number.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

static const uint8_t mapped[IP_ADDRESS_MAPPED_AT] = {[10] = 0xFF, [11] = 0xFF};

/* Four numbers without leading zeros, which some take for octal. */
static int take_ipv4(const char **at, uint8_t *ret_addr)
{
	for (int i = 0; i < 4; i++) {
		const char *first;
		int64_t number;

		if (i > 0 && *(*at)++ != '.')
			return -EINVAL;
		first = *at;
		number = number_take(at, UINT8_MAX);
		if (number < 0 || (*first == '0' && *at > first + 1))
			return -EINVAL;
		ret_addr[i] = (uint8_t)number;
	}
	return AF_INET;
}

/* Takes groups of one to four hexadecimal digits with colons between them, up to what is no group: an IPv4
 * address is left. Returns the bytes that they made. */
static int take_groups(const char **at, uint8_t *ret_bytes, int room)
{
	int len = 0;

	for (const char *next = *at; len < room && number_hex_digit(*next) >= 0; next++) {
		int group = 0, digit;

		*at = next;
		for (int i = 0; i < 4 && (digit = number_hex_digit(**at)) >= 0; i++, (*at)++)
			group = group << 4 | digit;
		if (**at == '.') {
			*at = next;
			break;
		}
		ret_bytes[len++] = (uint8_t)(group >> 8);
		ret_bytes[len++] = (uint8_t)group;
		next = *at;
		if (next[0] != ':' || next[1] == ':')
			break;
	}
	return len;
}

/* Whether a group could begin here, but did not: then it is an IPv4 address, or nothing. */
static bool is_at_ipv4(const char *at)
{
	return at[-1] == ':' && number_hex_digit(*at) >= 0;
}

/* RFC 4291 2.2: eight groups, the last two perhaps as an IPv4 address; two colons stand for one or more
 * groups that are zero. */
static int take_ipv6(const char **at, uint8_t *ret_addr)
{
	uint8_t tail[IP_ADDRESS_BYTES];
	int len = take_groups(at, ret_addr, IP_ADDRESS_BYTES), room, tail_len;

	if (len == IP_ADDRESS_BYTES)
		return AF_INET6;
	if (len == IP_ADDRESS_BYTES - 4 && is_at_ipv4(*at))
		return take_ipv4(at, ret_addr + len) < 0 ? -EINVAL : AF_INET6;
	if (strncmp(*at, "::", 2) != 0)
		return -EINVAL;
	*at += 2;
	room = IP_ADDRESS_BYTES - 2 - len;
	tail_len = take_groups(at, tail, room);
	if (is_at_ipv4(*at)) {
		if (tail_len > room - 4 || take_ipv4(at, tail + tail_len) < 0)
			return -EINVAL;
		tail_len += 4;
	}
	memset(ret_addr + len, 0, (size_t)(IP_ADDRESS_BYTES - len));
	memcpy(ret_addr + IP_ADDRESS_BYTES - tail_len, tail, (size_t)tail_len);
	return AF_INET6;
}

int ip_address_take(const char **at, uint8_t ret_addr[static IP_ADDRESS_BYTES])
{
	bool is_ipv6 = (*at)[strspn(*at, "0123456789abcdefABCDEF")] == ':';

	return (is_ipv6 ? take_ipv6 : take_ipv4)(at, ret_addr);
}

bool ip_address_is_mapped(const uint8_t addr[static IP_ADDRESS_BYTES])
{
	return memcmp(addr, mapped, sizeof mapped) == 0;
}

void ip_address_map(const uint8_t v4[static 4], uint8_t ret_addr[static IP_ADDRESS_BYTES])
{
	memcpy(ret_addr, mapped, sizeof mapped);
	memcpy(ret_addr + sizeof mapped, v4, 4);
}
