/* SPDX-License-Identifier: MIT */
#include "plan/output/time_page.h"

#include "core/text/duration.h"
#include "host/core/clean_text.h"
#include "plan/core/setting_text.h"
#include "plan/output/gantt_text.h"
#include "plan/output/time_values.h"
#include "host/wrapped.h"

#include <inttypes.h>
#include <string.h>

#define SAVES_COLUMNS 17
#define SETTING_COLUMN (2 + SAVES_COLUMNS + 1 + 9)

struct page {
	const struct time_plan *plan;
	const struct terminal *terminal;
	FILE *out;
};

static const char *tone(const struct page *page, enum tone tone)
{
	return terminal_tone(page->terminal, tone);
}

#define RANGE_BYTES (2 * DURATION_TEXT_BYTES + 8)

/* "6m40s", or "11m20s to 33m20s". Returns buf. */
static const char *range(char buf[static RANGE_BYTES], int64_t lower, int64_t upper)
{
	char a[DURATION_TEXT_BYTES], b[DURATION_TEXT_BYTES];

	if (lower == upper)
		(void)snprintf(buf, RANGE_BYTES, "%s", duration_text(a, upper));
	else
		(void)snprintf(buf, RANGE_BYTES, "%s to %s", duration_text(a, lower),
			duration_text(b, upper));
	return buf;
}

static const char *task_word(const struct page *page)
{
	return page->plan->inputs.platform == PLAN_KUBERNETES ? "pod" : "task";
}

static void put_heading(const struct page *page, const char *heading)
{
	(void)fprintf(
		page->out, "\n%s%s%s\n", tone(page, TONE_BOLD), heading, tone(page, TONE_PLAIN));
}

static void put_name(const struct page *page)
{
	char clean[CLEAN_TEXT_BYTES(128)], name[129];

	if (page->plan->inputs.name == NULL)
		return;
	(void)snprintf(name, sizeof name, "%.128s", page->plan->inputs.name);
	(void)fprintf(page->out, "%s: ", clean_text(clean, sizeof clean, name));
}

static void put_moment(const struct page *page, const char *what, int64_t lower, int64_t upper)
{
	char text[RANGE_BYTES];

	(void)fprintf(page->out, "  %-30s%s\n", what, range(text, lower, upper));
}

static void put_percent(const struct page *page, enum plan_input input)
{
	const struct time_plan *plan = page->plan;
	char line[96];
	struct text text;

	text_init(&text, line, sizeof line);
	setting_text_add_percent(&text, plan->inputs.spelling, input,
		input == PLAN_MAX_PERCENT ? plan->freeing_max : plan->freeing_min);
	(void)fputs(line, page->out);
}

static void put_stuck(const struct page *page)
{
	const struct time_plan *plan = page->plan;
	const struct rollout *r = &plan->upper;
	const bool by_max = time_plan_frees_by_max(plan);

	put_name(page);
	(void)fprintf(page->out, "%sstuck%s: no %s may stop and none may start\n",
		tone(page, TONE_BAD), tone(page, TONE_PLAIN), task_word(page));
	(void)fprintf(page->out,
		"\n  desired %" PRId64 "\n  at least %" PRId64
		" healthy (minimumHealthyPercent %d, rounded "
		"up)\n  at most %" PRId64 " running (maximumPercent %d, rounded down)\n",
		r->tasks, r->floor, (int)plan_input(&plan->inputs, PLAN_MIN_PERCENT), r->ceiling,
		(int)plan_input(&plan->inputs, PLAN_MAX_PERCENT));
	put_heading(page, "The smallest change that frees it");
	(void)fprintf(page->out, "  %s", tone(page, TONE_GOOD));
	put_percent(page, by_max ? PLAN_MAX_PERCENT : PLAN_MIN_PERCENT);
	(void)fputs(tone(page, TONE_PLAIN), page->out);
	if (!by_max || plan->freeing_min >= 0) {
		(void)fputs("\n  or ", page->out);
		put_percent(page, by_max ? PLAN_MIN_PERCENT : PLAN_MAX_PERCENT);
		if (by_max && plan->freeing_min == 0)
			(void)fputs(", with an outage", page->out);
	}
	(void)fputc('\n', page->out);
}

static void put_answer(const struct page *page)
{
	const struct rollout *low = &page->plan->lower, *up = &page->plan->upper;
	const bool is_shift = up->all_traffic != up->all_new;
	char text[RANGE_BYTES];

	put_name(page);
	(void)fprintf(page->out, "the deployment takes %s%s%s\n\n", tone(page, TONE_BOLD),
		range(text, low->complete, up->complete), tone(page, TONE_PLAIN));
	put_moment(page, "all new are healthy", low->all_new, up->all_new);
	if (is_shift)
		put_moment(page, "they have all traffic", low->all_traffic, up->all_traffic);
	put_moment(page, "the last old one is gone", low->old_gone, up->old_gone);
	(void)fprintf(page->out, "  %-30s%" PRId64 " of %" PRId64 "\n",
		"serving at the worst moment", up->least_healthy, up->tasks);
	(void)fprintf(page->out, "  %-30s%" PRId64, "running at the peak", up->most_running);
	if (low->most_running != up->most_running)
		(void)fprintf(page->out, " to %" PRId64, low->most_running);
	(void)fputc('\n', page->out);
}

