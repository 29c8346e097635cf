/* SPDX-License-Identifier: MIT */
/* string.h's functions for short strings. musl's take a word at a time, and 1 kB more. */
#include <string.h>
#include <strings.h>

size_t strnlen(const char *string, size_t max)
{
	size_t len = 0;

	while (len < max && string[len] != '\0')
		len++;
	return len;
}

size_t strlen(const char *string)
{
	return strnlen(string, (size_t)-1);
}

void *memchr(const void *bytes, int c, size_t len)
{
	const char *at = bytes;

	for (; len > 0; len--, at++) {
		if (*at == (char)c)
			return (void *)at;
	}
	return NULL;
}

char *strchrnul(const char *string, int c)
{
	while (*string != '\0' && *string != (char)c)
		string++;
	return (char *)string;
}

char *strchr(const char *string, int c)
{
	const char *found = strchrnul(string, c);

	return *found == (char)c ? (char *)found : NULL;
}

char *strrchr(const char *string, int c)
{
	const char *found = NULL;

	do {
		if (*string == (char)c)
			found = string;
	} while (*string++ != '\0');
	return (char *)found;
}

/* How far the bytes are, or are not, among those of the set. */
static size_t span(const char *string, const char *set, int is_in)
{
	size_t len = 0;

	while (string[len] != '\0' && (strchr(set, string[len]) != NULL) == is_in)
		len++;
	return len;
}

size_t strspn(const char *string, const char *set)
{
	return span(string, set, 1);
}

size_t strcspn(const char *string, const char *set)
{
	return span(string, set, 0);
}

static int lower(int c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

int strncasecmp(const char *a, const char *b, size_t len)
{
	for (; len > 0; len--, a++, b++) {
		int difference = lower((unsigned char)*a) - lower((unsigned char)*b);

		if (difference != 0 || *a == '\0')
			return difference;
	}
	return 0;
}

int strcasecmp(const char *a, const char *b)
{
	return strncasecmp(a, b, (size_t)-1);
}

int strncmp(const char *a, const char *b, size_t len)
{
	for (; len > 0; len--, a++, b++) {
		if (*a != *b || *a == '\0')
			return (unsigned char)*a - (unsigned char)*b;
	}
	return 0;
}

int strcmp(const char *a, const char *b)
{
	return strncmp(a, b, (size_t)-1);
}
