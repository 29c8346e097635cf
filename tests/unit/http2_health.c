/* SPDX-License-Identifier: MIT */
/* What the health endpoint says over HTTP/2. A conversation is written as words, one for each frame: a letter, flags
 * in hexadecimal, @stream, and the payload in hexadecimal behind a colon, or how many bytes of zero behind a star:
 * "S0@0:000400000000", "D1@3*5". Each is taken at once and byte by byte, with an unreadable page right behind it. */
#include "core/http/http2_health.h"

#include "unit/guard_page.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#define SAID_BYTES 65536

/* By the number of the type; X is one that the RFC does not have. */
static const char letters[] = "DHPRSUIGWCX";

/* ---- words to bytes ---- */

static unsigned take_hex(const char **at)
{
	char *end;
	unsigned value = (unsigned)strtoul(*at, &end, 16);

	*at = end;
	return value;
}

static size_t write_payload(const char *word, char *payload)
{
	size_t len = 0;

	if (*word == '*') {
		len = (size_t)atoi(word + 1);
		memset(payload, 0, len);
		return len;
	}
	for (word += *word == ':'; *word != ' ' && *word != '\0'; word += 2) {
		char digits[] = {word[0], word[1], '\0'};

		payload[len++] = (char)strtoul(digits, NULL, 16);
	}
	return len;
}

static size_t write_frame(const char *word, char *frame)
{
	const char *at = word + 1;
	unsigned flags = take_hex(&at), stream;
	size_t len;

	at++;
	stream = (unsigned)strtoul(at, (char **)&at, 10);
	len = write_payload(at, frame + HTTP2_FRAME_HEADER_BYTES);
	frame[0] = (char)(len >> 16);
	frame[1] = (char)(len >> 8);
	frame[2] = (char)len;
	frame[3] = (char)(strchr(letters, *word) - letters);
	frame[4] = (char)flags;
	for (int i = 0; i < 4; i++)
		frame[5 + i] = (char)(stream >> (24 - 8 * i));
	return HTTP2_FRAME_HEADER_BYTES + len;
}

static size_t write_frames(const char *words, char *bytes)
{
	size_t len = 0;

	while (*words != '\0') {
		len += write_frame(words, bytes + len);
		words += strcspn(words, " ");
		words += strspn(words, " ");
	}
	return len;
}

/* ---- bytes to words ---- */

static unsigned number_at(const char *bytes, int count)
{
	unsigned number = 0;

	for (int i = 0; i < count; i++)
		number = number << 8 | (uint8_t)bytes[i];
	return number;
}

static void describe_headers(struct text *said, const char *payload, size_t len)
{
	if (*payload == '\x20') {
		text_add(said, "smaller ");
		payload++;
		len--;
	}
	if (*payload == '\x88')
		text_add(said, "200 ");
	else if (*payload == '\x08')
		text_printf(said, "%.*s ", payload[1], payload + 2);
	for (size_t i = 0; i + 12 < len; i++) {
		if (memcmp(payload + i, "grpc-status", 11) == 0)
			text_printf(said, "grpc %.*s ", payload[i + 11], payload + i + 12);
		if (memcmp(payload + i, "grpc-message", 12) == 0)
			text_printf(said, "%.*s ", payload[i + 12], payload + i + 13);
	}
}

static void describe_frame(struct text *said, const char *frame, size_t len)
{
	const char *payload = frame + HTTP2_FRAME_HEADER_BYTES;

	text_printf(said, "%c%x@%u ", letters[(uint8_t)frame[3]], (uint8_t)frame[4],
		number_at(frame + 5, 4));
	if (frame[3] == HTTP2_HEADERS) {
		describe_headers(said, payload, len);
		return;
	}
	if (frame[3] == HTTP2_GOAWAY) {
		text_printf(said, "%u ", number_at(payload, 4));
		payload += 4;
		len -= 4;
	}
	for (size_t i = 0; i < len; i++)
		text_printf(said, "%02x%s", (uint8_t)payload[i], i + 1 == len ? " " : "");
}

static void describe(struct text *said, const char *bytes, size_t len)
{
	while (len > 0) {
		size_t payload = number_at(bytes, 3);

		assert_true(len >= HTTP2_FRAME_HEADER_BYTES + payload);
		describe_frame(said, bytes, payload);
		bytes += HTTP2_FRAME_HEADER_BYTES + payload;
		len -= HTTP2_FRAME_HEADER_BYTES + payload;
	}
}

