/* SPDX-License-Identifier: MIT */
/* How long programs take from exec to their end, each in a pid namespace of its own, as its PID 1. In turn,
 * a round of all at a time, so that what disturbs the machine disturbs all of them alike.
 *
 *	start ROUNDS COMMAND ARGUMENT... [, COMMAND ARGUMENT...]...
 *
 * Prints a line a round: the microseconds of each command. */
#include "init/container.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COMMANDS_MAX 16

static volatile int64_t *began_ns; /* the child's last moment before exec */

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static int64_t time_one(char **command)
{
	int status;
	pid_t pid = container_fork();

	if (pid == 0) {
		*began_ns = now_ns();
		execv(command[0], command);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0) {
		fprintf(stderr, "start: %s: wait status %d\n", command[0], pid < 0 ? -1 : status);
		exit(2);
	}
	return now_ns() - *began_ns;
}

static int split(char **arguments, char **ret_commands[COMMANDS_MAX])
{
	int count = 0;

	ret_commands[count++] = arguments;
	for (; *arguments != NULL; arguments++) {
		if (strcmp(*arguments, ",") != 0 || count == COMMANDS_MAX)
			continue;
		*arguments = NULL;
		ret_commands[count++] = arguments + 1;
	}
	return count;
}

int main(int argc, char **argv)
{
	char **commands[COMMANDS_MAX];
	int rounds = argc > 2 ? atoi(argv[1]) : 0, count, null = open("/dev/null", O_RDWR);

	if (rounds <= 0 || null < 0)
		return 2;
	count = split(argv + 2, commands);
	dup2(null, STDIN_FILENO);
	began_ns = mmap(
		NULL, sizeof *began_ns, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (began_ns == MAP_FAILED)
		return 2;
	for (int round = 0; round < rounds; round++) {
		int64_t took[COMMANDS_MAX];

		for (int i = 0; i < count; i++) { /* each is first in its turn */
			int at = (round + i) % count;

			took[at] = time_one(commands[at]);
		}
		for (int i = 0; i < count; i++)
			printf("%.1f%c", (double)took[i] / 1000, i + 1 < count ? ' ' : '\n');
	}
	return 0;
}
