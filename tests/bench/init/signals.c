/* SPDX-License-Identifier: MIT */
/* What inits do with signals and orphans. Each command is started as PID 1 of a pid namespace of its own,
 * with this program in its application's place: a server that says when a signal's handler runs.
 *
 *	signals latency ROUNDS SIGNAL COMMAND ARGUMENT... [, COMMAND ARGUMENT...]...
 *	signals listen
 *	signals storm SIGNALS ORPHANS COMMAND ARGUMENT... [, COMMAND ARGUMENT...]...
 *
 * listen is an application at rest. latency prints a line a round: the microseconds from kill(2) to the handler, of each command. storm
 * prints a line a command: signals that arrived, seconds until the last one had, processes that were
 * left to the init, seconds until it had reaped them all, and its exit status; -1 for what never came. */
#include "init/container.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COMMANDS_MAX 16
#define WORDS_MAX 32
#define APPLICATION_STATUS 42
#define PORT 8080
/* For so long an init is left alone before it is signalled. No init says when it rests: one that is busy for
 * longer shows as latency, and fails nothing. */
#define AT_REST_MS 40
#define STORM_PATIENCE_S 30

/* What the application tells: a file in memory that both have mapped. */
struct board {
	volatile int64_t handled_at_ns; /* by the first handler that ran; 0: none */
	volatile int ready, signals, orphans_made;
};

static struct board *board;
static pid_t application;

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static double seconds_since(int64_t ns)
{
	return (double)(now_ns() - ns) / 1e9;
}

/* Between two polls of a condition that has a deadline; once, how long an init is left alone. */
static void pause_us(int us)
{
	struct timespec left = {us / 1000000, us % 1000000 * 1000};

	while (nanosleep(&left, &left) < 0 && errno == EINTR)
		continue;
}

/* ---- the application ---- */

static void on_signal(int number)
{
	if (board->handled_at_ns == 0)
		board->handled_at_ns = now_ns();
	if (number == SIGTERM || number == SIGINT)
		_exit(APPLICATION_STATUS);
}

/* A group's signal is its children's, too, as long as they last. */
static void on_storm(int number)
{
	(void)number;
	if (getpid() == application)
		board->signals++;
}

static void serve(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(PORT)};
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 16) < 0)
		_exit(98);
}

/* Two generations: the second one is orphaned, and the init's to reap. */
static pid_t make_orphan(int status)
{
	pid_t pid = fork();

	if (pid == 0) {
		if (fork() == 0)
			_exit(status);
		_exit(0);
	}
	return pid;
}

static void make_orphans(int count)
{
	for (int i = 0; i < count; i++) {
		pid_t pid = make_orphan(i % 256);

		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			continue;
		board->orphans_made++;
	}
}

static int be_application(char **words)
{
	struct sigaction timed = {.sa_handler = on_signal}, storm = {.sa_handler = on_storm};

	board = mmap(
		NULL, sizeof *board, PROT_READ | PROT_WRITE, MAP_SHARED, open(words[0], O_RDWR), 0);
	if (board == MAP_FAILED)
		return 99;
	application = getpid();
	sigaction(SIGTERM, &timed, NULL);
	sigaction(SIGINT, &timed, NULL);
	sigaction(SIGUSR1, &timed, NULL);
	sigaction(SIGRTMIN, &storm, NULL);
	serve();
	board->ready = 1;
	make_orphans(atoi(words[1]));
	for (;;)
		pause();
}

/* ---- the inits ---- */

struct command {
	char *words[WORDS_MAX];
	int count;
};

static int split(char **arguments, struct command *ret_commands)
{
	int count = 1;

	for (; *arguments != NULL; arguments++) {
		struct command *command = &ret_commands[count - 1];

		if (strcmp(*arguments, ",") == 0 && count < COMMANDS_MAX)
			count++;
		else if (command->count < WORDS_MAX - 5)
			command->words[command->count++] = *arguments;
	}
	return count;
}

static pid_t start(const struct command *command, const char *board_path, int orphans)
{
	char count[16], *words[WORDS_MAX];
	const char *const behind[] = {"/proc/self/exe", "application", board_path, count, NULL};
	char self[4096];
	ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
	pid_t pid;

	*board = (struct board){0};
	snprintf(count, sizeof count, "%d", orphans);
	memcpy(words, command->words, (size_t)command->count * sizeof *words);
	memcpy(words + command->count, behind, sizeof behind);
	if (len > 0) {
		self[len] = '\0';
		words[command->count] = self;
	}
	pid = container_fork();
	if (pid == 0) {
		execv(words[0], words);
		_exit(127);
	}
	for (int64_t began = now_ns(); pid > 0 && !board->ready; pause_us(100)) {
		if (seconds_since(began) > 10 || waitpid(pid, NULL, WNOHANG) != 0) {
			fprintf(stderr, "signals: %s does not start\n", words[0]);
			exit(2);
		}
	}
	return pid;
}

