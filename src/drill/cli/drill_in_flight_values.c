/* SPDX-License-Identifier: MIT */
#include "drill/cli/drill_in_flight_values.h"

#include "core/text/text.h"

#include <errno.h>
#include <string.h>

/* The next kind of request for cohort A. */
static struct load_request *add_in_flight(struct drill_options *options, const char *path)
{
	struct load_request *request;

	if (*path != '/' || strpbrk(path, " \t\r\n#") != NULL ||
		options->in_flight_kinds == LOAD_MAX_IN_FLIGHT)
		return NULL;
	request = &options->in_flight[options->in_flight_kinds++];
	*request = (struct load_request){.path = path};
	return request;
}

int drill_option_set_slow(struct drill_options *options, void *field, const char *value)
{
	(void)field;
	return add_in_flight(options, value) != NULL ? 0 : -EINVAL;
}

int drill_option_set_stream(struct drill_options *options, void *field, const char *value)
{
	struct load_request *request = add_in_flight(options, value);

	(void)field;
	if (request == NULL)
		return -EINVAL;
	request->is_long_answer = true;
	return 0;
}

/* How fast, and how much, is known when all options are: -1 stands for it until then. */
int drill_option_set_download(struct drill_options *options, void *field, const char *value)
{
	struct load_request *request = add_in_flight(options, value);

	(void)field;
	if (request == NULL)
		return -EINVAL;
	request->is_long_answer = true;
	request->read_bytes_per_s = -1;
	return 0;
}

int drill_option_set_upload(struct drill_options *options, void *field, const char *value)
{
	struct load_request *request = add_in_flight(options, value);

	(void)field;
	if (request == NULL)
		return -EINVAL;
	request->upload_bytes = -1;
	return 0;
}

int drill_option_set_websocket(struct drill_options *options, void *field, const char *value)
{
	struct load_request *request = add_in_flight(options, value);

	(void)field;
	if (request == NULL)
		return -EINVAL;
	request->is_websocket = request->is_long_answer = true;
	return 0;
}

/* SERVICE/METHOD, which is the path without its first slash. */
int drill_option_set_grpc(struct drill_options *options, void *field, const char *value)
{
	const char *slash = strchr(value, '/');
	struct load_request *request;
	struct text text;
	char *path;

	(void)field;
	if (slash == NULL || slash == value || slash[1] == '\0' || strchr(slash + 1, '/') != NULL ||
		options->in_flight_kinds == LOAD_MAX_IN_FLIGHT)
		return -EINVAL;
	path = options->grpc_paths[options->in_flight_kinds];
	text_init(&text, path, DRILL_MAX_METHOD_BYTES);
	text_printf(&text, "/%s", value);
	request = text.truncated ? NULL : add_in_flight(options, path);
	if (request == NULL)
		return -EINVAL;
	request->is_grpc = options->is_http2 = true;
	if (options->form.grpc_path == NULL)
		options->form.grpc_path = path;
	return 0;
}
