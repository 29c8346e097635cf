/* SPDX-License-Identifier: MIT */
#include "plan/model/cfn.h"

#include <string.h>

enum {
	MAX_DEPTH = 20, /* of functions within functions */
	MAP_DEPTH = 5, /* a map counts for so many: aliases could multiply its three keys */
	MAX_FULL_ATOMS = 5, /* so many are tried in all their combinations */
};

struct intrinsic {
	const char *name; /* "Ref", "If", "Equals"; NULL: the node is none */
	const struct node *argument;
};

/* {"Fn::If": […]} or !If […]. */
static struct intrinsic intrinsic_of(const struct node *node)
{
	const struct node *key;
	const char *tag;

	node = node_resolve(node);
	if (!node)
		return (struct intrinsic){0};
	tag = node_tag(node);
	if (tag && tag[0] == '!' && tag[1] != '\0')
		return (struct intrinsic){.name = tag + 1, .argument = node};
	if (node->kind != NODE_MAPPING || node->len != 1)
		return (struct intrinsic){0};
	key = node_child(node);
	if (strcmp(key->text, "Ref") == 0 || strcmp(key->text, "Condition") == 0)
		return (struct intrinsic){.name = key->text, .argument = key->next};
	if (strncmp(key->text, "Fn::", 4) == 0)
		return (struct intrinsic){.name = key->text + 4, .argument = key->next};
	return (struct intrinsic){0};
}

static bool is(const struct intrinsic *intrinsic, const char *name)
{
	return intrinsic->name && strcmp(intrinsic->name, name) == 0;
}

static bool atom_holds(const struct cfn *cfn, size_t at)
{
	return !(cfn->false_atoms >> at & 1);
}

/* Two expressions that say the same are one atom. */
static bool atom_value(struct cfn *cfn, const struct node *expression, const char *name)
{
	size_t at = 0;

	while (at < cfn->atom_count && !node_equals(cfn->atoms[at].expression, expression))
		at++;
	if (at == CFN_MAX_ATOMS)
		return true;
	if (at == cfn->atom_count)
		cfn->atoms[cfn->atom_count++] =
			(struct cfn_atom){.expression = expression, .name = name};
	return atom_holds(cfn, at);
}

static bool evaluate(struct cfn *cfn, const struct node *node, const char *name, int depth);

static bool evaluate_name(struct cfn *cfn, const char *name, int depth)
{
	const struct node *condition = node_find(cfn->root, "Conditions", name, NULL);

	return condition && depth < MAX_DEPTH ? evaluate(cfn, condition, name, depth + 1) : true;
}

static bool evaluate_all(
	struct cfn *cfn, const struct node *list, const char *name, bool is_and, int depth)
{
	bool result = is_and;

	for (const struct node *item = node_first(list); item; item = item->next) {
		const bool holds = evaluate(cfn, item, name, depth + 1);

		result = is_and ? result && holds : result || holds;
	}
	return result;
}

/* Fn::Equals of two texts. */
static bool is_constant(const struct node *list, bool *ret_holds)
{
	const struct node *a = node_item(list, 0), *b = node_item(list, 1);

	if (!node_text(a) || !node_text(b) || intrinsic_of(a).name || intrinsic_of(b).name)
		return false;
	*ret_holds = strcmp(node_text(a), node_text(b)) == 0;
	return true;
}

static bool evaluate(struct cfn *cfn, const struct node *node, const char *name, int depth)
{
	const struct intrinsic intrinsic = intrinsic_of(node);
	bool holds;

	if (depth >= MAX_DEPTH)
		return true;
	if (is(&intrinsic, "Not"))
		return !evaluate_all(cfn, intrinsic.argument, name, true, depth);
	if (is(&intrinsic, "And") || is(&intrinsic, "Or"))
		return evaluate_all(cfn, intrinsic.argument, name, is(&intrinsic, "And"), depth);
	if (is(&intrinsic, "Condition") && node_text(intrinsic.argument))
		return evaluate_name(cfn, node_text(intrinsic.argument), depth);
	if (is(&intrinsic, "Equals") && is_constant(intrinsic.argument, &holds))
		return holds;
	return atom_value(cfn, node, name);
}

static struct cfn_result resolve(struct cfn *cfn, const struct node *node, int depth);

