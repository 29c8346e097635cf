/* SPDX-License-Identifier: MIT */
#include "core/unpack.h"

struct reader {
	const unsigned char *at;
	uint32_t range, value;
};

void pack_model_init(struct pack_model *model)
{
	for (size_t i = 0; i < sizeof *model / sizeof(uint16_t); i++)
		((uint16_t *)model)[i] = PACK_EVEN;
}

static unsigned take_bit(struct reader *reader, uint16_t *likelihood)
{
	uint32_t bound = (reader->range >> 12) * *likelihood;
	unsigned bit = reader->value >= bound;

	if (bit != 0) {
		reader->value -= bound;
		reader->range -= bound;
		*likelihood = (uint16_t)(*likelihood - (*likelihood >> PACK_SHIFT));
	} else {
		reader->range = bound;
		*likelihood = (uint16_t)(*likelihood + ((4096 - *likelihood) >> PACK_SHIFT));
	}
	for (; reader->range >> 24 == 0; reader->range <<= 8)
		reader->value = reader->value << 8 | *reader->at++;
	return bit;
}

/* So many bits behind a 1, the highest first. */
static unsigned take_tree(struct reader *reader, uint16_t *tree, unsigned bits)
{
	unsigned node = 1;

	while (bits-- > 0)
		node = node << 1 | take_bit(reader, &tree[node < PACK_NODES ? node : 0]);
	return node;
}

static unsigned take_number(struct reader *reader, uint16_t trees[16][PACK_NODES])
{
	unsigned size = take_tree(reader, trees[15], 4) & 15;

	return take_tree(reader, trees[size], size);
}

void unpack(const unsigned char *packed, char *ret_bytes, size_t size)
{
	struct pack_model model;
	struct reader reader = {.at = packed, .range = UINT32_MAX};
	unsigned before = 0, is_repeat = 0;

	pack_model_init(&model);
	for (int i = 0; i < 4; i++)
		reader.value = reader.value << 8 | *reader.at++;
	for (size_t i = 0; i < size;) {
		unsigned length = 1, distance = 0;

		is_repeat = take_bit(&reader, &model.is_repeat[is_repeat]);
		if (is_repeat != 0) {
			length += take_number(&reader, model.lengths);
			distance = take_number(&reader, model.distances);
		} else {
			ret_bytes[i] =
				(char)(take_tree(&reader, model.bytes[before >> 4], 7) & 127);
		}
		for (; length > 0; length--, i++) {
			if (is_repeat != 0)
				ret_bytes[i] = ret_bytes[i - distance];
			before = (unsigned char)ret_bytes[i];
		}
	}
}
