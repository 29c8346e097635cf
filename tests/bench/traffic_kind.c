/* SPDX-License-Identifier: MIT */
#include "bench/traffic_kind.h"

#define MS 1000u

uint64_t random_next(struct random *random)
{
	/* splitmix64 */
	uint64_t z = random->state += UINT64_C(0x9E3779B97F4A7C15);

	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return z ^ z >> 31;
}

unsigned random_below(struct random *random, unsigned limit)
{
	return (unsigned)(random_next(random) % limit);
}

unsigned random_between(struct random *random, unsigned low, unsigned high)
{
	return low + random_below(random, high - low + 1);
}

bool random_percent(struct random *random, unsigned percent)
{
	return random_below(random, 100) < percent;
}

/* Long enough to be looked at: from just above a delayed acknowledgement to longer than any hold. */
static unsigned long_us(struct random *random)
{
	unsigned percent = random_below(random, 100);

	if (percent < 50)
		return random_between(random, 45 * MS, 400 * MS);
	if (percent < 85)
		return random_between(random, 400 * MS, 2500 * MS);
	return random_between(random, 2500 * MS, 9000 * MS);
}

static unsigned fast_us(struct random *random)
{
	return random_percent(random, 60) ? 0 : random_below(random, 8 * MS);
}

static unsigned answer_bytes(unsigned index)
{
	static const unsigned sizes[] = {200, 200, 200, 20000, 200000};

	return sizes[index % (sizeof sizes / sizeof *sizes)];
}

static struct answer_plan plan(const struct script_state *state, unsigned delay_us)
{
	return (struct answer_plan){
		.id = state->index,
		.delay_us = delay_us,
		.bytes = answer_bytes(state->index),
		.split = state->index / 5 % 4,
	};
}

/* Bursts of fast requests, one right after the other's answer. Each burst ends with a slow request
 * that is sent in the same tick as the last answer came, or with a pause. */
static void next_tie(struct script_state *state, struct random *random, struct act *act)
{
	act->count = 1;
	if (state->burst_left > 0) {
		state->burst_left--;
		act->plans[0] = plan(state, fast_us(random));
		return;
	}
	state->burst_left = random_between(random, 1, random_percent(random, 50) ? 4 : 30);
	if (random_percent(random, 50)) {
		act->plans[0] = plan(state, long_us(random));
		return;
	}
	act->think_us = long_us(random);
	act->reconnect = random_percent(random, 10);
	act->plans[0] = plan(state, fast_us(random));
}

/* The same without ever a slow request: what is idle here must be seen to be. */
static void next_fast(struct script_state *state, struct random *random, struct act *act)
{
	act->count = 1;
	act->plans[0] = plan(state, fast_us(random));
	if (state->burst_left-- > 0)
		return;
	state->burst_left = random_between(random, 1, 30);
	act->think_us = long_us(random);
	act->reconnect = random_percent(random, 5);
}

static void next_open(struct script_state *state, struct random *random, struct act *act)
{
	act->count = 1;
	act->think_us =
		random_percent(random, 70) ? random_below(random, 300 * MS) : long_us(random);
	act->plans[0] = plan(state, random_percent(random, 70) ? fast_us(random) : long_us(random));
}

static void next_pipelined(struct script_state *state, struct random *random, struct act *act)
{
	act->count = random_between(random, 2, PIPELINE_MAX);
	act->one_by_one = random_percent(random, 50);
	act->think_us = random_percent(random, 50) ? 0 : long_us(random);
	for (unsigned i = 0; i < act->count; i++)
		act->plans[i] =
			plan(state, random_percent(random, 80) ? fast_us(random) : long_us(random));
}

static void next_upload(struct script_state *state, struct random *random, struct act *act)
{
	act->count = 1;
	act->think_us = random_percent(random, 50) ? 0 : long_us(random);
	act->pieces = random_between(random, 2, 8);
	act->piece_bytes = random_between(random, 1, 8000);
	act->piece_gap_us = random_between(random, 5 * MS, 1000 * MS);
	act->plans[0] = plan(state, random_percent(random, 50) ? fast_us(random) : long_us(random));
}

static void next_slow_reader(struct script_state *state, struct random *random, struct act *act)
{
	act->count = 1;
	act->think_us = random_percent(random, 30) ? 0 : long_us(random);
	act->plans[0] = plan(state, fast_us(random));
	act->plans[0].bytes = random_between(random, 3000000, 8000000);
	act->read_bytes = random_between(random, 20000, 200000);
	act->read_gap_us = random_between(random, 10 * MS, 50 * MS);
}

