/* SPDX-License-Identifier: MIT */
/* What the files of the load share, and nobody else: its members, and the steps of a run. load.c has the
 * life, load_settings.c what is asked for, load_member.c one connection, load_ramp.c all before the stop,
 * load_stop.c all after it. */
#pragma once

#include "drill/attempt_list.h"
#include "drill/load.h"

#include <sys/resource.h>

#define LOAD_NEVER INT64_MAX
#define NO_ATTEMPT SIZE_MAX

/* Which request a member asks: one of A's kinds, or one of these. */
enum { REQUEST_KEEP_ALIVE = LOAD_MAX_IN_FLIGHT, REQUEST_FRESH, REQUEST_COUNT };

/* A connection of a cohort, with its place in it. */
struct member {
	struct client client; /* first: so is its owner found */
	struct load *load;
	enum cohort cohort;
	const struct request *request; /* D has none */
	uint32_t connection; /* its number; a new one for each new connection */
	size_t attempt, last_attempt; /* NO_ATTEMPT: none is under way; none has ended */
	int64_t not_before_us; /* before the stop: when it may begin again */
	int64_t waiting_due_us; /* B: asks when its connection is free; LOAD_NEVER: nothing waits */
	bool is_in_server;
	bool was_let_go; /* B: answered, by a server that said it would not keep the connection */
	struct lesson *lesson; /* what it is to learn; NULL: it is no teacher */
	struct member *previous, *next; /* C, E and teachers, which come and go */
};

/* BODY_SAME: the answer that the others are held against is asked for once, as fast as it comes. */
struct lesson {
	struct request request, *taught; /* as fast as it comes; what is asked later */
	struct client_capture answer;
	bool is_needed;
	bool is_being_learned;
	size_t last_attempt;
	int64_t not_before_us;
};

enum load_step { LOAD_NEW, LOAD_RAMPING, LOAD_STOPPING, LOAD_FINISHING, LOAD_DONE };

struct load {
	struct ev_loop *loop;
	struct load_settings settings;
	struct load_events events;
	struct client_group group;
	struct rlimit limit_before; /* of descriptors: what others that we start are to have */
	enum load_step step;
	bool is_ready, was_unready;
	char unready_reason[240];
	struct request requests[REQUEST_COUNT];
	struct lesson lessons[REQUEST_COUNT];
	struct member *in_flight, *keep_alive, *preconnected;
	unsigned in_flight_count;
	struct member *others; /* C, E and teachers */
	struct attempt_list attempts;
	uint32_t connections;
	size_t client_errors;
	int last_client_error;
	int64_t ready_deadline_us, t0_us, exit_us;
	int64_t fresh_from_us;
	uint64_t fresh_begun;
	ev_timer ramp, fresh, burst, after_exit, finish, done;
	struct {
		ev_timer timer;
		unsigned index;
	} offsets[LOAD_MAX_OFFSETS];
};

/* load_settings.c */
unsigned load_count_in_flight(const struct load_settings *settings);

/* For the counts it has to suffice; that C's worst case needs less than the limit is not asked for. */
int load_raise_descriptor_limit(const struct load_settings *settings, struct rlimit *ret_before);

/* load.c */
void load_check_done(struct load *load);

/* load_member.c */
void member_init(struct member *member, struct load *load, enum cohort cohort,
	const struct request *request);
struct member *member_new(struct load *load, enum cohort cohort, const struct request *request);
void member_free(struct member *member);
void member_ask(struct member *member, int64_t due_us);
void member_connect(struct member *member);
void member_on_end(struct client *client, const struct client_end *end);
void member_let_go(struct member *member);
void member_give_up(struct member *member);

/* load_ramp.c */
void load_ramp_start(struct load *load);
void load_ramp_stop(struct load *load);
void load_ramp_member_ended(struct member *member, const struct client_end *end);
void load_lesson_ended(const struct member *teacher, const struct client_end *end);

/* load_stop.c */
void load_stop_init(struct load *load);
void load_fresh_start(struct load *load, int64_t now_us);
void load_stop_start(struct load *load);
void load_stop_member_ended(struct member *member);
void load_stop_timers_stop(struct load *load);
