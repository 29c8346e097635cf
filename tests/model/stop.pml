/* SPDX-License-Identifier: MIT */
/* The stop as docs/states.md describes it, a second time, for the model checker spin: it tries every sequence of
 * events, in steps of a second. At each step stop_plan.c is run over the same events: both have to come to the same
 * state and ask for the same actions. The assertions are the promises.
 *
 * The budget is docker stop's 10 s: gone by 9 s, drain 6 s, last moment 8 s; a given grace is 2 s. */

#define NEVER 99
#define DRAIN 6
#define LAST_THIRD 4
#define LAST_MOMENT 8
#define REPORT 9
#define GRACE 2
#define SHELLS 2
#define IDLE_EXIT 1
#define MINIMUM 1

/* states and actions have the numbers of enum stop_state and enum stop_action */
#define SERVING 0
#define DRAINING 1
#define TERMINATING 2
#define LEFTOVERS 3
#define KILLING 4
#define FLUSHING 5
#define DONE 6

#define SIGNAL_MAIN 1
#define KILL_MAIN 2
#define SIGNAL_OTHERS 4
#define KILL_ALL 8
#define LEAVE_MAIN 16

#define BLIND 0
#define OLD 1 /* the last poll is a second old */
#define FRESH 2

c_decl {
\#include "core/stop/stop_plan.h"
	static struct stop_plan plan;
};
/* Part of no state of the model: what stop_plan.c keeps beside it is the history of the report. */
c_track "&plan" "sizeof plan" "UnMatched";

/* settings; the application has listened, and lastcall is PID 1 */
bool signal_first, wait_main, has_grace, exits_idle, has_minimum, refused;

/* events */
byte now_s, hurries, busy, in_flight;
byte view; /* BLIND, OLD, FRESH */
bool signal, start_timed_out, main_alive, others, shells, undelivered, is_new;

/* the machine */
byte state, since, used, fewest = 255, idle_since = NEVER, asked_for;
bool killed, not_ready;

byte before; /* the state in which this step began */
bool c_agrees;

#define POLLED (view == FRESH -> now_s : now_s - 1)
#define IDLE (view != BLIND && busy == 0 && POLLED >= since)
#define LEFT (others || shells)
#define MIN(a, b) ((a) < (b) -> (a) : (b))
#define MAX(a, b) ((a) > (b) -> (a) : (b))

/* Clients go on asking, and no more of them wait than the fewest so far: in the last third, and after a poll. */
#define LULL \
	(view == FRESH && now_s >= LAST_THIRD && busy > 0 && is_new && in_flight <= fewest)
#define SERVED (!has_minimum || now_s >= MINIMUM)

#define GRACE_BEGINS \
	(not_ready -> since \
		   : MAX((IDLE -> MAX(since, idle_since) : since), \
			     (!IDLE || signal_first -> DRAIN : 0)))
#define GRACE_ENDS \
	MIN(MIN((has_grace -> GRACE_BEGINS + GRACE : NEVER), LAST_MOMENT), \
		(exits_idle && idle_since != NEVER -> idle_since + IDLE_EXIT : NEVER))

inline enter(next)
{
	state = next;
	since = now_s;
}

inline signal_application()
{
	assert(!(asked_for & SIGNAL_MAIN));
	/* work in flight has its budget */
	assert(signal_first || not_ready || hurried || now_s >= DRAIN || now_s >= LAST_THIRD ||
		(view != BLIND && busy == 0));
	enter(TERMINATING);
	asked_for = asked_for | SIGNAL_MAIN;
}

inline main_has_ended()
{
	if
	:: !LEFT -> enter(FLUSHING)
	:: LEFT && wait_main -> enter(KILLING); asked_for = asked_for | KILL_ALL
	:: else -> enter(LEFTOVERS); idle_since = NEVER; asked_for = asked_for | SIGNAL_OTHERS
	fi
}