static void put_pace(const struct page *page)
{
	const struct time_plan *plan = page->plan;
	const struct rollout *r = &plan->upper;
	char text[512], strategy[64];
	struct text words;

	text_init(&words, strategy, sizeof strategy);
	if (plan->inputs.platform == PLAN_ECS)
		plan_value_add(&words, PLAN_STRATEGY, &plan->inputs.values[PLAN_STRATEGY]);
	else if (plan->inputs.platform == PLAN_KUBERNETES)
		plan_value_add(&words, PLAN_KIND, &plan->inputs.values[PLAN_KIND]);
	else
		plan_value_add(&words, PLAN_ORDER, &plan->inputs.values[PLAN_ORDER]);
	(void)snprintf(text, sizeof text,
		"%s, %s: %" PRId64 " %s%s, %" PRId64 " at once, %" PRId64
		" wave%s. At least %" PRId64 " healthy, at most %" PRId64 " running.",
		plan_platform_name(plan->inputs.platform), strategy, r->tasks, task_word(page),
		r->tasks == 1 ? "" : "s", r->batch < r->tasks ? r->batch : r->tasks, r->waves,
		r->waves == 1 ? "" : "s", r->floor, r->ceiling);
	(void)fputs("  ", page->out);
	wrapped_write(page->out, text, 2, 2);
}

static void add_part(struct text *text, const char *name, int64_t duration)
{
	char part[DURATION_TEXT_BYTES];

	if (duration == 0)
		return;
	text_printf(
		text, "%s%s %s", text->len > 0 ? " + " : "", name, duration_text(part, duration));
}

static void put_task(const struct page *page)
{
	const struct plan_inputs *inputs = &page->plan->inputs;
	const struct rollout_task *task = &page->plan->upper.task;
	char line[512], total[DURATION_TEXT_BYTES];
	struct text text;
	const int64_t boot = plan_input(inputs, PLAN_BOOT);

	text_init(&text, line, sizeof line);
	add_part(&text, "pull", plan_input(inputs, PLAN_PULL));
	add_part(&text, "boot",
		task->start - plan_input(inputs, PLAN_PULL) < boot
			? task->start - plan_input(inputs, PLAN_PULL)
			: boot);
	add_part(&text, inputs->platform == PLAN_KUBERNETES ? "ready" : "health checks",
		task->healthy);
	add_part(&text, inputs->platform == PLAN_ECS ? "deregistration" : "preStop", task->drain);
	add_part(&text, "stop", task->stop);
	text_printf(&text, " = %s",
		duration_text(total, task->start + task->healthy + task->drain + task->stop));
	(void)fprintf(page->out, "  each %s: ", task_word(page));
	wrapped_write(page->out, line, 9 + (unsigned)strlen(task_word(page)), 4);
}

static void put_lever(const struct page *page, const struct lever *lever)
{
	const int64_t least = lever->saves < lever->saves_lower ? lever->saves : lever->saves_lower;
	const int64_t most = lever->saves < lever->saves_lower ? lever->saves_lower : lever->saves;
	char saves[RANGE_BYTES], total[DURATION_TEXT_BYTES], setting[256];
	struct text text;

	text_init(&text, setting, sizeof setting);
	lever_add_setting(&text, lever);
	(void)fprintf(page->out, "  %s%-*s %s%-8s ", tone(page, TONE_GOOD), SAVES_COLUMNS,
		range(saves, least, most), tone(page, TONE_PLAIN),
		duration_text(total, lever->total));
	wrapped_write(page->out, lever->row->what, SETTING_COLUMN, SETTING_COLUMN);
	(void)fprintf(page->out, "%*s%s", SETTING_COLUMN, "", tone(page, TONE_BOLD));
	wrapped_write(page->out, setting, SETTING_COLUMN, SETTING_COLUMN + 2);
	(void)fputs(tone(page, TONE_PLAIN), page->out);
	if (lever->row->cost == NULL)
		return;
	(void)fprintf(page->out, "%*s%s", SETTING_COLUMN, "", tone(page, TONE_FAINT));
	wrapped_write(page->out, lever->row->cost, SETTING_COLUMN, SETTING_COLUMN);
	(void)fputs(tone(page, TONE_PLAIN), page->out);
}

static void put_levers(const struct page *page)
{
	const struct levers *levers = &page->plan->levers;
	char total[DURATION_TEXT_BYTES];

	put_heading(page, "What shortens it");
	if (levers->count == 0) {
		(void)fputs("  no setting that this program knows\n", page->out);
		return;
	}
	(void)fprintf(page->out, "  %s%-*s %-8s %s%s\n", tone(page, TONE_FAINT), SAVES_COLUMNS,
		"saves", "leaves", "setting", tone(page, TONE_PLAIN));
	for (unsigned i = 0; i < levers->count; i++)
		put_lever(page, &levers->levers[i]);
	if (levers->count > 1)
		(void)fprintf(page->out, "  %-*s %-8s %s\n", SAVES_COLUMNS, "",
			duration_text(total, levers->all), "with all of these");
}

