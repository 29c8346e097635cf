/* SPDX-License-Identifier: MIT */
#include "drill/output/progress.h"

#include "host/terminal.h"
#include "sys/monoclock.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define BAR_WIDTH 24
#define TICK_SECONDS 0.1

static const struct {
	const char *word;
	double share; /* of a run, when it begins */
} stages[] = {
	[PROGRESS_STARTING] = {"starting", 0},
	[PROGRESS_LOADING] = {"loading", 0.2},
	[PROGRESS_STOPPING] = {"stopping", 0.5},
	[PROGRESS_FINISHING] = {"finishing", 0.9},
};
_Static_assert(sizeof(stages) / sizeof(*stages) == PROGRESS_STAGE_COUNT, "a stage has no word");

static void draw(const struct progress *progress)
{
	double seconds = (double)(monoclock_now_us() - progress->stage_began_us) / 1e6;
	double done = stages[progress->stage].share;
	char bar[BAR_WIDTH + 1];
	int full;

	if (!progress->is_control)
		done = (progress->run - 1 + done) / progress->runs;
	full = (int)(done * BAR_WIDTH);
	memset(bar, '#', (size_t)full);
	memset(bar + full, '-', (size_t)(BAR_WIDTH - full));
	bar[BAR_WIDTH] = '\0';
	if (progress->is_control)
		(void)fprintf(stderr, "\r[%s] control", bar);
	else
		(void)fprintf(stderr, "\r[%s] run %u of %u", bar, progress->run, progress->runs);
	(void)fprintf(stderr, ": %s %.1f s", stages[progress->stage].word, seconds);
	if (progress->load != NULL)
		(void)fprintf(stderr, ", %zu in flight", load_count(progress->load).in_flight);
	(void)fputs("\033[K", stderr);
}

static void on_tick(struct ev_loop *loop, ev_timer *timer, int events)
{
	(void)loop;
	(void)events;
	draw(timer->data);
}

void progress_init(struct progress *progress, struct ev_loop *loop, bool is_off)
{
	*progress = (struct progress){
		.loop = loop,
		.is_off = is_off,
		.is_terminal = terminal_of(stderr).is_live,
	};
	ev_timer_init(&progress->tick, on_tick, TICK_SECONDS, TICK_SECONDS);
	progress->tick.data = progress;
}

void progress_clear(struct progress *progress)
{
	if (!progress->is_off && progress->is_terminal)
		(void)fputs("\r\033[K", stderr);
}

void progress_done(struct progress *progress)
{
	ev_timer_stop(progress->loop, &progress->tick);
	progress_clear(progress);
}

void progress_begin_run(struct progress *progress, unsigned number, unsigned runs)
{
	progress->is_control = number == 0;
	progress->run = number;
	progress->runs = runs;
	progress_enter(progress, PROGRESS_STARTING, NULL);
	if (!progress->is_off && progress->is_terminal)
		ev_timer_again(progress->loop, &progress->tick);
}

void progress_enter(struct progress *progress, enum progress_stage stage, const struct load *load)
{
	progress->stage = stage;
	progress->stage_began_us = monoclock_now_us();
	progress->load = load;
	if (!progress->is_off && progress->is_terminal)
		draw(progress);
}

void progress_end_run(struct progress *progress, const struct run *run)
{
	const struct run_numbers *numbers = &run->numbers;

	progress->load = NULL;
	ev_timer_stop(progress->loop, &progress->tick);
	progress_clear(progress);
	if (progress->is_off)
		return;
	if (progress->is_control)
		(void)fputs("control", stderr);
	else
		(void)fprintf(stderr, "run %u of %u", progress->run, progress->runs);
	(void)fprintf(stderr, ": %u of %u in flight answered", numbers->in_flight_completed,
		numbers->in_flight_at_stop);
	if (isnan(numbers->stop_wall_s))
		(void)fputs(run->is_deployment ? "\n" : ", still there\n", stderr);
	else
		(void)fprintf(stderr, ", %s in %.3f s\n",
			run->is_deployment ? "deployed" : "stopped", numbers->stop_wall_s);
}