static struct cfn_result unknown(const struct node *node)
{
	return (struct cfn_result){.node = node, .is_unknown = true};
}

/* Fn::Equals of a text and what stands for one, in any order. */
static bool split_equals(
	const struct node *expression, struct intrinsic *ret_subject, const struct node **ret_text)
{
	const struct intrinsic equals = intrinsic_of(expression);
	const struct node *a = node_item(equals.argument, 0), *b = node_item(equals.argument, 1);
	const bool is_first_text = node_text(a) && !intrinsic_of(a).name;
	const struct node *text = is_first_text ? a : b;

	*ret_subject = intrinsic_of(is_first_text ? b : a);
	*ret_text = node_text(text) && !intrinsic_of(text).name ? text : NULL;
	return is(&equals, "Equals") && *ret_text && ret_subject->name;
}

/* What the scenario says of a parameter: the text that it equals (ret_text), or whether it equals another one than this
 * (returned). */
static bool is_other_than(const struct cfn *cfn, const char *parameter, const struct node *text,
	const struct node **ret_text)
{
	bool is_other = false;

	for (size_t i = 0; i < cfn->atom_count; i++) {
		struct intrinsic subject;
		const struct node *other;

		if (!split_equals(cfn->atoms[i].expression, &subject, &other) ||
			!is(&subject, "Ref") || !node_has_text(subject.argument, parameter))
			continue;
		if (atom_holds(cfn, i))
			*ret_text = other;
		else if (node_text(text) && node_has_text(other, node_text(text)))
			is_other = true;
	}
	return is_other;
}

/* The only one of a parameter's AllowedValues that the scenario leaves; NULL: none, or several. */
static const struct node *only_allowed(
	const struct cfn *cfn, const char *name, const struct node *parameter)
{
	const struct node *left = NULL, *text = NULL;
	size_t count = 0;

	for (const struct node *item = node_first(node_get(parameter, "AllowedValues")); item;
		item = item->next) {
		if (is_other_than(cfn, name, item, &text))
			continue;
		left = item;
		count++;
	}
	return count == 1 ? left : NULL;
}

/* The default of a type that is looked up elsewhere (SSM) is the name there. */
static struct cfn_result resolve_ref(struct cfn *cfn, const struct node *node, const char *name)
{
	const struct node *parameter = name ? node_find(cfn->root, "Parameters", name, NULL) : NULL;
	const struct node *initial = node_get(parameter, "Default"), *text = NULL;
	const char *type = node_text(node_get(parameter, "Type"));
	bool is_other;

	if (name && strcmp(name, "AWS::NoValue") == 0)
		return (struct cfn_result){0};
	if (!parameter)
		return unknown(node);
	is_other = is_other_than(cfn, name, initial, &text);
	if (!text && is_other)
		text = only_allowed(cfn, name, parameter);
	if (text)
		return (struct cfn_result){.node = text};
	if (is_other || !node_text(initial) || (type && strncmp(type, "AWS::SSM::", 10) == 0))
		return unknown(node);
	return (struct cfn_result){.node = initial, .is_default = true};
}

static struct cfn_result resolve_if(
	struct cfn *cfn, const struct node *node, const struct node *argument, int depth)
{
	const char *name = node_text(node_item(argument, 0));

	if (!name || node_count(argument) != 3)
		return unknown(node);
	return resolve(cfn, node_item(argument, evaluate_name(cfn, name, 0) ? 1 : 2), depth + 1);
}

/* [map, key, second key], each of them a text or what stands for one. */
static struct cfn_result resolve_map(
	struct cfn *cfn, const struct node *node, const struct node *argument, int depth)
{
	const struct node *at = node_get(cfn->root, "Mappings");
	bool is_default = false;

	if (node_count(argument) < 3)
		return unknown(node);
	for (size_t i = 0; i < 3; i++) {
		const struct cfn_result key =
			resolve(cfn, node_item(argument, i), depth + MAP_DEPTH);
		const char *text = key.is_unknown ? NULL : node_text(key.node);

		at = text ? node_get(at, text) : NULL;
		is_default |= key.is_default;
	}
	if (!at)
		return unknown(node);
	return (struct cfn_result){.node = at, .is_default = is_default};
}

static struct cfn_result resolve(struct cfn *cfn, const struct node *node, int depth)
{
	const struct intrinsic intrinsic = intrinsic_of(node);
	const char *text = node_text(intrinsic.name ? intrinsic.argument : node);

