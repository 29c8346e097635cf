/* SPDX-License-Identifier: MIT */
/* Variables of an environment block, as execve(2) takes it. */
#pragma once

/* Finds NAME's value in an environment block, or NULL. */
const char *environment_get(char *const envp[], const char *name);
