/* SPDX-License-Identifier: MIT */
#include "plan/cli/commands.h"

#include "plan/output/rule_page.h"
#include "plan/rules/rule_registry.h"

#include <string.h>
#include <strings.h>

static const char help[] = "Usage: lastcall-plan explain ID...\n"
			   "       lastcall-plan explain --list | --markdown | --json\n"
			   "\n"
			   "Prints what rules of lint mean: what happens in production, how "
			   "to mend it,\n"
			   "and a bad and a good example.\n"
			   "\n"
			   "      --list      one line a rule\n"
			   "      --markdown  all rules, as docs/rules.md has them\n"
			   "      --json      all rules, for programs\n"
			   "  -h, --help      print this page\n";

static int complain(const char *what, const char *why)
{
	(void)fprintf(stderr, "lastcall-plan: error: explain: %s%s\n", what, why);
	return PLAN_EXIT_USAGE;
}

static const struct rule *find(const char *id)
{
	char capital[8] = "";

	for (size_t i = 0; id[i] && i + 1 < sizeof(capital); i++)
		capital[i] = (char)(id[i] >= 'a' && id[i] <= 'z' ? id[i] - 'a' + 'A' : id[i]);
	return rule_find(capital);
}

static int explain(int count, char *ids[])
{
	for (int i = 0; i < count; i++) {
		const struct rule *rule = find(ids[i]);

		if (!rule)
			return complain(ids[i], ": no rule; see lastcall-plan explain --list");
		if (i > 0)
			(void)fputc('\n', stdout);
		rule_page_text(rule, stdout);
	}
	return PLAN_EXIT_OK;
}

int explain_command(int argc, char *argv[])
{
	if (argc < 2)
		return complain("give a rule's id, like LC301", "");
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		(void)fputs(help, stdout);
	else if (strcmp(argv[1], "--list") == 0)
		rule_page_list(stdout);
	else if (strcmp(argv[1], "--markdown") == 0)
		rule_page_markdown(stdout);
	else if (strcmp(argv[1], "--json") == 0)
		return rule_page_json(stdout) < 0 ? PLAN_EXIT_USAGE : PLAN_EXIT_OK;
	else if (argv[1][0] == '-')
		return complain(argv[1], ": no option; see lastcall-plan explain --help");
	else
		return explain(argc - 1, argv + 1);
	return PLAN_EXIT_OK;
}
