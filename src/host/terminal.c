/* SPDX-License-Identifier: MIT */
#include "host/terminal.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const char *environment(const char *name)
{
	const char *value = getenv(name);

	return value ? value : "";
}

/* A terminal without a UTF-8 locale mostly shows UTF-8 all the same. The kernel's console has few
 * glyphs of it. */
static bool locale_has_unicode(void)
{
	const char *names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

	if (strcmp(environment("TERM"), "linux") == 0)
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *value = environment(names[i]);

		if (*value == '\0')
			continue;
		return strcasestr(value, "utf8") || strcasestr(value, "utf-8") ||
		       strcmp(value, "C") == 0 || strcmp(value, "POSIX") == 0;
	}
	return true;
}

/* 0: nobody says. */
static unsigned columns_of(FILE *file)
{
	const unsigned long shown = strtoul(environment("COLUMNS"), NULL, 10);
	struct winsize size;

	if (ioctl(fileno(file), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	return shown < 1000 ? (unsigned)shown : 0;
}

struct terminal terminal_of(FILE *file)
{
	const char *term = environment("TERM");
	const bool is_live =
		isatty(fileno(file)) == 1 && *term != '\0' && strcmp(term, "dumb") != 0;
	const unsigned columns = columns_of(file);

	return (struct terminal){
		.is_live = is_live,
		.has_colour = is_live && *environment("NO_COLOR") == '\0',
		.has_unicode = locale_has_unicode(),
		.breaks_lines = columns > 0,
		.columns = columns > 0 ? columns : 80,
	};
}

unsigned terminal_line_end(const struct terminal *terminal)
{
	return terminal->breaks_lines ? terminal->columns : UINT_MAX;
}

const char *terminal_tone(const struct terminal *terminal, enum tone tone)
{
	static const char *const sequences[TONE_COUNT] = {
		[TONE_PLAIN] = "\033[0m",
		[TONE_BOLD] = "\033[1m",
		[TONE_FAINT] = "\033[2m",
		[TONE_GOOD] = "\033[32m",
		[TONE_BAD] = "\033[1;31m",
		[TONE_WARN] = "\033[33m",
	};

	return terminal->has_colour ? sequences[tone] : "";
}