/* ---- conversations ---- */

struct talk {
	struct http2_health health;
	int http_status;
	const char *state;
	bool has_failed;
	char said[SAID_BYTES];
	size_t len;
};

/* Says all that follows from some bytes, as a server does: through a small buffer. Returns how many were left. */
static size_t hear(struct talk *talk, const char *bytes, size_t len)
{
	const char *at = guard_page_copy(bytes, len), *end = at + len;
	enum http2_progress progress = HTTP2_FULL;

	while (progress == HTTP2_FULL || progress == HTTP2_REQUEST) {
		char buf[HTTP2_OUTPUT_BYTES + 20];
		struct text out;

		text_init(&out, buf, sizeof buf);
		progress = http2_health_take(&talk->health, &at, end, &out);
		if (progress == HTTP2_REQUEST)
			http2_health_answer(&talk->health, &out, talk->http_status, talk->state);
		assert_false(out.truncated);
		assert_true(talk->len + out.len <= sizeof talk->said);
		memcpy(talk->said + talk->len, buf, out.len);
		talk->len += out.len;
	}
	talk->has_failed = progress == HTTP2_FAILED;
	return (size_t)(end - at);
}

static void begin(struct talk *talk, int http_status, const char *state)
{
	struct text out;

	*talk = (struct talk){.http_status = http_status, .state = state};
	text_init(&out, talk->said, sizeof talk->said);
	http2_health_begin(&talk->health, &out);
	talk->len = out.len;
}

static void hear_by_byte(struct talk *talk, const char *bytes, size_t len)
{
	char kept[HTTP2_KEPT_BYTES];
	size_t kept_len = 0;

	for (size_t i = 0; i < len && !talk->has_failed; i++) {
		size_t left;

		assert_true(kept_len < HTTP2_KEPT_BYTES);
		kept[kept_len++] = bytes[i];
		left = hear(talk, kept, kept_len);
		memmove(kept, kept + kept_len - left, left);
		kept_len = left;
	}
}

/* The whole conversation, as words, after our SETTINGS. */
static const char *talk_about(const char *words, int http_status, const char *state)
{
	static struct talk at_once, by_byte;
	static char bytes[65536], described[SAID_BYTES];
	size_t len = write_frames(words, bytes);
	struct text said;

	begin(&at_once, http_status, state);
	(void)hear(&at_once, bytes, len);
	begin(&by_byte, http_status, state);
	hear_by_byte(&by_byte, bytes, len);
	assert_int_equal(at_once.len, by_byte.len);
	assert_memory_equal(at_once.said, by_byte.said, at_once.len);
	assert_int_equal(at_once.has_failed, by_byte.has_failed);
	text_init(&said, described, sizeof described);
	describe(&said, at_once.said, at_once.len);
	if (at_once.has_failed)
		text_add(&said, "end");
	assert_memory_equal(described, "S0@0 000300000008 ", 18);
	if (said.len > 18 && described[said.len - 1] == ' ')
		described[said.len - 1] = '\0';
	return described + 18;
}

#define OK(stream) "H4@" #stream " 200 D0@" #stream " 00000000020801 H5@" #stream " grpc 0"

struct conversation {
	const char *is, *heard, *said;
};

static void check_conversations(const struct conversation *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *said = talk_about(rows[i].heard, 200, "serving");

		if (strcmp(said, rows[i].said) != 0)
			fail_msg("%s: '%s' instead of '%s'", rows[i].is, said, rows[i].said);
	}
}

