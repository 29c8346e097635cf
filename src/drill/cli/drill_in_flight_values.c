/* SPDX-License-Identifier: MIT */
#include "drill/cli/drill_in_flight_values.h"

#include "core/text/text.h"

#include <errno.h>
#include <string.h>

/* Adds a kind of request to cohort A. Returns 0, or -EINVAL where the path is none, or there are too many. */
static int add_in_flight(struct drill_options *options, const char *path, struct load_request kind)
{
	if (*path != '/' || strpbrk(path, " \t\r\n#") != NULL ||
		options->in_flight_kinds == LOAD_MAX_IN_FLIGHT)
		return -EINVAL;
	kind.path = path;
	options->in_flight[options->in_flight_kinds++] = kind;
	return 0;
}

int drill_option_set_slow(struct drill_options *options, void *field, const char *value)
{
	(void)field;
	return add_in_flight(options, value, (struct load_request){0});
}

int drill_option_set_stream(struct drill_options *options, void *field, const char *value)
{
	(void)field;
	return add_in_flight(options, value, (struct load_request){.is_long_answer = true});
}

/* How fast, and how much, is known when all options are: -1 stands for it until then. */
int drill_option_set_download(struct drill_options *options, void *field, const char *value)
{
	(void)field;
	return add_in_flight(options, value,
		(struct load_request){.is_long_answer = true, .read_bytes_per_s = -1});
}

int drill_option_set_upload(struct drill_options *options, void *field, const char *value)
{
	(void)field;
	return add_in_flight(options, value, (struct load_request){.upload_bytes = -1});
}

int drill_option_set_websocket(struct drill_options *options, void *field, const char *value)
{
	(void)field;
	return add_in_flight(options, value,
		(struct load_request){.is_websocket = true, .is_long_answer = true});
}

/* SERVICE/METHOD, which is the path without its first slash. */
int drill_option_set_grpc(struct drill_options *options, void *field, const char *value)
{
	const char *slash = strchr(value, '/');
	struct text text;
	char *path;

	(void)field;
	if (slash == NULL || slash == value || slash[1] == '\0' || strchr(slash + 1, '/') != NULL ||
		options->in_flight_kinds == LOAD_MAX_IN_FLIGHT)
		return -EINVAL;
	path = options->grpc_paths[options->in_flight_kinds];
	text_init(&text, path, DRILL_MAX_METHOD_BYTES);
	text_printf(&text, "/%s", value);
	if (text.truncated ||
		add_in_flight(options, path, (struct load_request){.is_grpc = true}) < 0)
		return -EINVAL;
	options->is_http2 = true;
	if (options->form.grpc_path == NULL)
		options->form.grpc_path = path;
	return 0;
}
