/* SPDX-License-Identifier: MIT */
#include "core/tcp/peer_text.h"

#include "core/tcp/ip_address.h"

#include <string.h>
#include <sys/socket.h>

#define GROUPS 8

static unsigned group(const uint8_t addr[static 16], int i)
{
	const uint8_t *bytes = addr + sizeof(uint16_t) * (unsigned)i;

	return (unsigned)(bytes[0] << 8 | bytes[1]);
}

/* The longest run of groups that are zero, the first of the longest ones; a single one is none (RFC
 * 5952). Returns its length. */
static int find_zeros(const uint8_t addr[static 16], int *ret_first)
{
	int longest = 1;

	for (int i = 0, run = 0; i < GROUPS; i++) {
		run = group(addr, i) == 0 ? run + 1 : 0;
		if (run > longest) {
			longest = run;
			*ret_first = i + 1 - run;
		}
	}
	return longest > 1 ? longest : 0;
}

static void add_ipv6(struct text *text, const uint8_t addr[static 16])
{
	int first = GROUPS, zeros = find_zeros(addr, &first);

	for (int i = 0; i < GROUPS; i++) {
		if (i == first) {
			text_add(text, "::");
			i += zeros - 1;
		} else {
			text_printf(
				text, i > 0 && i != first + zeros ? ":%x" : "%x", group(addr, i));
		}
	}
}

void peer_text_add(struct text *text, uint8_t family, const uint8_t addr[static 16], uint16_t port)
{
	static const uint8_t none[16];

	if (family == AF_INET6 && port == 0 && memcmp(addr, none, sizeof none) == 0) {
		text_add(text, "unix");
		return;
	}
	if (family == AF_INET6 && ip_address_is_mapped(addr)) {
		family = AF_INET;
		addr += IP_ADDRESS_MAPPED_AT;
	}
	if (family == AF_INET6) {
		text_add(text, "[");
		add_ipv6(text, addr);
		text_add(text, "]");
	} else {
		text_printf(text, "%u.%u.%u.%u", addr[0], addr[1], addr[2], addr[3]);
	}
	text_printf(text, ":%u", port);
}