inline take_hurry()
{
	hurried = (hurries > used);
	used = used + hurried
}

inline serve()
{
	if
	:: signal && signal_first && main_alive -> signal_application()
	:: signal && !(signal_first && main_alive) -> enter(DRAINING)
	:: !signal && !main_alive -> main_has_ended()
	:: !signal && main_alive && start_timed_out -> not_ready = true; signal_application()
	:: else -> skip
	fi
}

inline drain()
{
	if
	:: view == FRESH && in_flight < fewest -> fewest = in_flight
	:: else -> skip
	fi;
	if
	:: !main_alive -> main_has_ended()
	:: else ->
		take_hurry();
		if
		:: hurried || now_s >= DRAIN || (SERVED && (IDLE || LULL)) -> signal_application()
		:: else -> skip
		fi
	fi
}

inline terminate()
{
	if
	:: IDLE -> idle_since = MIN(idle_since, now_s)
	:: else -> idle_since = NEVER
	fi;
	if
	:: !main_alive -> main_has_ended()
	:: else ->
		hurried = false;
		if
		:: !killed -> take_hurry()
		:: else -> skip
		fi;
		if
		:: now_s >= LAST_MOMENT -> enter(KILLING); asked_for = asked_for | KILL_ALL
		:: now_s < LAST_MOMENT && refused && IDLE ->
			enter(FLUSHING); asked_for = asked_for | LEAVE_MAIN
		:: now_s < LAST_MOMENT && !(refused && IDLE) && !killed &&
			(hurried || now_s >= GRACE_ENDS) ->
			/* an application that was promised time has it */
			assert(hurried || has_grace || exits_idle);
			assert(hurried || not_ready || (view != BLIND && busy == 0) ||
				now_s >= DRAIN + GRACE);
			killed = true; asked_for = asked_for | KILL_MAIN
		:: else -> skip
		fi
	fi
}

inline wait_for_leftovers()
{
	if
	:: IDLE -> idle_since = MIN(idle_since, now_s)
	:: else -> idle_since = NEVER
	fi;
	if
	:: !LEFT -> enter(FLUSHING)
	:: else ->
		take_hurry();
		if
		:: hurried || (!others && now_s >= since + SHELLS) || now_s >= LAST_MOMENT ||
			(exits_idle && idle_since != NEVER && now_s >= idle_since + IDLE_EXIT) ->
			enter(KILLING); asked_for = asked_for | KILL_ALL
		:: else -> skip
		fi
	fi
}

inline kill()
{
	if
	:: !main_alive && !LEFT -> enter(FLUSHING)
	:: else -> asked_for = asked_for | KILL_ALL
	fi
}

inline flush()
{
	if
	:: view == BLIND || (!undelivered && POLLED >= since) -> enter(DONE)
	:: else -> skip
	fi
}

/* One step: until nothing changes any more. */
inline step()
{
	do
	:: true ->
		was = state;
		if
		:: state != SERVING && state != DONE && now_s >= REPORT ->
			asked_for = asked_for | (main_alive || LEFT -> KILL_ALL : 0);
			enter(DONE)
		:: else ->
			if
			:: state == SERVING -> serve()
			:: state == DRAINING -> drain()
			:: state == TERMINATING -> terminate()
			:: state == LEFTOVERS -> wait_for_leftovers()
			:: state == KILLING -> kill()
			:: state == FLUSHING -> flush()
			:: else -> skip
			fi
		fi;
		if
		:: was == state -> break
		:: else -> skip
		fi
	od
}

