/* SPDX-License-Identifier: MIT */
#include "plan/lint/platform.h"

/* The most specific first. */
static const struct platform *const platforms[] = {
	NULL,
};

const struct platform *platform_of(const struct node *root)
{
	for (size_t i = 0; i < sizeof(platforms) / sizeof(*platforms) && platforms[i]; i++) {
		if (platforms[i]->recognises(root))
			return platforms[i];
	}
	return NULL;
}
