/* SPDX-License-Identifier: MIT */
/* Packs the long texts while the program is built, for core/unpack.c: writes packed_texts.h. It runs where the
 * compiler runs, whatever processor the program is for. */
#include "core/unpack.h"
#include "texts/long_texts.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_BYTES 32768
#define MAX_LENGTH 1024

/* What the parts take, about, in halves of a bit. */
#define COST_OF_BYTE 11
#define COST_OF_REPEAT 18

static char texts[MAX_BYTES];
static size_t size;

/* How texts[i] and what follows is told best: as a byte, or by repeating. */
static struct part {
	unsigned length, distance;
	unsigned cost; /* with all that follows */
} parts[MAX_BYTES + 1];

static struct writer {
	unsigned char bytes[MAX_BYTES];
	size_t size;
	uint32_t low, range;
} writer = {.range = UINT32_MAX};

static struct pack_model model;

static void fail(const char *what)
{
	fprintf(stderr, "pack: %s\n", what);
	exit(1);
}

static void add_text(const char *text)
{
	size_t len = strlen(text);

	for (const char *c = text; *c != '\0'; c++) {
		if ((unsigned char)*c > 127)
			fail("only ASCII can be packed");
	}
	if (len + 1 > sizeof texts - size)
		fail("there is no room for so many texts");
	memcpy(texts + size, text, len + 1);
	size += len + 1;
}

static unsigned bits_behind_first(unsigned number)
{
	unsigned bits = 0;

	while (number >> (bits + 1) > 0)
		bits++;
	return bits;
}

/* Takes repeats from this distance, as long as they may be, where that is cheaper. */
static void try_distance(size_t i, unsigned distance)
{
	for (unsigned length = 1; i + length <= size && length <= MAX_LENGTH; length++) {
		unsigned cost;

		if (texts[i + length - 1] != texts[i + length - 1 - distance])
			return;
		cost = parts[i + length].cost + COST_OF_REPEAT + 2 * bits_behind_first(distance) +
		       bits_behind_first(length);
		if (length > 1 && cost < parts[i].cost)
			parts[i] = (struct part){length, distance, cost};
	}
}

/* From the end: what follows is told best already. */
static void find_parts(void)
{
	for (size_t i = size; i-- > 0;) {
		parts[i] = (struct part){1, 0, parts[i + 1].cost + COST_OF_BYTE};
		for (unsigned distance = 1; distance <= i; distance++)
			try_distance(i, distance);
	}
}

static void put_byte(unsigned char byte)
{
	if (writer.size == sizeof writer.bytes)
		fail("the texts are larger when they are packed");
	writer.bytes[writer.size++] = byte;
}

static void put_bit(uint16_t *likelihood, unsigned bit)
{
	uint32_t bound = (writer.range >> 12) * *likelihood;

	if (bit != 0) {
		if (writer.low + bound < bound) { /* carried */
			for (size_t i = writer.size; ++writer.bytes[--i] == 0;)
				continue;
		}
		writer.low += bound;
		writer.range -= bound;
		*likelihood = (uint16_t)(*likelihood - (*likelihood >> PACK_SHIFT));
	} else {
		writer.range = bound;
		*likelihood = (uint16_t)(*likelihood + ((4096 - *likelihood) >> PACK_SHIFT));
	}
	for (; writer.range >> 24 == 0; writer.range <<= 8, writer.low <<= 8)
		put_byte((unsigned char)(writer.low >> 24));
}

/* The lower bits of what has a 1 above them. */
static void put_tree(uint16_t *tree, unsigned bits, unsigned value)
{
	while (bits-- > 0) {
		unsigned node = value >> (bits + 1);

		put_bit(&tree[node < PACK_NODES ? node : 0], value >> bits & 1);
	}
}

static void put_number(uint16_t trees[16][PACK_NODES], unsigned number)
{
	unsigned size = bits_behind_first(number);

	put_tree(trees[15], 4, 16 | size);
	put_tree(trees[size], size, number);
}

static void put_parts(void)
{
	unsigned before = 0, is_repeat = 0;

	for (size_t i = 0; i < size; i += parts[i].length) {
		const struct part *part = &parts[i];

		put_bit(&model.is_repeat[is_repeat], part->distance > 0);
		is_repeat = part->distance > 0;
		if (is_repeat != 0) {
			put_number(model.lengths, part->length - 1);
			put_number(model.distances, part->distance);
		} else {
			put_tree(model.bytes[before >> 4], 7, 128 | (unsigned char)texts[i]);
		}
		before = (unsigned char)texts[i + part->length - 1];
	}
	for (int i = 0; i < 4; i++, writer.low <<= 8)
		put_byte((unsigned char)(writer.low >> 24));
}

static void pack_texts(void)
{
	static char unpacked[MAX_BYTES];

	for (int i = 0; i < TEXT_OPTIONS; i++)
		add_text(long_texts[i]);
	for (int i = 0; i < OPTION_COUNT * TEXTS_OF_OPTION; i++)
		add_text(option_texts[i / TEXTS_OF_OPTION].texts[i % TEXTS_OF_OPTION]);
	pack_model_init(&model);
	find_parts();
	put_parts();
	unpack(writer.bytes, unpacked, size);
	if (memcmp(unpacked, texts, size) != 0)
		fail("what is unpacked is something else");
}

static void write_bytes(FILE *file, const void *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		fprintf(file, "%s%d,", i % 20 == 0 ? "\n\t" : " ",
			((const unsigned char *)bytes)[i]);
}

int main(int argc, char **argv)
{
	FILE *file = argc == 2 ? fopen(argv[1], "w") : NULL;

	if (file == NULL)
		fail("usage: pack FILE");
	pack_texts();
	fprintf(file, "#define UNPACKED_BYTES %zu\n", size);
	fprintf(file, "static const unsigned char packed_texts[] = {");
	write_bytes(file, writer.bytes, writer.size);
	fprintf(file, "\n};\nstatic const unsigned char option_words[] = {");
	for (int i = 0; i < OPTION_COUNT * WORDS_OF_OPTION; i++) {
		const char *word = option_texts[i / WORDS_OF_OPTION].words[i % WORDS_OF_OPTION];

		write_bytes(file, word, strlen(word) + 1);
	}
	fprintf(file, "\n};\n");
	return fclose(file) == 0 ? 0 : 1;
}
