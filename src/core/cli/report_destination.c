/* SPDX-License-Identifier: MIT */
#include "core/cli/report_destination.h"

#include "core/text/number.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>

struct words {
	const char *at;
	size_t len;
};

static bool is_word(const struct words *words, const char *word)
{
	return words->len == strlen(word) && memcmp(words->at, word, words->len) == 0;
}

/* Takes a beginning away, if it is there. */
static bool take_beginning(struct words *words, const char *beginning)
{
	const size_t len = strlen(beginning);

	if (words->len < len || memcmp(words->at, beginning, len) != 0)
		return false;
	words->at += len;
	words->len -= len;
	return true;
}

/* The digits of fd:N, and nothing behind them. */
static int parse_fd(const struct words *words)
{
	const char *at = words->at;
	int64_t fd = words->len > 0 ? number_take(&at, INT_MAX) : -EINVAL;

	return fd >= 0 && at == words->at + words->len ? (int)fd : -EINVAL;
}

/* A reader of the termination log is a person. */
static enum report_format take_format(struct words *words)
{
	if (take_beginning(words, "json:"))
		return REPORT_AS_JSON;
	if (take_beginning(words, "text:") || is_word(words, "termination-log"))
		return REPORT_AS_TEXT;
	return take_beginning(words, "emf:") ? REPORT_AS_EMF : REPORT_AS_JSON;
}

int report_destination_parse(
	const char *string, size_t len, struct report_destination *ret_destination)
{
	struct words words = {string, len};
	struct report_destination destination = {
		.given = string, .given_len = len, .format = take_format(&words)};

	if (is_word(&words, "stderr")) {
		destination.target = REPORT_TO_STDERR;
	} else if (is_word(&words, "stdout")) {
		destination.target = REPORT_TO_STDOUT;
	} else if (is_word(&words, "termination-log")) {
		destination.target = REPORT_TO_TERMINATION_LOG;
	} else if (take_beginning(&words, "fd:")) {
		destination.target = REPORT_TO_FD;
		destination.fd = parse_fd(&words);
		if (destination.fd < 0)
			return -EINVAL;
	} else if (words.len > 0 && memchr(words.at, '/', words.len) != NULL) {
		destination.target = REPORT_TO_PATH;
		destination.path = words.at;
		destination.path_len = words.len;
	} else {
		return -EINVAL; /* "sterr" shall not become a file; ./sterr may */
	}
	*ret_destination = destination;
	return 0;
}
