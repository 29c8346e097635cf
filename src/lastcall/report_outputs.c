/* SPDX-License-Identifier: MIT */
#include "lastcall/report_outputs.h"

#include "core/cli/option_parser.h"
#include "sys/fd.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

static int open_inherited(int fd, struct report_sink *ret_sink)
{
	return fd_is_inherited(fd) ? report_sink_open_fd(fd, ret_sink) : -EBADF;
}

static int open_path(const struct report_destination *destination, struct report_sink *ret_sink)
{
	char path[PATH_MAX];

	if (destination->path_len >= sizeof path)
		return -ENAMETOOLONG;
	memcpy(path, destination->path, destination->path_len);
	path[destination->path_len] = '\0';
	return report_sink_open_path(path, ret_sink);
}

/* The file exists in Kubernetes alone. One image and one setting shall do elsewhere, too. */
static int open_termination_log(struct report_sink *ret_sink, struct log *log)
{
	int r = report_sink_open_existing(REPORT_TERMINATION_LOG, ret_sink);

	if (r != -ENOENT)
		return r;
	log_event(log, LOG_VERBOSE, "no_termination_log",
		"%s does not exist: no report is written to it", REPORT_TERMINATION_LOG);
	return 0;
}

static int open_output(struct report_output *output, struct log *log)
{
	const struct report_destination *destination = output->destination;

	switch (destination->target) {
	case REPORT_TO_STDERR: /* the default: a closed stderr is no reason not to start */
		output->sink = log->sink;
		output->sink.owned = false;
		return 0;
	case REPORT_TO_STDOUT:
		return open_inherited(STDOUT_FILENO, &output->sink);
	case REPORT_TO_FD:
		return open_inherited(destination->fd, &output->sink);
	case REPORT_TO_TERMINATION_LOG:
		return open_termination_log(&output->sink, log);
	case REPORT_TO_PATH:
		return open_path(destination, &output->sink);
	}
	return -EINVAL;
}

static void log_unwritable(const struct options *options,
	const struct report_destination *destination, struct log *log, int error)
{
	char origin[64];

	log_event(log, LOG_ERROR, "report_unwritable",
		"%s='%.*s' cannot be written: %s; give stderr, stdout, fd:N, termination-log, a "
		"path, or off",
		option_origin(options, OPTION_REPORT, origin, sizeof origin),
		(int)destination->given_len, destination->given, strerror(error));
}

int report_outputs_open(
	struct report_outputs *outputs, const struct options *options, struct log *log)
{
	int r = 0;

	for (unsigned i = 0; i < options->report_count && r == 0; i++) {
		struct report_output *output = &outputs->list[outputs->count++];

		*output = (struct report_output){
			.destination = &options->reports[i], .sink = {.fd = -1}};
		r = open_output(output, log);
		if (r < 0)
			log_unwritable(options, output->destination, log, -r);
	}
	return r;
}

void report_outputs_close(struct report_outputs *outputs)
{
	for (size_t i = 0; i < outputs->count; i++)
		report_sink_close(&outputs->list[i].sink);
}

/* A report is made once for each form, and never empty: one that is, is not made yet. */
static const char *make(char *buf, size_t cap, const struct report *report,
	void (*write_report)(struct text *text, const struct report *report))
{
	struct text text;

	if (buf[0] == '\0') {
		text_init(&text, buf, cap);
		write_report(&text, report);
	}
	return buf;
}

/* JSON that does not fit is replaced by the text, which always fits. */
static const char *make_short_json(struct report_outputs *outputs, const struct report *report)
{
	const char *bytes =
		make(outputs->short_json, sizeof outputs->short_json, report, report_write_json);

	return *bytes != '\0'
		       ? bytes
		       : make(outputs->text, sizeof outputs->text, report, report_write_text);
}

void report_outputs_make(struct report_outputs *outputs, const struct report *report)
{
	for (size_t i = 0; i < outputs->count; i++) {
		struct report_output *output = &outputs->list[i];

		if (output->sink.fd < 0)
			continue;
		switch (output->destination->format) {
		case REPORT_AS_JSON:
			output->bytes = output->destination->target == REPORT_TO_TERMINATION_LOG
						? make_short_json(outputs, report)
						: make(outputs->json, sizeof outputs->json, report,
							  report_write_json);
			break;
		case REPORT_AS_TEXT:
			output->bytes = make(
				outputs->text, sizeof outputs->text, report, report_write_text);
			break;
		case REPORT_AS_EMF:
			output->bytes =
				make(outputs->emf, sizeof outputs->emf, report, report_write_emf);
			break;
		}
		output->len = strlen(output->bytes);
	}
}

int report_output_write(struct report_output *output)
{
	while (output->written < output->len) {
		long n = report_sink_write(&output->sink, output->bytes + output->written,
			output->len - output->written);

		if (n < 0) {
			if (n != -EAGAIN)
				output->written = output->len;
			return (int)n;
		}
		output->written += (size_t)n;
	}
	return 0;
}
