/* SPDX-License-Identifier: MIT */
/* The command lines of tini, dumb-init and catatonit. The first line names the program; a line with a '=' behind the
 * peer's own prefix of variables is a variable. */
#include "core/cli/compat.h"

#include "core/cli/option_parser.h"
#include "words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_variable(const char *word)
{
	return strncmp(word, "TINI_", strlen("TINI_")) == 0 ||
	       strncmp(word, "DUMB_INIT_", strlen("DUMB_INIT_")) == 0;
}

/* What the peer says of each event is one line. */
static void describe_all(const struct compat *compat)
{
	for (int kind = COMPAT_STARTED; kind <= COMPAT_MAIN_ENDED; kind++) {
		const struct compat_event event = {.kind = (enum compat_event_kind)kind,
			.number = 7,
			.other = 15,
			.status = 143,
			.signal = kind % 2 ? 15 : 0,
			.text = "server",
			.reason = "No such file or directory"};
		char bytes[512];
		struct text line;

		text_init(&line, bytes, sizeof bytes);
		if (compat->peer->describe(compat, &event, &line))
			require(line.len > 0 && !line.truncated);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct options options;
	char *argv[WORDS_MAX + 1], *envp[WORDS_MAX + 1] = {NULL}, *none[] = {NULL};
	char said_bytes[16384];
	size_t argc = 0, variables = 0;
	struct compat compat = {.version = "1.0", .pid = 1};
	struct text said;
	struct words words;

	words_take(&words, data, size);
	for (size_t i = 0; i < words.count; i++) {
		if (is_variable(words.list[i]))
			envp[variables++] = words.list[i];
		else
			argv[argc++] = words.list[i];
	}
	argv[argc] = NULL;
	compat.peer = argc > 0 ? compat_peer_of(argv[0]) : NULL;
	if (compat.peer != NULL) {
		int status;

		compat.name = argv[0];
		text_init(&said, said_bytes, sizeof said_bytes);
		require(options_parse(none, none, &options, &said, &said) == 0);
		status = compat.peer->parse(&compat, argv, envp, &options, &said);
		require(status >= COMPAT_GO_ON && status <= 255);
		require(status != COMPAT_GO_ON || compat.pauses || options.command[0] != NULL);
		describe_all(&compat);
	}
	free(words.bytes);
	return 0;
}
