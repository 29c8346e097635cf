/* SPDX-License-Identifier: MIT */
/* What a function that looks for findings is given, and how it says that it has found one. */
#pragma once

#include "plan/document/tree.h"
#include "plan/rules/rule.h"

#include "core/text/msec.h"

struct finding {
	const struct rule *rule;
	enum severity severity;
	const char *file;
	uint32_t line, column; /* from 1; 0: unknown */
	const char *path; /* JSON pointer; "": the document */
	const char *anchor; /* a name that outlives changes of the file: aws:cdk:path, a resource's
			       name; "": none, the path is used */
	const char *message; /* one line: what is wrong here, with its values */
	const char *fix; /* the line to paste, or what to do; "": none */
	unsigned seen; /* in how many of the ways that a template's conditions can be */
	const char *where; /* the first of these ways; "": it has no conditions */
};

/* What is known beside the document. */
struct check_settings {
	bool image_has_lastcall, image_has_curl, image_has_shell; /* --image-has */
	bool is_stack; /* --stack: compose files are for docker stack deploy */
	bool has_image_list; /* --image-has was given: what is not in it is missing */
	msec_t longest_request; /* --reports: the longest that was seen; MSEC_NEVER: unknown */
	msec_t longest_stop; /* --reports: the longest stop */
};

enum { CHECK_MAX_FINDINGS = 20000 };

struct check {
	const struct check_settings *settings;
	const char *file;
	const char *anchor; /* of what is checked now; set by the platform, "" between */
	bool is_json; /* the document: how a fix has to be written */
	const char *where; /* how the conditions of a template are now; NULL: it has none */
	struct arena *arena; /* of what findings say; it outlives the document */
	struct finding *findings;
	size_t first; /* of the file, or of the files that are checked together */
	size_t count, room;
	size_t dropped; /* above CHECK_MAX_FINDINGS */
};

/* Adds a finding of a rule's own severity at the node (NULL: the document). The fix is the line to paste;
 * "" or NULL: none. The same rule at the same place with the same message is found once. */
void check_add(struct check *check, const char *id, const struct node *node, const char *fix,
	const char *format, ...) __attribute__((format(printf, 5, 6)));

/* The same with another severity than that of the table, never above it. */
void check_add_as(struct check *check, const char *id, enum severity severity,
	const struct node *node, const char *fix, const char *format, ...)
	__attribute__((format(printf, 6, 7)));

/* After a template was read in all ways that its conditions can be: findings from `first` on that were not
 * found in all of them say in which. */
void check_end_ways(struct check *check, size_t first, unsigned ways);

/* A setting as a line to paste into this document: stopTimeout: 60, or "stopTimeout": 60. The value is JSON. */
const char *check_setting(struct check *check, const char *name, const char *value);

/* A fix with values in it: check_add(check, id, node, check_text(check, "stopTimeout: %d", t), ...). */
const char *check_text(struct check *check, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
