/* SPDX-License-Identifier: MIT */
#include "drill/server_report.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCHEMA "lastcall.drain/1"
#define MAX_FILE_BYTES (1024 * 1024) /* a report is 16 KiB at most */

static int64_t number(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	return json_is_integer(value) ? json_integer_value(value) : -1;
}

static void read_report(const json_t *report, struct server_word *ret_word)
{
	const json_t *connections = json_object_get(report, "connections");
	const char *outcome = json_string_value(json_object_get(report, "outcome"));

	*ret_word = (struct server_word){
		.was_found = true,
		.busy_at_stop = number(connections, "busy_at_stop"),
		.open_at_stop = number(connections, "open_at_stop"),
		.finished = number(connections, "finished"),
		.cut = number(connections, "cut"),
		.arrived_after_stop = number(connections, "arrived_after_stop"),
		.lost_bytes = number(connections, "lost_bytes"),
		.flushed_bytes = number(connections, "flushed_bytes"),
		.accept_queue_lost = number(connections, "accept_queue_lost"),
		.total_ms = number(json_object_get(report, "phases_ms"), "total"),
		.headroom_ms = number(report, "headroom_ms"),
	};
	(void)snprintf(
		ret_word->outcome, sizeof(ret_word->outcome), "%s", outcome != NULL ? outcome : "");
}

static bool read_line(const char *line, size_t len, struct server_word *ret_word)
{
	const char *schema;
	json_t *report;
	bool is_one;

	if (len == 0 || line[0] != '{' || memmem(line, len, SCHEMA, strlen(SCHEMA)) == NULL)
		return false;
	report = json_loadb(line, len, 0, NULL);
	is_one =
		json_unpack(report, "{s:s}", "schema", &schema) == 0 && strcmp(schema, SCHEMA) == 0;
	if (is_one)
		read_report(report, ret_word);
	json_decref(report);
	return is_one;
}

bool server_report_find(const char *text, struct server_word *ret_word)
{
	bool found = false;

	while (*text != '\0') {
		size_t len = strcspn(text, "\n");

		found = read_line(text, len, ret_word) || found;
		text += len + (text[len] == '\n');
	}
	return found;
}

bool server_report_read(const char *path, int64_t offset, struct server_word *ret_word)
{
	FILE *file = fopen(path, "re");
	char *bytes = malloc(MAX_FILE_BYTES + 1);
	bool found = false;

	if (file != NULL && bytes != NULL && fseeko(file, offset, SEEK_SET) == 0) {
		bytes[fread(bytes, 1, MAX_FILE_BYTES, file)] = '\0';
		found = server_report_find(bytes, ret_word);
	}
	free(bytes);
	if (file != NULL)
		(void)fclose(file);
	return found;
}
