/* SPDX-License-Identifier: MIT */
/* Stands where the program would: starts it in the emulator, under the name by which it was called, with
 * the descriptors, signals and variables that it was given. A shell would take some of each for itself.
 * Built with -DEMULATOR and -DPROGRAM, both paths. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char **command = calloc((size_t)argc + 4, sizeof *command);

	if (command == NULL)
		return 99;
	command[0] = EMULATOR;
	command[1] = "-0";
	command[2] = argv[0];
	command[3] = PROGRAM;
	for (int i = 1; i < argc; i++)
		command[3 + i] = argv[i];
	execv(EMULATOR, command);
	perror(EMULATOR);
	return 99;
}