	if (!node || node_is_null(node))
		return (struct cfn_result){0};
	if (depth >= MAX_DEPTH)
		return unknown(node);
	if (is(&intrinsic, "Ref"))
		return resolve_ref(cfn, node, text);
	if (is(&intrinsic, "If"))
		return resolve_if(cfn, node, intrinsic.argument, depth);
	if (is(&intrinsic, "FindInMap"))
		return resolve_map(cfn, node, intrinsic.argument, depth);
	if (is(&intrinsic, "Sub") && text && !strstr(text, "${"))
		return (struct cfn_result){.node = intrinsic.argument};
	if (intrinsic.name || (text && strstr(text, "{{resolve:")))
		return unknown(node);
	return (struct cfn_result){.node = node};
}

struct cfn_result cfn_resolve(struct cfn *cfn, const struct node *node)
{
	return resolve(cfn, node, 0);
}

const char *cfn_reference(struct cfn *cfn, const struct node *node, struct arena *arena)
{
	const struct cfn_result result = resolve(cfn, node, 0);
	const struct intrinsic intrinsic = intrinsic_of(result.node);
	const char *text = node_text(intrinsic.argument);

	if (is(&intrinsic, "Ref"))
		return text;
	if (!is(&intrinsic, "GetAtt"))
		return NULL;
	if (!text)
		return node_text(node_item(intrinsic.argument, 0));
	return arena_copy(arena, text, strcspn(text, "."));
}

bool cfn_exists(struct cfn *cfn, const struct node *resource)
{
	const char *name = node_text(node_get(resource, "Condition"));

	return !name || evaluate_name(cfn, name, 0);
}

/* One parameter does not equal two texts at once. */
static bool is_contradiction(const struct node *a, const struct node *b)
{
	struct intrinsic first, second;
	const struct node *x, *y;

	return split_equals(a, &first, &x) && split_equals(b, &second, &y) &&
	       strcmp(first.name, second.name) == 0 &&
	       node_equals(first.argument, second.argument) && !node_equals(x, y);
}

bool cfn_is_possible(const struct cfn *cfn)
{
	for (size_t i = 0; i < cfn->atom_count; i++) {
		for (size_t j = 0; j < i; j++) {
			if (atom_holds(cfn, i) && atom_holds(cfn, j) &&
				is_contradiction(
					cfn->atoms[i].expression, cfn->atoms[j].expression))
				return false;
		}
	}
	return true;
}

/* Few conditions in all combinations; of many each alone false, then all of them. */
static bool step(struct cfn *cfn)
{
	const uint32_t all = (UINT32_C(1) << cfn->atom_count) - 1;

	if (cfn->false_atoms == all)
		return false;
	if (cfn->atom_count <= MAX_FULL_ATOMS)
		cfn->false_atoms++;
	else if (cfn->false_atoms == 0)
		cfn->false_atoms = 1;
	else if ((cfn->false_atoms & (cfn->false_atoms - 1)) == 0 && 2 * cfn->false_atoms <= all)
		cfn->false_atoms *= 2;
	else
		cfn->false_atoms = all;
	return true;
}

bool cfn_next_scenario(struct cfn *cfn)
{
	while (step(cfn)) {
		if (cfn_is_possible(cfn))
			return true;
	}
	return false;
}

static bool is_named_before(const struct cfn *cfn, size_t at)
{
	for (size_t i = 0; i < at; i++) {
		if (strcmp(cfn->atoms[i].name, cfn->atoms[at].name) == 0)
			return true;
	}
	return false;
}

const char *cfn_case_text(struct cfn *cfn, struct arena *arena)
{
	const char *text = "";

	for (size_t i = 0; i < cfn->atom_count; i++) {
		const char *name = cfn->atoms[i].name;

		if (!is_named_before(cfn, i))
			text = arena_printf(arena, "%s%s%s is %s", text, *text ? ", " : "", name,
				evaluate_name(cfn, name, 0) ? "true" : "false");
	}
	return text;
}

const char *cfn_scenario_text(struct cfn *cfn, struct arena *arena)
{
	const char *text = cfn_case_text(cfn, arena);

	return *text ? arena_printf(arena, " (where %s)", text) : "";
}
