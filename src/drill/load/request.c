/* SPDX-License-Identifier: MIT */
#include "drill/load/request.h"

#include "drill/core/grpc_reader.h"
#include "drill/load/http2_fields.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Whether the user's header fields have this one. */
static bool has_field(const char *headers, const char *name)
{
	size_t len = strlen(name);

	for (const char *line = headers; line != NULL && *line != '\0';) {
		if (strncasecmp(line, name, len) == 0 && line[len] == ':')
			return true;
		line = strchr(line, '\n');
		line += line != NULL;
	}
	return false;
}

/* A field of ours, unless the user has given it. */
static void add_field(FILE *head, const char *headers, const char *name, const char *value)
{
	if (!has_field(headers, name))
		(void)fprintf(head, "%s: %s\r\n", name, value);
}

/* The URL's own path is called with an empty message: --data is that of the methods that were named. */
static bool is_url_called(const struct load_request *wanted, const struct target *target)
{
	return wanted->path == NULL && strcmp(target->url.path, "/") != 0;
}

static bool is_call(const struct load_request *wanted, const struct target *target,
	const struct request_form *form)
{
	return target->is_http2 && !wanted->is_websocket &&
	       (wanted->is_grpc || (wanted->path == NULL && form->grpc_path != NULL));
}

static const char *path_of(const struct load_request *wanted, const struct target *target,
	const struct request_form *form)
{
	if (wanted->path != NULL)
		return wanted->path;
	return is_call(wanted, target, form) && !is_url_called(wanted, target) ? form->grpc_path
									       : target->url.path;
}

static const char *method_of(const struct load_request *wanted, const struct request_form *form)
{
	if (wanted->is_websocket)
		return "GET";
	if (wanted->upload_bytes > 0)
		return "POST";
	return form->method != NULL ? form->method : form->data != NULL ? "POST" : "GET";
}

static int write_head(struct request *request, const struct target *target,
	const struct load_request *wanted, const struct request_form *form, bool closes)
{
	const char *headers = form->headers != NULL ? form->headers : "";
	FILE *head = open_memstream(&request->head, &request->head_len);

	if (head == NULL)
		return -ENOMEM;
	(void)fprintf(head, "%s %s HTTP/1.1\r\n",
		request->is_grpc ? "POST" : method_of(wanted, form), path_of(wanted, target, form));
	add_field(head, headers, "Host", target->url.authority);
	add_field(head, headers, "User-Agent", "lastcall-drill");
	add_field(head, headers, "Accept", "*/*");
	if (request->is_grpc) {
		add_field(head, headers, "Content-Type", "application/grpc");
		add_field(head, headers, "TE", "trailers");
	} else if (request->body_len > 0)
		(void)fprintf(head, "Content-Length: %zu\r\n", request->body_len);
	if (wanted->is_websocket)
		(void)fprintf(head,
			"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
			"Sec-WebSocket-Key: %s\r\n",
			request->websocket_key);
	else if (closes)
		add_field(head, headers, "Connection", "close");
	(void)fprintf(head, "%s\r\n", headers);
	return fclose(head) == 0 ? 0 : -ENOMEM;
}

static int write_body(
	struct request *request, const struct load_request *wanted, const struct request_form *form)
{
	if (wanted->is_websocket)
		return websocket_make_key(request->websocket_key);
	request->body_len =
		wanted->upload_bytes > 0 ? (size_t)wanted->upload_bytes : form->data_len;
	if (request->body_len == 0)
		return 0;
	request->body = malloc(request->body_len);
	if (request->body == NULL)
		return -ENOMEM;
	if (wanted->upload_bytes > 0)
		body_pattern_write_numbered(request->body, request->body_len, 0);
	else
		memcpy(request->body, form->data, request->body_len);
	return 0;
}

/* One message, behind its length. */
static int write_message(struct request *request, const char *message, size_t len)
{
	request->body_len = GRPC_PREFIX_BYTES + len;
	request->body = malloc(request->body_len);
	if (request->body == NULL)
		return -ENOMEM;
	grpc_write_prefix(request->body, (uint32_t)len);
	if (len > 0)
		memcpy(request->body + GRPC_PREFIX_BYTES, message, len);
	return 0;
}

int request_init(struct request *request, const struct target *target,
	const struct load_request *wanted, const struct request_form *form, bool closes)
{
	int result;

	*request = (struct request){
		.protocol = wanted->is_websocket ? REQUEST_WEBSOCKET
			    : target->is_http2   ? REQUEST_HTTP2
						 : REQUEST_HTTP1,
		.upload_bytes_per_s = wanted->upload_bytes_per_s,
		.read_bytes_per_s = wanted->read_bytes_per_s,
		.is_long_answer = wanted->is_long_answer,
		.pattern = wanted->pattern,
	};
	request->is_grpc = is_call(wanted, target, form);
	result = !request->is_grpc ? write_body(request, wanted, form)
				   : write_message(request, form->data,
					     is_url_called(wanted, target) ? 0 : form->data_len);
	if (result < 0 || write_head(request, target, wanted, form, closes) < 0)
		return -ENOMEM;
	if (request->protocol != REQUEST_HTTP2)
		return 0;
	return http2_fields_new(
		request->head, target->url.is_tls ? "https" : "http", &request->http2);
}

void request_done(struct request *request)
{
	free(request->head);
	free(request->body);
	free(request->same);
	http2_fields_free(request->http2);
	*request = (struct request){.head = NULL};
}
