/* SPDX-License-Identifier: MIT */
#include "core/peer_text.h"

#include <arpa/inet.h>
#include <string.h>

void peer_text_add(struct text *text, uint8_t family, const uint8_t addr[static 16], uint16_t port)
{
	static const uint8_t v4_mapped[12] = {[10] = 0xFF, [11] = 0xFF};
	char address[INET6_ADDRSTRLEN] = "?";

	if (family == AF_INET6 && memcmp(addr, v4_mapped, sizeof v4_mapped) == 0) {
		family = AF_INET;
		addr += sizeof v4_mapped;
	}
	(void)inet_ntop(family, addr, address, sizeof address);
	text_printf(text, family == AF_INET6 ? "[%s]:%u" : "%s:%u", address, port);
}
