/* SPDX-License-Identifier: MIT */
#include "lastcall/end_diagnosis.h"

#include "core/text/duration.h"
#include "core/recognise/server_signal.h"
#include "core/text/signal_name.h"
#include "core/stop/stop_signal.h"
#include "lastcall/stop_facts.h"

#include <signal.h>

/* When it is seen matters, not when the main process ends: Apache's takes another second. */
void end_diagnosis_note_cut(struct stop *s, msec_t now)
{
	if (s->history.first_cut_at == MSEC_NEVER &&
		connection_watch_tracker(s->watch)->totals.cut > 0)
		s->history.first_cut_at = now;
}

/* What would have let a known server finish its work: another signal than the user's, or a setting of its
 * own. The signal that we chose by ourselves was the right one. */
static void add_advice(struct text *text, const struct stop *s)
{
	const struct server_signal *server = server_signal_of(&s->app.program);
	int received = s->stop_signal > 0 ? s->stop_signal : SIGTERM;
	const char *finishing;

	if (server == NULL || !server->finishes)
		return;
	finishing = signal_name(server->finishing);
	if (s->app.stop_signal == server->finishing && server->needs[0] != '\0')
		text_printf(text, "; it finishes them only with %s", server->needs);
	if (s->app.stop_signal == server->finishing ||
		!stop_signal_is_chosen(s->options, s->stop_signal))
		return;
	text_printf(text, "; it finishes them on %s: give ", finishing);
	if (s->options->rewrite[received] != received) /* that wins */
		text_printf(text, "--rewrite=%s:%s", signal_name(received) + 3, finishing + 3);
	else
		text_printf(text, "--stop-signal=%s", finishing);
}

void end_diagnosis_log_cut(struct stop *s)
{
	const struct stop_outcome_facts facts = stop_facts_of_outcome(s);
	msec_t cut_at = stop_outcome_cut_at(&s->plan, &facts);
	const char *name = s->app.program.name; /* empty without /proc */
	char took[DURATION_TEXT_BYTES], advice_bytes[96];
	struct text advice;

	if (cut_at == MSEC_NEVER)
		return;
	text_init(&advice, advice_bytes, sizeof advice_bytes);
	add_advice(&advice, s);
	log_event(s->log, LOG_WARNING, "died_with_work", "'%s' cut %u busy %s %s after %s%s",
		*name != '\0' ? name : s->options->command[0], facts.cut,
		facts.cut == 1 ? "connection" : "connections",
		duration_text(took, msec_left(cut_at, s->plan.entered[STOP_TERMINATING])),
		signal_name(s->app.stop_signal), advice.buf);
}

void end_diagnosis_note_exit(struct stop *s, msec_t now)
{
	const struct stop_outcome_facts facts = stop_facts_of_outcome(s);
	bool is_unasked = stop_outcome_is_unasked(&s->plan, &facts);
	int exit_code = s->app.end.exit_code;

	/* its sockets ended a moment before it did: at the stop some may have been gone already */
	s->history.unseen_at_stop |= is_unasked && (s->plan.state == STOP_SERVING ||
							   connection_watch_app_died_at(s->watch,
								   now) - s->plan.started <=
								   RECENT_ENDS_MS);
	connection_watch_app_died(s->watch, is_unasked ? exit_code == 0 : exit_code >= 0, now);
}
