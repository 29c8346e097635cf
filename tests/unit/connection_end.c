/* SPDX-License-Identifier: MIT */
#include "core/tcp/connection_end.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define REQUEST .hold = HOLD_REQUEST
#define DOUBT .hold = HOLD_DOUBT
#define PEACE .ender = ENDED_IN_PEACE
#define TOLD .ender = ENDED_WHEN_SIGNALLED
#define DEATH .ender = ENDED_BY_DEATH
#define TIME .ender = ENDED_BY_TIME

static const struct {
	struct connection_end end;
	enum connection_ending ending;
} table[] = {
	/* answered: which side ended it, and whether it was whole */
	{{REQUEST, PEACE, .answered = true}, CONNECTION_FINISHED},
	{{REQUEST, PEACE, .answered = true, .streamed = true}, CONNECTION_FINISHED},
	{{REQUEST, TOLD, .answered = true}, CONNECTION_FINISHED},
	{{REQUEST, DEATH, .answered = true}, CONNECTION_UNKNOWN},
	{{DOUBT, TOLD, .answered = true}, CONNECTION_UNKNOWN}, /* its server's last word */
	{{DOUBT, TOLD, .answered = true, .saw_answer = true}, CONNECTION_FINISHED},
	{{DOUBT, TIME, .answered = true}, CONNECTION_FINISHED},

	/* not answered */
	{{REQUEST, PEACE, .unanswered = true}, CONNECTION_GAVE_UP},
	{{REQUEST, TOLD, .unanswered = true}, CONNECTION_CUT},
	{{REQUEST, DEATH, .unanswered = true}, CONNECTION_CUT},
	{{DEATH, .unanswered = true}, CONNECTION_CUT}, /* it came since the last poll */
	{{REQUEST, TIME, .unanswered = true}, CONNECTION_UNKNOWN},
	{{REQUEST, TOLD, .unanswered = true, .talked = true}, CONNECTION_UNKNOWN},
	{{REQUEST, TOLD, .unanswered = true, .peer_gone = true}, CONNECTION_GAVE_UP},

	/* what came in last is a client's last word, or the next request */
	{{REQUEST, PEACE, .unanswered = true, .answered = true}, CONNECTION_FINISHED},
	{{REQUEST, TOLD, .unanswered = true, .answered = true}, CONNECTION_CUT},
	{{REQUEST, TOLD, .unanswered = true, .answered = true, .last_word = true},
		CONNECTION_FINISHED},
	{{REQUEST, TOLD, .unanswered = true, .last_word = true}, CONNECTION_CUT},
	{{TOLD, .unanswered = true, .last_word = true}, CONNECTION_HELD},

	{{REQUEST, TOLD, .unanswered = true, .answered = true, .may_be_word = true},
		CONNECTION_UNKNOWN}, /* a TLS client's close_notify that its server has not read yet */
	{{REQUEST, DEATH, .unanswered = true, .may_be_word = true}, CONNECTION_UNKNOWN},
	{{REQUEST, PEACE, .unanswered = true, .may_be_word = true}, CONNECTION_GAVE_UP},
	{{REQUEST, TOLD, .may_be_word = true},
		CONNECTION_UNKNOWN}, /* its server has sent in the same tick */
	{{REQUEST, DEATH, .may_be_word = true}, CONNECTION_UNKNOWN},
	{{REQUEST, PEACE, .may_be_word = true}, CONNECTION_GAVE_UP},
	{{REQUEST, TOLD}, CONNECTION_CUT},

	/* ties: neither is proved */
	{{DOUBT, PEACE}, CONNECTION_HELD}, {{DOUBT, TOLD}, CONNECTION_UNKNOWN},
	{{DOUBT, DEATH}, CONNECTION_UNKNOWN}, {{DOUBT, TIME}, CONNECTION_UNKNOWN},
	{{DOUBT, PEACE, .peer_gone = true}, CONNECTION_HELD},
	{{DOUBT, TOLD, .peer_gone = true}, CONNECTION_UNKNOWN},
	{{DOUBT, DEATH, .peer_gone = true, .unanswered = true}, CONNECTION_UNKNOWN},
	{{REQUEST, DEATH}, CONNECTION_CUT}, /* that there was a request is proved */
	{{REQUEST, PEACE}, CONNECTION_GAVE_UP},
	{{REQUEST, TOLD, .tied = true}, CONNECTION_UNKNOWN}, /* that one was answered is proved */
	{{REQUEST, DEATH, .tied = true}, CONNECTION_UNKNOWN},
	{{REQUEST, PEACE, .tied = true}, CONNECTION_HELD},
	{{REQUEST, DEATH, .tied = true, .peer_gone = true}, CONNECTION_UNKNOWN},
	{{REQUEST, TOLD, .tied = true, .unanswered = true}, CONNECTION_CUT},
	{{REQUEST, TOLD, .tied = true, .answered = true}, CONNECTION_FINISHED},

	/* gone between two polls, without an event */
	{{REQUEST, PEACE, .unanswered = true, .vanished = true}, CONNECTION_UNKNOWN},
	{{REQUEST, PEACE, .vanished = true}, CONNECTION_UNKNOWN},
	{{DOUBT, PEACE, .vanished = true}, CONNECTION_UNKNOWN},
	{{REQUEST, PEACE, .answered = true, .vanished = true}, CONNECTION_FINISHED},
	{{REQUEST, PEACE, .vanished = true, .peer_gone = true}, CONNECTION_GAVE_UP},
	{{REQUEST, TOLD, .unanswered = true, .vanished = true}, CONNECTION_UNKNOWN},
	{{REQUEST, DEATH, .unanswered = true, .vanished = true}, CONNECTION_UNKNOWN},
	{{PEACE, .vanished = true}, CONNECTION_HELD},
	{{TOLD, .unanswered = true, .vanished = true}, CONNECTION_UNKNOWN},
	/* its answer was in the queue, of which the kernel's times say nothing yet */
	{{REQUEST, TOLD, .unanswered = true, .answered = true, .vanished = true},
		CONNECTION_UNKNOWN},
	{{REQUEST, PEACE, .unanswered = true, .answered = true, .vanished = true},
		CONNECTION_FINISHED},

	/* unacknowledged bytes: of the client's own doing, or the network's, or ours */
	{{REQUEST, TOLD, .answered = true, .lost_bytes = 300}, CONNECTION_CUT},
	{{REQUEST, DEATH, .answered = true, .lost_bytes = 300}, CONNECTION_CUT},
	{{REQUEST, DEATH, .answered = true, .lost_bytes = 300, .peer_gone = true},
		CONNECTION_GAVE_UP},
	{{REQUEST, PEACE, .answered = true, .lost_bytes = 300}, CONNECTION_GAVE_UP},

	/* held for nothing that is known to be a request */
	{{PEACE}, CONNECTION_HELD}, {{TOLD}, CONNECTION_HELD},
	{{TOLD, .kept = true}, CONNECTION_HELD},
	{{DEATH, .kept = true}, CONNECTION_UNKNOWN}, /* its stream may have paused */
	{{DEATH, .recent = true}, CONNECTION_UNKNOWN}, /* the same */
	{{TOLD, .recent = true},
		CONNECTION_HELD}, /* a server that stops in order closes what rests */
};

static void each_end_has_its_word(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		enum connection_ending ending = connection_end_judge(&table[i].end);

		if (ending != table[i].ending)
			fail_msg("row %zu: %s, not %s", i, connection_ending_name(ending),
				connection_ending_name(table[i].ending));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(each_end_has_its_word)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
