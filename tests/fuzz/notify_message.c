/* SPDX-License-Identifier: MIT */
/* A datagram of sd_notify(3). */
#include "core/codec/notify_message.h"

#include "core/text/json_text.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Valid UTF-8 of one line, and whole. */
static void check_status(const char *status)
{
	if (strlen(status) >= NOTIFY_STATUS_BYTES)
		abort();
	for (size_t len; *status != '\0'; status += len) {
		len = text_utf8_sequence((const unsigned char *)status);
		if (len == 0 || (unsigned char)*status < 0x20 || *status == 0x7f)
			abort();
	}
}

static void check_forwarded(const char *bytes, size_t len)
{
	char forwarded[NOTIFY_MESSAGE_MAX + 2];
	struct text text;

	text_init(&text, forwarded, sizeof forwarded);
	notify_message_add_forwarded(&text, bytes);
	if (text.truncated || text.len > len + 1)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct notify_message message;
	char *bytes = malloc(size + 1);

	if (bytes == NULL)
		return 0;
	memcpy(bytes, data, size);
	bytes[size] = '\0';
	if (notify_message_parse(bytes, size, &message) == 0) {
		check_status(message.status);
		check_forwarded(bytes, size);
		if (message.main_pid == 1 || message.main_pid < 0 || message.busy > NOTIFY_BUSY_MAX)
			abort();
	}
	free(bytes);
	return 0;
}
