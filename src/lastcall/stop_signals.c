/* SPDX-License-Identifier: MIT */
#include "lastcall/stop_signals.h"

#include "core/stop/stop_signal.h"
#include "core/stop/stop_wakeup.h"
#include "lastcall/stop_log.h"
#include "sys/terminal.h"

#include <signal.h>

bool stop_signals_begins(struct stop *s, int signal)
{
	const struct options *options = s->options;

	if (app_main_is_alive(&s->app) &&
		(stop_signal_depends_on_program(signal) ||
			stop_signal_depends_on_program(options->rewrite[signal])))
		app_read_program(&s->app);
	return stop_signal_begins_stop(options, s->container, &s->app.program, signal);
}

/* A key of the terminal that controls us: a person is there. What a process or an engine sends is none. */
static bool is_ctrl_c(const struct signal_received *received)
{
	return received->number == SIGINT && received->from_kernel &&
	       terminal_foreground_group() >= 0;
}

void stop_signals_take(struct stop *s, const struct signal_received *received)
{
	int signal = received->number;
	bool hurries;

	log_release(s->log);
	if (s->stop_signals++ == 0) {
		if (s->plan.state == STOP_SERVING)
			s->stop_signal = signal;
		else
			stop_log_goes_on(s, signal);
		return;
	}
	/* the kernel hands over by number what came in any order, and most applications handle this one */
	if (s->plan.state == STOP_SERVING && !s->plan.budget.at_once && signal == SIGTERM) {
		signal = s->stop_signal;
		s->stop_signal = SIGTERM;
	}
	hurries = s->options->hurry || is_ctrl_c(received); /* orchestrators retry */
	s->hurries += hurries;
	stop_log_again(s, signal, hurries);
}

/* Where there is no time to drain nothing is replaced, as with --drain=off. */
int stop_signals_choose(const struct stop *s)
{
	const struct options *options = s->options;

	if (s->plan.budget.at_once && s->stop_signal > 0 &&
		!stop_signal_is_chosen(options, s->stop_signal))
		return s->stop_signal;
	return stop_signal_to_send(
		options, &s->app.program, s->stop_signal, stop_plan_leaves_work(&s->plan));
}

int stop_signals_plain(const struct stop *s)
{
	return stop_signal_to_send_when_done(
		s->options, &s->app.program, s->stop_signal, s->app.stop_signal);
}

msec_t stop_signals_plain_at(const struct stop *s)
{
	return stop_wakeup_plain_signal_at(
		&s->plan, s->plan.state == STOP_TERMINATING && stop_signals_plain(s) != 0);
}
