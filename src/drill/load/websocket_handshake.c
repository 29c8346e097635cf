/* SPDX-License-Identifier: MIT */
#include "drill/load/websocket_handshake.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <string.h>
#include <strings.h>

static const char magic[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; /* RFC 6455 1.3 */

int websocket_make_key(char key[WEBSOCKET_KEY_BYTES])
{
	unsigned char bytes[16];

	if (RAND_bytes(bytes, sizeof bytes) != 1)
		return -EIO;
	(void)EVP_EncodeBlock((unsigned char *)key, bytes, sizeof bytes);
	return 0;
}

/* The value of a field, up to the end of its line; NULL: the head has no such one. */
static const char *find_field(const char *head, const char *name)
{
	size_t len = strlen(name);

	for (const char *line = strstr(head, "\r\n"); line != NULL; line = strstr(line, "\r\n")) {
		line += 2;
		if (strncasecmp(line, name, len) == 0 && line[len] == ':')
			return line + len + 1 + strspn(line + len + 1, " \t");
	}
	return NULL;
}

static bool is_value(
	const char *value, const char *expected, int compare(const char *, const char *, size_t))
{
	size_t len = strlen(expected);

	return value != NULL && compare(value, expected, len) == 0 &&
	       strncmp(value + len + strspn(value + len, " \t"), "\r\n", 2) == 0;
}

/* Whether a list (RFC 9110 5.6.1) has this word, as in "keep-alive, Upgrade". */
static bool has_element(const char *list, const char *word)
{
	const size_t len = strlen(word);

	while (list != NULL && *list != '\r') {
		const char *end = list + strcspn(list, ",\r");

		list += strspn(list, " \t");
		if (strncasecmp(list, word, len) == 0 &&
			list + len + strspn(list + len, " \t") == end)
			return true;
		list = end + (*end == ',');
	}
	return false;
}

bool websocket_is_accepted(const char *head, const char *key)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	char text[WEBSOCKET_KEY_BYTES + sizeof magic], expected[64];
	unsigned len;

	memcpy(text, key, WEBSOCKET_KEY_BYTES - 1);
	memcpy(text + WEBSOCKET_KEY_BYTES - 1, magic, sizeof magic);
	if (EVP_Digest(text, strlen(text), digest, &len, EVP_sha1(), NULL) != 1)
		return false;
	(void)EVP_EncodeBlock((unsigned char *)expected, digest, (int)len);
	return is_value(find_field(head, "Upgrade"), "websocket", strncasecmp) &&
	       has_element(find_field(head, "Connection"), "Upgrade") &&
	       is_value(find_field(head, "Sec-WebSocket-Accept"), expected, strncmp);
}