static int wait_for_end(pid_t pid)
{
	int status = 0;

	for (int64_t began = now_ns(); waitpid(pid, &status, WNOHANG) == 0; pause_us(1000)) {
		if (seconds_since(began) > STORM_PATIENCE_S)
			kill(pid, SIGKILL);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* ---- latency ---- */

static double time_signal(const struct command *command, const char *board_path, int number)
{
	pid_t pid = start(command, board_path, 0);
	int64_t sent_ns;

	pause_us(AT_REST_MS * 1000);
	sent_ns = now_ns();
	kill(pid, number);
	for (int64_t began = now_ns(); board->handled_at_ns == 0; pause_us(50)) {
		if (seconds_since(began) > 20)
			exit(2);
	}
	if (number != SIGTERM && number != SIGINT)
		kill(pid, SIGTERM);
	(void)wait_for_end(pid);
	return (double)(board->handled_at_ns - sent_ns) / 1000;
}

static int measure_latency(
	struct command *commands, int count, const char *board_path, int rounds, int number)
{
	for (int round = 0; round < rounds; round++) {
		double took[COMMANDS_MAX];

		for (int i = 0; i < count; i++) {
			int at = (round + i) % count;

			took[at] = time_signal(&commands[at], board_path, number);
		}
		for (int i = 0; i < count; i++)
			printf("%.1f%c", took[i], i + 1 < count ? ' ' : '\n');
	}
	return 0;
}

/* ---- storm ---- */

static int count_children(pid_t pid)
{
	char path[64], words[65536];
	int fd, count = 0;
	ssize_t len;

	snprintf(path, sizeof path, "/proc/%d/task/%d/children", pid, pid);
	fd = open(path, O_RDONLY);
	while (fd >= 0 && (len = read(fd, words, sizeof words)) > 0) {
		for (ssize_t i = 0; i < len; i++)
			count += words[i] == ' ';
	}
	close(fd);
	return count;
}

/* As sigqueue(3), so that nothing is merged on the way to the init: where its queue is full the call fails, and
 * send again. */
static bool send_signals(pid_t pid, int count)
{
	const union sigval value = {.sival_int = 1};

	for (int sent = 0; sent < count;) {
		if (sigqueue(pid, SIGRTMIN, value) == 0)
			sent++;
		else if (errno == EAGAIN)
			pause_us(100);
		else
			return false;
	}
	return true;
}

static void weather_storm(
	const struct command *command, const char *board_path, int signals, int orphans)
{
	pid_t pid = start(command, board_path, orphans);
	int64_t began = now_ns(), made_ns;
	double arrived_s, reaped_s;
	int last = -1;

	if (!send_signals(pid, signals)) {
		printf("%d -1 -1 -1 %d\n", board->signals, wait_for_end(pid));
		return;
	}
	while (board->signals < signals && board->signals != last &&
		seconds_since(began) < STORM_PATIENCE_S) {
		last = board->signals;
		for (int waited = 0; waited < 1000 && board->signals == last; waited++)
			pause_us(1000);
	}
	arrived_s = board->signals == signals ? seconds_since(began) : -1;
	while (board->orphans_made < orphans && seconds_since(began) < STORM_PATIENCE_S)
		pause_us(100);
	made_ns = now_ns();
	while (count_children(pid) > 1 && seconds_since(made_ns) < STORM_PATIENCE_S)
		pause_us(1000);
	reaped_s = count_children(pid) == 1 ? seconds_since(made_ns) : -1;
	kill(pid, SIGTERM);
	printf("%d %.3f %d %.3f %d\n", board->signals, arrived_s, board->orphans_made, reaped_s,
		wait_for_end(pid));
}

int main(int argc, char **argv)
{
	static struct command commands[COMMANDS_MAX];
	char board_path[64];
	int count, fd;

	if (argc == 4 && strcmp(argv[1], "application") == 0)
		return be_application(argv + 2);
	if (argc == 2 && strcmp(argv[1], "listen") == 0) {
		serve();
		puts("listening");
		fflush(stdout);
		for (;;)
			pause();
	}
	if (argc < 5)
		return 2;
	count = split(argv + 4, commands);
	snprintf(board_path, sizeof board_path, "/tmp/lastcall-bench-board.%d", getpid());
	fd = open(board_path, O_RDWR | O_CREAT | O_CLOEXEC | O_EXCL, 0600);
	if (fd < 0 || ftruncate(fd, sizeof *board) < 0)
		return 2;
	board = mmap(NULL, sizeof *board, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (strcmp(argv[1], "latency") == 0)
		measure_latency(commands, count, board_path, atoi(argv[2]), atoi(argv[3]));
	else
		for (int i = 0; i < count; i++)
			weather_storm(&commands[i], board_path, atoi(argv[2]), atoi(argv[3]));
	return unlink(board_path) < 0 ? 2 : 0;
}