static void next_chunked(struct script_state *state, struct random *random, struct act *act)
{
	act->count = 1;
	act->think_us = random_percent(random, 50) ? 0 : long_us(random);
	act->plans[0] = plan(state, fast_us(random));
	act->plans[0].bytes = 500;
	act->plans[0].chunks = random_between(random, 2, 8);
	act->plans[0].gap_us = random_between(random, 20 * MS, 1500 * MS);
}

static void next_continue(struct script_state *state, struct random *random, struct act *act)
{
	next_upload(state, random, act);
	act->expect_continue = true;
}

static void next_half(struct script_state *state, struct random *random, struct act *act)
{
	act->count = 1;
	act->think_us = long_us(random);
	act->reconnect = true;
	act->half_close = true;
	act->plans[0] = plan(state, random_percent(random, 20) ? fast_us(random) : long_us(random));
}

static void next_frame(struct script_state *state, struct random *random, struct act *act)
{
	act->count = 1;
	act->think_us = random_percent(random, 40) ? 0 : long_us(random);
	act->plans[0] = plan(state, random_percent(random, 70) ? fast_us(random) : long_us(random));
	act->frame = true;
	act->frame_reply = random_percent(random, 70);
}

static void next_never(struct script_state *state, struct random *random, struct act *act)
{
	(void)state;
	(void)random;
	act->think_us = 3600 * 1000 * MS;
}

static void next_h2(struct script_state *state, struct random *random, struct act *act)
{
	act->count = random_between(random, 1, 3);
	act->think_us = random_percent(random, 50) ? 0 : long_us(random);
	for (unsigned i = 0; i < act->count; i++)
		act->plans[i] =
			plan(state, random_percent(random, 70) ? fast_us(random) : long_us(random));
}

const struct traffic_kind traffic_kinds[] = {
	{"tie", next_tie, WIRE_PLAIN, ADDRESS_V4, 250, true, true,
		"keep-alive, bursts that end with a slow request or a pause"},
	{"one", next_tie, WIRE_PLAIN, ADDRESS_V4, 1, true, true, "the same, a single connection"},
	{"fast", next_fast, WIRE_PLAIN, ADDRESS_V4, 250, true, true, "never a slow request"},
	{"open", next_open, WIRE_PLAIN, ADDRESS_V4, 250, true, true, "pauses between requests"},
	{"upload", next_upload, WIRE_PLAIN, ADDRESS_V4, 250, true, true, "bodies that trickle in"},
	{"slow-reader", next_slow_reader, WIRE_PLAIN, ADDRESS_V4, 60, true, true,
		"answers of megabytes, read slowly"},
	{"half-closed", next_half, WIRE_PLAIN, ADDRESS_V4, 250, true, true,
		"the client sends FIN after its request"},
	{"never-used", next_never, WIRE_PLAIN, ADDRESS_V4, 250, true, true, "opened, nothing sent"},
	{"ipv6", next_tie, WIRE_PLAIN, ADDRESS_V6, 250, true, true, "tie over IPv6"},
	{"v4-mapped", next_tie, WIRE_PLAIN, ADDRESS_MAPPED, 250, true, true, "tie, IPv4 over ::"},
	{"many", next_open, WIRE_PLAIN, ADDRESS_V4, 10000, true, true, "open, 10,000 connections"},
	{"tls", next_tie, WIRE_TLS, ADDRESS_V4, 100, true, true, "tie over TLS, nginx in front"},
	{"tls-open", next_open, WIRE_TLS, ADDRESS_V4, 100, true, true, "open over TLS"},
	{"tls-never-used", next_never, WIRE_TLS, ADDRESS_V4, 100, true, true,
		"a handshake and nothing more"},
	{"pipelined", next_pipelined, WIRE_PLAIN, ADDRESS_V4, 250, false, true,
		"blind: a later request read before an earlier answer was sent"},
	{"chunked", next_chunked, WIRE_PLAIN, ADDRESS_V4, 250, false, true,
		"blind: a stream that pauses"},
	{"continue", next_continue, WIRE_PLAIN, ADDRESS_V4, 250, false, true,
		"blind: a body awaited after 100 Continue"},
	{"frames", next_frame, WIRE_PLAIN, ADDRESS_V4, 250, false, false,
		"WebSocket-like: messages that need no answer look like work"},
	{"h2", next_h2, WIRE_H2, ADDRESS_V4, 100, false, false, "HTTP/2, nginx in front"},
	{"h2-tls", next_h2, WIRE_H2_TLS, ADDRESS_V4, 100, false, false, "HTTP/2 over TLS"},
};
const size_t traffic_kind_count = sizeof traffic_kinds / sizeof *traffic_kinds;
