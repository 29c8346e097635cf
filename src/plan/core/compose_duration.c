/* SPDX-License-Identifier: MIT */
#include "plan/core/compose_duration.h"

#include "core/text/text.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define NS_PER_MINUTE (60 * COMPOSE_SECOND)
#define NS_PER_HOUR (60 * NS_PER_MINUTE)
#define NS_PER_DAY (24 * NS_PER_HOUR)

struct unit {
	char name[4];
	int64_t ns;
	bool only_up; /* known to `docker compose` alone */
};

/* Longest names first where one is the start of another. */
static const struct unit units[] = {
	{"ns", 1, false},
	{"us", 1000, false},
	{"\xC2\xB5s", 1000, false}, /* U+00B5 micro sign */
	{"\xCE\xBCs", 1000, false}, /* U+03BC Greek mu */
	{"ms", 1000000, false},
	{"s", COMPOSE_SECOND, false},
	{"m", NS_PER_MINUTE, false},
	{"h", NS_PER_HOUR, false},
	{"d", NS_PER_DAY, true},
	{"w", 7 * NS_PER_DAY, true},
};

#define UNIT_COUNT (sizeof units / sizeof *units)

struct decimal {
	int64_t whole, fraction, scale; /* whole + fraction/scale */
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Takes "12.5" at *at. */
static int take_decimal(const char **at, struct decimal *ret_decimal)
{
	struct decimal d = {.scale = 1};
	bool digits = false;

	for (; is_digit(**at); (*at)++, digits = true) {
		if (__builtin_mul_overflow(d.whole, 10, &d.whole) ||
			__builtin_add_overflow(d.whole, **at - '0', &d.whole))
			return -ERANGE;
	}
	if (**at == '.') {
		for ((*at)++; is_digit(**at); (*at)++, digits = true) {
			if (d.scale >= COMPOSE_SECOND)
				continue; /* finer than a nanosecond of a second */
			d.fraction = d.fraction * 10 + (**at - '0');
			d.scale *= 10;
		}
	}
	if (!digits)
		return -EINVAL;
	*ret_decimal = d;
	return 0;
}

static int add_decimal(int64_t *total, const struct decimal *d, int64_t unit)
{
	int64_t whole, part = (int64_t)((double)d->fraction * ((double)unit / (double)d->scale));

	if (__builtin_mul_overflow(d->whole, unit, &whole) ||
		__builtin_add_overflow(whole, part, &whole) ||
		__builtin_add_overflow(*total, whole, total))
		return -ERANGE;
	return 0;
}

static const struct unit *take_unit(const char **at, bool is_up)
{
	for (size_t i = 0; i < UNIT_COUNT; i++) {
		size_t len = strlen(units[i].name);

		if ((!units[i].only_up || is_up) && strncmp(*at, units[i].name, len) == 0) {
			*at += len;
			return &units[i];
		}
	}
	return NULL;
}

static int parse_go(const char *at, bool is_up, int64_t *ret_ns)
{
	bool is_negative = *at == '-';
	int64_t total = 0;

	if (*at == '-' || *at == '+')
		at++;
	if (strcmp(at, "0") == 0) {
		*ret_ns = 0;
		return 0;
	}
	do {
		const struct unit *unit;
		struct decimal decimal;
		int r = take_decimal(&at, &decimal);

		if (r < 0)
			return r;
		unit = take_unit(&at, is_up);
		if (unit == NULL)
			return -EINVAL;
		r = add_decimal(&total, &decimal, unit->ns);
		if (r < 0)
			return r;
	} while (*at != '\0');
	*ret_ns = is_negative ? -total : total;
	return 0;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Moves past a unit's name in any case. "m" must not take the beginning of "ms". */
static bool take_name(const char **at, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < len; i++) {
		if (lower((*at)[i]) != name[i])
			return false;
	}
	if (strcmp(name, "m") == 0 && lower((*at)[1]) == 's')
		return false;
	*at += len;
	return true;
}

static const char *skip_blanks(const char *at)
{
	return at + strspn(at, " \t\r\n\v\f");
}

static int parse_v1(const char *at, int64_t *ret_ns)
{
	static const char *const order[] = {"h", "m", "s", "ms", "us", "ns"};
	static const int64_t ns[] = {NS_PER_HOUR, NS_PER_MINUTE, COMPOSE_SECOND, 1000000, 1000, 1};
	int64_t total = 0;
	size_t next = 0;

	at = skip_blanks(at);
	if (*at == '\0')
		return -EINVAL;
	while (*at != '\0' && *skip_blanks(at) != '\0') {
		struct decimal decimal;
		int r = take_decimal(&at, &decimal);

		if (r < 0)
			return r;
		while (next < sizeof order / sizeof *order && !take_name(&at, order[next]))
			next++;
		if (next == sizeof order / sizeof *order)
			return -EINVAL;
		r = add_decimal(&total, &decimal, ns[next++]);
		if (r < 0)
			return r;
	}
	*ret_ns = total;
	return 0;
}

int compose_duration_parse(const char *string, enum compose_program program, int64_t *ret_ns)
{
	if (program == COMPOSE_V1)
		return parse_v1(string, ret_ns);
	return parse_go(string, program == COMPOSE_UP, ret_ns);
}

int64_t compose_duration_seconds(int64_t ns)
{
	return ns / COMPOSE_SECOND;
}

/* How people write a unit, in small letters, and its name in every grammar. Days become hours: only one of the
 * grammars knows them. */
static const struct {
	char written[13];
	char unit[3];
	int factor;
} spellings[] = {
	{"", "s", 1},
	{"s", "s", 1},
	{"sec", "s", 1},
	{"secs", "s", 1},
	{"second", "s", 1},
	{"seconds", "s", 1},
	{"m", "m", 1},
	{"min", "m", 1},
	{"mins", "m", 1},
	{"minute", "m", 1},
	{"minutes", "m", 1},
	{"h", "h", 1},
	{"hr", "h", 1},
	{"hrs", "h", 1},
	{"hour", "h", 1},
	{"hours", "h", 1},
	{"d", "h", 24},
	{"day", "h", 24},
	{"days", "h", 24},
	{"w", "h", 168},
	{"week", "h", 168},
	{"weeks", "h", 168},
	{"ms", "ms", 1},
	{"msec", "ms", 1},
	{"milliseconds", "ms", 1},
};

static bool is_word(const char *word, size_t len, const char *spelling)
{
	if (strlen(spelling) != len)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (lower(word[i]) != spelling[i])
			return false;
	}
	return true;
}

