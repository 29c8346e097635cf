/* SPDX-License-Identifier: MIT */
/* Packs the long texts while the program is built: writes core/long_text.c's packed_texts.h. It runs where the
 * compiler runs, whatever processor the program is for.
 *
 * Byte pair encoding (Gage, 1994): the pair of bytes that is met most often becomes one byte that no text
 * has, and so on with what came out, until all such bytes stand for a pair. Texts end with NUL, which is in
 * no pair. */
#include "texts/long_texts.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* From DEL around to the last control character: 161 bytes, two of which texts have, NUL and newline. */
#define FIRST_PAIR 127
#define PAIR_COUNT (256 - FIRST_PAIR + 32)

struct packed {
	unsigned char bytes[65536];
	size_t len;
	unsigned char pairs[PAIR_COUNT][2];
};

static bool stands_for_pair(unsigned char byte)
{
	return (unsigned char)(byte - FIRST_PAIR) < PAIR_COUNT && byte != '\0' && byte != '\n';
}

static void add(struct packed *packed, const char *text)
{
	size_t size = strlen(text) + 1;

	for (const char *c = text; *c != '\0'; c++) {
		if (stands_for_pair((unsigned char)*c)) {
			fprintf(stderr, "pack: not plain ASCII: %s\n", text);
			exit(1);
		}
	}
	if (size > sizeof packed->bytes - packed->len) {
		fprintf(stderr, "pack: more than %zu bytes of texts\n", sizeof packed->bytes);
		exit(1);
	}
	memcpy(packed->bytes + packed->len, text, size);
	packed->len += size;
}

static int pair_at(const struct packed *packed, size_t i)
{
	return packed->bytes[i] << 8 | packed->bytes[i + 1];
}

/* The pair that is met most often, or 0 when none is worth its two bytes in the table. In a run of three
 * of a kind there is one pair, not two. */
static int find_pair(const struct packed *packed)
{
	static unsigned met[65536];
	int best = 0;

	memset(met, 0, sizeof met);
	for (size_t i = 0; i + 1 < packed->len; i++) {
		int pair = pair_at(packed, i);

		if (packed->bytes[i] == 0 || packed->bytes[i + 1] == 0)
			continue;
		if (++met[pair] > met[best])
			best = pair;
		if (i + 2 < packed->len && pair_at(packed, i + 1) == pair)
			i++;
	}
	return met[best] > 2 ? best : 0;
}

static void replace(struct packed *packed, int pair, unsigned char by)
{
	size_t to = 0;

	for (size_t i = 0; i < packed->len; i++) {
		bool is_met = i + 1 < packed->len && pair_at(packed, i) == pair;

		packed->bytes[to++] = is_met ? by : packed->bytes[i];
		i += is_met;
	}
	packed->len = to;
}

static void write_bytes(FILE *file, const char *name, const unsigned char *bytes, size_t len)
{
	fprintf(file, "static const unsigned char %s = {", name);
	for (size_t i = 0; i < len; i++)
		fprintf(file, "%s%d,", i % 20 == 0 ? "\n\t" : " ", bytes[i]);
	fprintf(file, "\n};\n");
}

int main(int argc, char **argv)
{
	static struct packed packed;
	FILE *file = argc == 2 ? fopen(argv[1], "w") : NULL;
	int pair;

	if (file == NULL) {
		fprintf(stderr, "usage: pack FILE\n");
		return 2;
	}
	for (int i = 0; i < TEXT_OPTIONS; i++)
		add(&packed, long_texts[i]);
	for (int i = 0; i < OPTION_COUNT * TEXTS_OF_OPTION; i++)
		add(&packed, long_texts_of_options[i / TEXTS_OF_OPTION][i % TEXTS_OF_OPTION]);
	for (int i = 0; i < PAIR_COUNT; i++) {
		unsigned char byte = (unsigned char)(FIRST_PAIR + i);

		if (stands_for_pair(byte) && (pair = find_pair(&packed)) != 0) {
			packed.pairs[i][0] = (unsigned char)(pair >> 8);
			packed.pairs[i][1] = (unsigned char)pair;
			replace(&packed, pair, byte);
		}
	}
	fprintf(file, "/* made by texts/pack.c */\n#define FIRST_PAIR %d\n", FIRST_PAIR);
	write_bytes(file, "packed_pairs[]", packed.pairs[0], sizeof packed.pairs);
	write_bytes(file, "packed_texts[]", packed.bytes, packed.len);
	return fclose(file) == 0 ? 0 : 1;
}
