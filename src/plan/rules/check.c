/* SPDX-License-Identifier: MIT */
#include "plan/rules/check.h"

#include "plan/document/node_path.h"
#include "plan/rules/rule_registry.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static bool is_same(const struct finding *a, const struct finding *b)
{
	return a->rule == b->rule && a->line == b->line && a->column == b->column &&
	       strcmp(a->path, b->path) == 0 && strcmp(a->file, b->file) == 0 &&
	       (a->message == b->message || strcmp(a->message, b->message) == 0);
}

/* A template is read once for each way that its conditions can be: what was found before is found again. */
static bool note_again(const struct check *check, const struct finding *finding)
{
	for (size_t i = check->count; i > check->first; i--) {
		if (is_same(&check->findings[i - 1], finding)) {
			check->findings[i - 1].seen++;
			return true;
		}
	}
	return false;
}

static void add(struct check *check, const struct finding *finding)
{
	if (note_again(check, finding))
		return;
	if (check->count == check->room) {
		check->room = check->room ? 2 * check->room : 32;
		check->findings =
			memory_resize(check->findings, check->room, sizeof(*check->findings));
	}
	check->findings[check->count++] = *finding;
}

__attribute__((format(printf, 6, 0))) static void add_formatted(struct check *check, const char *id,
	const enum severity *severity, const struct node *node, const char *fix, const char *format,
	va_list args)
{
	const struct rule *rule = rule_find(id);
	struct finding finding;

	assert(rule);
	if (check->count == CHECK_MAX_FINDINGS) {
		check->dropped++;
		return;
	}
	finding = (struct finding){
		.rule = rule,
		.file = check->file,
		.line = node ? node->line : 0,
		.column = node ? node->column : 0,
		.path = node_path(node, check->arena),
		.anchor = arena_printf(check->arena, "%s", check->anchor ? check->anchor : ""),
		.fix = arena_printf(check->arena, "%s", fix ? fix : ""),
	};
	finding.severity = severity && *severity < rule->severity ? *severity : rule->severity;
	finding.message = arena_vprintf(check->arena, format, args);
	finding.where = arena_printf(check->arena, "%s", check->where ? check->where : "");
	finding.seen = 1;
	add(check, &finding);
}

void check_add(struct check *check, const char *id, const struct node *node, const char *fix,
	const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_formatted(check, id, NULL, node, fix, format, args);
	va_end(args);
}

void check_add_as(struct check *check, const char *id, enum severity severity,
	const struct node *node, const char *fix, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_formatted(check, id, &severity, node, fix, format, args);
	va_end(args);
}

void check_end_ways(struct check *check, size_t first, unsigned ways)
{
	for (size_t i = first; i < check->count; i++) {
		struct finding *finding = &check->findings[i];

		if (finding->seen < ways && finding->where[0] != '\0')
			finding->message = arena_printf(
				check->arena, "%s%s", finding->message, finding->where);
	}
}

const char *check_setting(struct check *check, const char *name, const char *value)
{
	return arena_printf(check->arena, check->is_json ? "\"%s\": %s" : "%s: %s", name, value);
}

const char *check_text(struct check *check, const char *format, ...)
{
	const char *text;
	va_list args;

	va_start(args, format);
	text = arena_vprintf(check->arena, format, args);
	va_end(args);
	return text;
}