/* Takes the letters at *at. Returns whether they are a unit, with its name and factor in every grammar. */
static bool take_spelling(const char **at, const char **ret_unit, int *ret_factor)
{
	size_t len = 0;

	while (lower((*at)[len]) >= 'a' && lower((*at)[len]) <= 'z')
		len++;
	for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
		if (!is_word(*at, len, spellings[i].written))
			continue;
		*ret_unit = spellings[i].unit;
		*ret_factor = spellings[i].factor;
		*at += len;
		return true;
	}
	return false;
}

/* Takes one number and its unit, and adds them. Returns the unit, or NULL where nothing can be guessed. A number
 * without unit is of seconds, unless there were some already: 1m30. */
static const char *suggest_pair(struct text *text, const char **at, const char *last)
{
	const char *digits = *at, *unit;
	size_t count = strspn(digits, "0123456789.");
	struct decimal decimal;
	int factor;

	if (count == 0 || take_decimal(at, &decimal) < 0 || *at != digits + count)
		return NULL;
	*at = skip_blanks(*at);
	if (!take_spelling(at, &unit, &factor) || strcmp(unit, last) == 0)
		return NULL;
	if (factor > 1 && (decimal.fraction != 0 || decimal.whole > 1000))
		return NULL;
	if (factor > 1)
		text_printf(text, "%lld%s", (long long)decimal.whole * factor, unit);
	else
		text_printf(text, "%.*s%s", (int)count, digits, unit);
	*at = skip_blanks(*at);
	return unit;
}

void compose_duration_suggest(struct text *text, const char *string)
{
	const char *unit = "";
	size_t len = text->len;

	for (string = skip_blanks(string); *string != '\0' && unit != NULL;)
		unit = suggest_pair(text, &string, unit);
	if (unit == NULL)
		text_cut(text, len);
}
