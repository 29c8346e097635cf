/* SPDX-License-Identifier: MIT */
#include "core/cli/environment.h"

#include <stdbool.h>
#include <string.h>

const char *environment_get(char *const envp[], const char *name)
{
	size_t len = strlen(name);

	for (; *envp != NULL; envp++) {
		if (strncmp(*envp, name, len) == 0 && (*envp)[len] == '=')
			return *envp + len + 1;
	}
	return NULL;
}

size_t environment_size(char *const envp[])
{
	size_t size = 1;

	while (envp[size - 1] != NULL)
		size++;
	return size;
}

static bool is_changed(const char *variable, char *const changes[])
{
	for (; *changes != NULL; changes++) {
		size_t len = strcspn(*changes, "=");

		if (strncmp(variable, *changes, len) == 0 && variable[len] == '=')
			return true;
	}
	return false;
}

void environment_change(char *const envp[], char *const changes[], char **ret_envp)
{
	for (; *envp != NULL; envp++) {
		if (!is_changed(*envp, changes))
			*ret_envp++ = *envp;
	}
	for (; *changes != NULL; changes++) {
		if (strchr(*changes, '=') != NULL)
			*ret_envp++ = *changes;
	}
	*ret_envp = NULL;
}
