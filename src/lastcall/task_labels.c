/* SPDX-License-Identifier: MIT */
#include "lastcall/task_labels.h"

#include "lastcall/loop.h"
#include "sys/monoclock.h"
#include "sys/zero_pages.h"

#include <errno.h>
#include <string.h>

/* What is asked, one after the other, and what its answer says. */
static const struct {
	const char *path;
	int (*take)(struct ecs_metadata *metadata, const char *json, size_t len);
} steps[] = {
	{"/task", ecs_metadata_take_task},
	{"", ecs_metadata_take_container},
};
#define STEPS (sizeof steps / sizeof *steps)

static void free_buffer(struct task_labels *task)
{
	if (task->buf != NULL)
		zero_pages_unmap(task->buf, TASK_METADATA_MAX_BYTES);
	task->buf = NULL;
}

static void finish(struct task_labels *task)
{
	struct label_list found;
	char bytes[768];
	struct text text;

	task->is_over = true;
	free_buffer(task);
	ecs_metadata_labels(&task->metadata, &found);
	label_list_add_missing(task->labels, &found);
	text_init(&text, bytes, sizeof bytes);
	label_list_write(&text, &found);
	if (found.count > 0)
		log_event(task->log, LOG_INFO, "labels", "Amazon ECS: %s", bytes);
	if (task->done != NULL)
		task->done(task->done_arg);
}

static void log_unknown(struct task_labels *task, const char *reason)
{
	log_event(task->log, LOG_INFO, "labels_unknown",
		"cannot read the labels of %s from Amazon ECS: %s",
		task->step == 0 ? "the task" : "the container", reason);
}

static void ask_next(struct task_labels *task)
{
	if (task->step == STEPS) {
		finish(task);
		return;
	}
	if (agent_exchange_begin(&task->exchange, &task->url, "GET", steps[task->step].path, NULL,
		    msec_left(task->deadline, monoclock_now())) < 0) {
		log_unknown(task, "the address is too long");
		finish(task);
	}
}

/* An endpoint that is not there, or too slow, is not asked again. */
static void on_answer(void *arg, int r, const struct http_answer *answer)
{
	struct task_labels *task = arg;
	char reason[64];
	struct text text;

	text_init(&text, reason, sizeof reason);
	if (r == 0 && answer->status != 200)
		text_printf(&text, "it answered %d", answer->status);
	else if (r == -EMSGSIZE)
		text_add(&text, "its answer is longer than 64 KiB");
	else if (r == -EBADMSG || (r == 0 && steps[task->step].take(&task->metadata, answer->body,
						     answer->body_len) < 0))
		text_add(&text, "its answer cannot be read");
	else if (r < 0)
		text_add(&text, strerror(-r));
	if (text.len > 0)
		log_unknown(task, reason);
	task->step = r < 0 ? STEPS : task->step + 1;
	ask_next(task);
}

int task_labels_init(struct task_labels *ret_task, struct ev_loop *loop, const char *uri,
	struct label_list *labels, struct log *log)
{
	struct task_labels *task = ret_task;

	task->log = log;
	task->labels = labels;
	task->uri = uri;
	task->is_over = true;
	if (uri == NULL || *uri == '\0')
		return 0;
	task->buf = zero_pages_map(TASK_METADATA_MAX_BYTES);
	if (task->buf == NULL)
		return -ENOMEM;
	agent_exchange_init(
		&task->exchange, loop, on_answer, task, task->buf, TASK_METADATA_MAX_BYTES);
	task->is_over = false;
	return 0;
}

void task_labels_ask(struct task_labels *task)
{
	if (task->is_over || task->is_asked)
		return;
	task->is_asked = true;
	task->deadline = msec_add(monoclock_now(), TASK_METADATA_MAX_MS);
	if (http_url_parse(task->uri, &task->url) == 0) {
		ask_next(task);
		return;
	}
	log_event(task->log, LOG_INFO, "labels_unknown",
		"%s='%.200s' has no numeric http address: the labels of the task are unknown",
		TASK_METADATA_VARIABLE, task->uri);
	finish(task);
}

void task_labels_done(struct task_labels *task)
{
	if (task->buf == NULL)
		return;
	agent_exchange_break_off(&task->exchange);
	free_buffer(task);
	task->is_over = true;
}

static void end_loop(void *arg)
{
	ev_break(arg, EVBREAK_ALL);
}

int task_labels_ask_now(struct task_labels *task, const char *uri, struct label_list *labels,
	struct log *log, int signal_fd)
{
	struct loop loop;
	int r = loop_open(&loop, signal_fd);

	if (r < 0)
		return r;
	r = task_labels_init(task, loop.ev, uri, labels, log);
	task->done = end_loop;
	task->done_arg = loop.ev;
	if (r == 0)
		task_labels_ask(task);
	while (r == 0 && !task->is_over)
		ev_run(loop.ev, 0);
	loop_close(&loop);
	return r;
}
