/* SPDX-License-Identifier: MIT */
/* Variables of an environment block, as execve(2) takes it. */
#pragma once

#include <stddef.h>

/* Finds NAME's value in an environment block, or NULL. */
const char *environment_get(char *const envp[], const char *name);

/* Copies a block to ret_envp: without the variables that changes name, and with those of them that have a value
 * ("NAME=VALUE"; "NAME" only removes). ret_envp has room for as many pointers as both have, and a NULL; where variables
 * are only removed it may be envp itself. Strings are not copied. changes ends with NULL. */
void environment_change(char *const envp[], char *const changes[], char **ret_envp);

/* How many pointers a block has, its NULL included. */
size_t environment_size(char *const envp[]);
