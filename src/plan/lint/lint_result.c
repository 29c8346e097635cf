/* SPDX-License-Identifier: MIT */
#include "plan/lint/lint_result.h"

#include <string.h>

/* "/Resources/Web1234ABCD/Properties/X" is "/Properties/X" of its anchor, for the logical id changes; so is the
 * number of an item in a list of objects. */
static const char *below_anchor(const struct finding *finding)
{
	static const char *const heads[] = {"/Resources/", "/items/"};
	const char *slash;

	if (finding->anchor[0] == '\0')
		return finding->path;
	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++) {
		const size_t len = strlen(heads[i]);

		if (strncmp(finding->path, heads[i], len) != 0)
			continue;
		slash = strchr(finding->path + len, '/');
		return slash ? slash : "";
	}
	return finding->path;
}

const char *finding_identity(const struct finding *finding, struct arena *arena)
{
	return arena_printf(arena, "%s|%s|%s|%s", finding->rule->id, finding->file, finding->anchor,
		below_anchor(finding));
}