static void each_conversation_has_its_answers(void **state)
{
	static const struct conversation rows[] = {
		{"a check", "S0@0 H4@1:8386 D1@1*5", "S1@0 W0@0 00000005 " OK(1)},
		{"a probe without a body", "S0@0 H5@1:82", "S1@0 " OK(1)},
		{"padding and priority", "S0@0 H2c@1:0280000000108200 D9@1:020000",
			"S1@0 W0@0 00000003 " OK(1)},
		{"a block in pieces", "S0@0 H1@1:83 C0@1 C4@1:8486", "S1@0 " OK(1)},
		{"two requests, one after the other", "S0@0 H5@1:82 H5@3:82",
			"S1@0 " OK(1) " " OK(3)},
		{"two at a time", "S0@0 H4@1:83 H4@3:83 D1@3*1 D1@1",
			"S1@0 W0@0 00000001 " OK(3) " " OK(1)},
		{"trailers", "S0@0 H4@1:83 D0@1*2 H5@1:40", "S1@0 W0@0 00000002 " OK(1)},
		{"a ping, and the answer to ours", "S0@0 I0@0:0102030405060708 I1@0*8 S1@0",
			"S1@0 I1@0 0102030405060708"},
		{"what means nothing here",
			"S0@0:000100001000ffff00000000 P0@3*5 W0@0:00000010 G0@0*8 X0@0*30 X0@7",
			"S1@0"},
		{"a client that thinks again", "S0@0 H4@1:83 R0@1:00000008 D1@1*1",
			"S1@0 W0@0 00000001"},
		{"data of a stream that is over", "S0@0 H5@1:82 D1@1*3 W0@1:00000001 R0@1*4",
			"S1@0 " OK(1) " W0@0 00000003"},
		{"more at a time than is allowed",
			"S0@0 H4@1 H4@3 H4@5 H4@7 H4@9 H4@11 H4@13 H4@15 H4@17 D1@17 D1@3 H4@19 "
			"D1@19",
			"S1@0 R0@17 00000007 " OK(3) " " OK(19)},
		{"a small table", "S0@0:000100000fff H5@1:82 H5@3:82",
			"S1@0 H4@1 smaller 200 D0@1 00000000020801 H5@1 grpc 0 " OK(3)},
		{"a closed window", "S0@0:000400000006 H5@1 S0@0:000400000007 H5@3",
			"S1@0 R0@1 00000007 S1@0 " OK(3)},
		{"more settings later", "S0@0 H5@1 S0@0:0003000000050005000040000006ffffffff",
			"S1@0 " OK(1) " S1@0"},
	};

	(void)state;
	check_conversations(rows, sizeof rows / sizeof *rows);
}

static void each_wrong_frame_ends_the_connection(void **state)
{
	static const struct conversation rows[] = {
		{"no SETTINGS first", "H5@1:82", "G0@0 0 00000001 end"},
		{"an acknowledgement first", "S1@0", "G0@0 0 00000001 end"},
		{"SETTINGS of a stream", "S0@0 S0@1", "S1@0 G0@0 0 00000001 end"},
		{"half a setting", "S0@0*5", "G0@0 0 00000006 end"},
		{"an acknowledgement with settings", "S0@0 S1@0*6", "S1@0 G0@0 0 00000006 end"},
		{"a window out of range", "S0@0:000480000000", "G0@0 0 00000003 end"},
		{"a stream of ours", "S0@0 H5@2", "S1@0 G0@0 0 00000001 end"},
		{"a request of the connection", "S0@0 H5@0", "S1@0 G0@0 0 00000001 end"},
		{"data of the connection", "S0@0 D0@0", "S1@0 G0@0 0 00000001 end"},
		{"data of a stream that has not begun", "S0@0 H5@1 D0@3",
			"S1@0 " OK(1) " G0@0 1 00000001 end"},
		{"a reset of one", "S0@0 R0@1*4", "S1@0 G0@0 0 00000001 end"},
		{"a window of one", "S0@0 W0@1:00000001", "S1@0 G0@0 0 00000001 end"},
		{"a push", "S0@0 U4@1*4", "S1@0 G0@0 0 00000001 end"},
		{"a continuation of nothing", "S0@0 C4@1", "S1@0 G0@0 0 00000001 end"},
		{"another frame amid a block", "S0@0 H1@1 I0@0*8", "S1@0 G0@0 1 00000001 end"},
		{"an unknown one amid a block", "S0@0 H1@1 X0@1", "S1@0 G0@0 1 00000001 end"},
		{"another block amid a block", "S0@0 H1@1 C4@3", "S1@0 G0@0 1 00000001 end"},
		{"too much padding", "S0@0 Hd@1:0182 Dd@1:02ff",
			"S1@0 " OK(1) " G0@0 1 00000001 end"},
		{"padding without its length", "S0@0 Hd@1", "S1@0 G0@0 0 00000006 end"},
		{"half a priority", "S0@0 H25@1*4", "S1@0 G0@0 0 00000006 end"},
		{"a short ping", "S0@0 I0@0*7", "S1@0 G0@0 0 00000006 end"},
		{"a long reset", "S0@0 H4@1 R0@1*5", "S1@0 G0@0 1 00000006 end"},
		{"a window that does not grow", "S0@0 W0@0*4", "S1@0 G0@0 0 00000001 end"},
		{"a window that grows too much", "S0@0 W0@0:7fff0001", "S1@0 G0@0 0 00000003 end"},
		{"a frame too long", "S0@0 H4@1 D0@1*16385", "S1@0 G0@0 1 00000006 end"},
		{"a block too long", "S0@0 H1@1*16000 C0@1*367", "S1@0 G0@0 1 0000000b end"},
	};

	(void)state;
	check_conversations(rows, sizeof rows / sizeof *rows);
}

