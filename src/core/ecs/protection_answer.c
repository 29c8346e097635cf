/* SPDX-License-Identifier: MIT */
#include "core/ecs/protection_answer.h"

#include "core/text/json_scan.h"

#define HTTP_OK 200

enum part { PART_OTHER, PART_PROTECTION, PART_FAILURE, PART_ERROR };

/* What an answer says. */
struct answer {
	bool is_read, has_state, is_on;
	char what[64]; /* "DEPLOYMENT_BLOCKED", "AccessDeniedException" */
	char why[256];
};

void protection_add_request(struct text *text, bool is_on, int minutes)
{
	text_printf(text, "{\"ProtectionEnabled\":%s", is_on ? "true" : "false");
	if (is_on)
		text_printf(text, ",\"ExpiresInMinutes\":%d", minutes);
	text_add(text, "}");
}

static enum part part_of(const struct json_item *item)
{
	if (item->kind != JSON_OBJECT)
		return PART_OTHER;
	if (json_item_has_key(item, "protection"))
		return PART_PROTECTION;
	if (json_item_has_key(item, "failure"))
		return PART_FAILURE;
	return json_item_has_key(item, "error") ? PART_ERROR : PART_OTHER;
}

static void take_string(const struct json_item *item, char *buf, size_t cap)
{
	struct text text;

	text_init(&text, buf, cap);
	if (item->kind == JSON_STRING)
		json_item_add_string(item, &text);
}

/* A member of one of the three objects. */
static void take_member(struct answer *answer, enum part part, const struct json_item *item)
{
	if (part == PART_PROTECTION && json_item_has_key(item, "ProtectionEnabled")) {
		answer->has_state = item->kind == JSON_TRUE || item->kind == JSON_FALSE;
		answer->is_on = item->kind == JSON_TRUE;
	}
	if (part == PART_FAILURE && json_item_has_key(item, "Reason"))
		take_string(item, answer->what, sizeof answer->what);
	if (part == PART_FAILURE && json_item_has_key(item, "Detail"))
		take_string(item, answer->why, sizeof answer->why);
	if (part == PART_ERROR && json_item_has_key(item, "Code"))
		take_string(item, answer->what, sizeof answer->what);
	if (part == PART_ERROR && json_item_has_key(item, "Message"))
		take_string(item, answer->why, sizeof answer->why);
}

static void read_answer(const char *json, size_t len, struct answer *ret_answer)
{
	enum part part = PART_OTHER;
	struct json_item item;
	struct json_scan scan;
	int r;

	*ret_answer = (struct answer){.is_read = false};
	json_scan_init(&scan, json, len);
	while ((r = json_scan_next(&scan, &item)) > 0) {
		if (item.depth == 1)
			part = part_of(&item);
		else if (item.depth == 2)
			take_member(ret_answer, part, &item);
	}
	ret_answer->is_read = r == 0;
}

bool protection_answer_confirms(
	int status, const char *json, size_t len, bool is_on, struct text *reason)
{
	struct answer answer;

	read_answer(json, len, &answer);
	if (answer.is_read && answer.what[0] != '\0')
		text_printf(reason, "%s%s%s", answer.what, answer.why[0] != '\0' ? ": " : "",
			answer.why);
	else if (status != HTTP_OK)
		text_printf(reason, "the agent answered %d", status);
	else if (!answer.is_read || !answer.has_state)
		text_add(reason, "the agent's answer cannot be read");
	else if (answer.is_on != is_on)
		text_printf(reason, "the task is still %s", is_on ? "unprotected" : "protected");
	else
		return true;
	return false;
}
