/* SPDX-License-Identifier: MIT */
#include "drill/server/server_report.h"

#include "host/report_search.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FILE_BYTES (1024UL * 1024) /* a report is 16 KiB at most */

bool server_report_find(const char *text, struct self_report *ret_word)
{
	struct report_search search;
	bool was_found;

	if (report_search_init(&search) < 0)
		return false;
	(void)report_search_text(&search, text, strlen(text));
	was_found = search.count > 0;
	if (was_found)
		*ret_word = search.stops[search.count - 1];
	report_search_done(&search);
	return was_found;
}

bool server_report_read(const char *path, int64_t offset, struct self_report *ret_word)
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