static void a_flood_of_empty_continuations_ends(void **state)
{
	static char words[16384] = "S0@0 H1@1";
	struct text text = {.buf = words, .cap = sizeof words, .len = strlen(words)};

	(void)state;
	for (int i = 1; i < HTTP2_BLOCK_MAX_BYTES / HTTP2_FRAME_HEADER_BYTES; i++)
		text_add(&text, " C0@1");
	assert_string_equal(talk_about(words, 200, "serving"), "S1@0");
	text_add(&text, " C0@1");
	assert_string_equal(talk_about(words, 200, "serving"), "S1@0 G0@0 1 0000000b end");
}

static void who_is_not_serving_is_unavailable_for_both_kinds_of_probes(void **state)
{
	(void)state;
	assert_string_equal(
		talk_about("S0@0 H5@1", 503, "draining"), "S1@0 H5@1 503 grpc 14 draining");
	assert_string_equal(
		talk_about("S0@0 H5@1", 429, "stopping"), "S1@0 H5@1 429 grpc 14 stopping");
	assert_string_equal(
		talk_about("S0@0 H5@1", 302, "starting"), "S1@0 H5@1 302 grpc 14 starting");
	assert_string_equal(
		talk_about("S0@0:000400000000 H5@1", 503, "stuck"), "S1@0 H5@1 503 grpc 14 stuck");
	assert_string_equal(talk_about("S0@0 H5@1", 204, "draining"), "S1@0 " OK(1));
}

/* Without WINDOW_UPDATE 65,535 bytes may be sent: 9,362 times seven. */
static void the_clients_window_is_kept(void **state)
{
	static struct talk talk;
	char request[64];
	size_t len;

	(void)state;
	begin(&talk, 200, "serving");
	(void)hear(&talk, request, write_frames("S0@0", request));
	len = write_frames("H5@1", request);
	for (uint32_t i = 0; i <= 65535 / 7; i++) {
		uint32_t stream = 2 * i + 1;

		for (int byte = 0; byte < 4; byte++)
			request[5 + byte] = (char)(stream >> (24 - 8 * byte));
		talk.len = 0;
		assert_int_equal(hear(&talk, request, len), 0);
		assert_int_equal(talk.said[3], i < 65535 / 7 ? HTTP2_HEADERS : HTTP2_RST_STREAM);
	}
	(void)hear(&talk, request, write_frames("W0@0:00000006", request));
	talk.len = 0;
	(void)hear(&talk, request, write_frames("H5@99999", request));
	assert_int_equal(talk.said[3], HTTP2_HEADERS);
}

static void what_is_unfinished_is_known(void **state)
{
	static const struct {
		const char *heard;
		bool is_amid;
	} rows[] = {
		{"S0@0", false},
		{"S0@0 H4@1", true},
		{"S0@0 H4@1 D1@1", false},
		{"S0@0 H1@1", true},
		{"S0@0 H5@1", false},
		{"S0@0 H4@1 R0@1*4", false},
		{"S0@0 I0@0*8", false},
	};
	static struct talk talk;
	char bytes[256];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		begin(&talk, 200, "serving");
		(void)hear(&talk, bytes, write_frames(rows[i].heard, bytes));
		assert_int_equal(http2_health_is_amid(&talk.health), rows[i].is_amid);
	}
	(void)hear(&talk, bytes, write_frames("X0@0*9", bytes) - 1);
	assert_true(http2_health_is_amid(&talk.health));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_conversation_has_its_answers),
		cmocka_unit_test(each_wrong_frame_ends_the_connection),
		cmocka_unit_test(a_flood_of_empty_continuations_ends),
		cmocka_unit_test(who_is_not_serving_is_unavailable_for_both_kinds_of_probes),
		cmocka_unit_test(the_clients_window_is_kept),
		cmocka_unit_test(what_is_unfinished_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