/* Without a breaker ECS tries for ever; CloudFormation gives up after 3 hours. */
static void put_breaker(const struct page *page)
{
	const struct breaker *b = &page->plan->breaker;
	char crash[DURATION_TEXT_BYTES], unhealthy[DURATION_TEXT_BYTES], back[DURATION_TEXT_BYTES];
	char line[512];
	struct text text;

	put_heading(page, "If the new version fails");
	if (!b->is_on) {
		(void)fputs("  ", page->out);
		(void)snprintf(line, sizeof line,
			"No circuit breaker: ECS keeps trying, and CloudFormation waits up to 3 "
			"hours. %s",
			setting_text_breaker(page->plan->inputs.spelling));
		wrapped_write(page->out, line, 2, 2);
		return;
	}
	text_init(&text, line, sizeof line);
	text_printf(&text,
		"The circuit breaker trips after %" PRId64 " failed task%s, %" PRId64
		" at once: after %s if they crash at the start, ",
		b->threshold, b->threshold == 1 ? "" : "s", b->at_once,
		duration_text(crash, b->crash_trip));
	if (b->unhealthy_trip != ROLLOUT_NEVER)
		text_printf(&text, "after %s if they fail their health checks, ",
			duration_text(unhealthy, b->unhealthy_trip));
	text_add(&text, "and later where ECS delays restarts.");
	if (b->unhealthy_trip == ROLLOUT_NEVER)
		text_add(&text, " No health check finds a task that runs and does not work.");
	(void)fputs("  ", page->out);
	wrapped_write(page->out, line, 2, 2);
	if (!b->rolls_back)
		(void)snprintf(line, sizeof line,
			"It does not roll back: the service stays as it is then. Set %s.",
			setting_text_breaker(page->plan->inputs.spelling));
	else if (b->replaced == 0)
		(void)snprintf(line, sizeof line,
			"The rollback starts no task, because no old one was stopped; the failed "
			"ones "
			"are gone after %s.",
			duration_text(back, b->rollback));
	else
		(void)snprintf(line, sizeof line,
			"The rollback starts up to %" PRId64
			" old task%s again and takes %s; minimumHealthyPercent 100 would keep "
			"%s.",
			b->replaced, b->replaced == 1 ? "" : "s", duration_text(back, b->rollback),
			b->replaced == 1 ? "it" : "them");
	(void)fputs("  ", page->out);
	wrapped_write(page->out, line, 2, 2);
}

static void put_notes(const struct page *page)
{
	put_heading(page, "Notes");
	for (unsigned i = 0; i < page->plan->note_count; i++) {
		(void)fputs("  - ", page->out);
		wrapped_write(page->out, page->plan->notes[i], 4, 4);
	}
}

static void put_past(const struct page *page)
{
	const struct time_plan *plan = page->plan;
	char text[RANGE_BYTES];

	put_heading(page, "Deployments before");
	(void)fprintf(page->out, "  %-14s%-16s%s\n", "took", "status", "last stage");
	for (unsigned i = 0; i < plan->past_count; i++) {
		const struct past_deployment *past = &plan->past[i];
		char took[DURATION_TEXT_BYTES] = "not finished";

		if (past->started >= 0 && past->finished >= past->started)
			(void)duration_text(
				took, (past->finished - past->started + 500) / 1000 * 1000);
		(void)fprintf(page->out, "  %-14s%-16s%s\n", took, past->status, past->stage);
	}
	if (plan->past_left_out > 0)
		(void)fprintf(page->out, "  %u more\n", plan->past_left_out);
	if (!plan->upper.is_stuck)
		(void)fprintf(page->out, "  %-14spredicted above\n",
			range(text, plan->lower.complete, plan->upper.complete));
}

static void put_reasons(const struct page *page)
{
	const struct time_plan *plan = page->plan;

	put_heading(page, "Why");
	put_pace(page);
	put_task(page);
	(void)fputc('\n', page->out);
	gantt_text_write(&plan->upper, plan->inputs.platform, page->terminal, page->out);
	put_levers(page);
	if (time_plan_has_breaker(plan))
		put_breaker(page);
}

void time_page_write(const struct time_plan *plan, const struct terminal *terminal, FILE *out)
{
	const struct page page = {.plan = plan, .terminal = terminal, .out = out};

	if (plan->upper.is_stuck)
		put_stuck(&page);
	else
		put_answer(&page);
	if (!plan->upper.is_stuck && plan->upper.tasks > 0)
		put_reasons(&page);
	if (plan->note_count > 0)
		put_notes(&page);
	if (plan->past_count > 0)
		put_past(&page);
	put_heading(&page, "From");
	time_values_write(plan, out);
}