#define BEGIN_C \
	c_code { \
		struct stop_budget budget = {.timeout = 10000, .margin = 1000, .gone = 9000, \
			.drain = DRAIN * 1000, .kill_reserve = 1000}; \
		struct stop_settings settings = {.order = now.signal_first ? ORDER_SIGNAL_FIRST \
									   : ORDER_DRAIN_FIRST, \
			.wait = now.wait_main ? WAIT_MAIN : WAIT_ALL, \
			.ends_all = true, \
			.exit_when_idle = now.exits_idle ? IDLE_EXIT * 1000 : MSEC_NEVER}; \
		budget.term_grace = now.has_grace ? GRACE * 1000 : MSEC_NEVER; \
		budget.min_drain = now.has_minimum ? MINIMUM * 1000 : 0; \
		stop_plan_init(&plan, &budget, &settings); \
	}

#define STEP_C \
	c_code { \
		msec_t at = 100000 + now.now_s * 1000; \
		struct stop_facts facts = {.stop_signals = now.signal, .hurries = now.hurries, \
			.start_timed_out = now.start_timed_out, .main_alive = now.main_alive, \
			.stop_refused = now.refused, .others_alive = now.others, \
			.shells_alive = now.shells, .connections_visible = now.view != BLIND, \
			.polled_at = now.view == FRESH ? at : at - 1000, \
			.dumped_at = now.view == FRESH ? at : at - 1000, .busy = now.busy, \
			.undelivered = now.undelivered, .has_listened = true, \
			.last_arrival = 100000, .in_flight = now.in_flight, \
			.asked_since = now.busy > 0 && now.is_new ? at : MSEC_NEVER}; \
		unsigned actions = stop_plan_step(&plan, &facts, at); \
		now.c_agrees = (int)plan.state == now.state && \
			       (actions | now.asked_before) == now.asked_for; \
	}

byte asked_before;
bool hurried;
byte was;

inline choose(what)
{
	if
	:: what = 0
	:: what = 1
	fi
}

/* Without ALL, two of the six follow from the others: together they are rare, and hide what the others do. */
inline choose_settings()
{
	choose(signal_first); choose(has_grace); choose(exits_idle); choose(has_minimum);
#ifdef ALL
	choose(wait_main); choose(refused)
#else
	wait_main = (has_grace != exits_idle);
	refused = (signal_first && has_minimum && !has_grace)
#endif
}

active proctype stop()
{
	choose_settings();
	BEGIN_C;
	if
	:: signal = true; main_alive = true
	:: start_timed_out = true; main_alive = true
	:: main_alive = false
	fi;
	do
	:: atomic { state != DONE ->
		/* what happens in this second */
		if
		:: main_alive -> choose(main_alive)
		:: else -> skip
		fi;
		if
		:: hurries < 2 -> hurries++
		:: skip
		fi;
		if
		:: main_alive -> others = true; shells = false
		:: else -> choose(others); choose(shells)
		fi;
		if
		:: view = BLIND; busy = 0; in_flight = 0; is_new = false
		:: view = FRESH
		:: now_s > 0 -> view = OLD
		fi;
		if
		:: view != BLIND && !main_alive && !LEFT -> choose(undelivered)
		:: else -> undelivered = false
		fi;
		if
		:: view != BLIND ->
			if
			:: busy = 0; in_flight = 0; is_new = false
			:: busy = 1; in_flight = 1; choose(is_new)
			:: busy = 2; in_flight = 2; is_new = true
			:: busy = 1; in_flight = 0; is_new = true /* in doubt */
			fi
		:: else -> skip
		fi;
		d_step {
			before = state;
			asked_before = (state == KILLING -> asked_for & ~KILL_ALL : asked_for);
			hurried = false;
			step();
			STEP_C;
			assert(c_agrees);
			assert(state >= before && state != SERVING);
			assert(now_s < REPORT || state == DONE); /* it always ends, and in time */
			asked_for = asked_for & ~KILL_ALL;
			/* nothing of this second decides about the next one */
			busy = 0; in_flight = 0; view = BLIND; is_new = false; undelivered = false;
			others = false; shells = false; hurried = false; was = 0; before = 0;
			c_agrees = false; asked_before = 0;
			now_s++
		} }
	:: else -> break
	od;
	assert(now_s <= REPORT + 1)
}
