/* SPDX-License-Identifier: MIT */
/* The application of the tests: it talks. Its arguments are steps, taken in order; each thing that
 * happens to it is a line on standard output, written with one call.
 *
 *	print=TEXT  describe  exit=CODE  raise=SIGNAL  hang  wait
 *	catch                 say each signal that arrives, but for SIGCHLD
 *	ignore=SIGNAL  exit-on=SIGNAL:CODE[:MS]  stop-on=SIGNAL  graceful=SIGNAL
 *	serve=[v6:|dual:|serial:]PORT  listen=PORT  listen-on=SIGNAL:PORT
 *	accept-on=SIGNAL      serve at last on what listen= has opened
 *	unlisten-on=SIGNAL    close all listening sockets
 *	orphans=COUNT  daemon=[deaf|plain|MS]  child=[deaf|plain|MS]  bomb  vfork
 *	flood=SIGNAL          send it to our parent for ever
 *	hide                  be as unreadable as a program that has changed its user
 *	user=UID              change it, as gosu and setpriv do
 *	name=NAME             be called so
 *	spin=COUNT            so many threads compute for ever
 *	fill                  write to standard output for ever: nobody reads it, so this blocks
 *	eat-on=SIGNAL         use memory until the kernel kills us
 *	exec                  the words that follow are the program that we become
 *	exec-on=SIGNAL        the same then, with the words behind wait
 *
 * A request's path says how it is answered: /d500/b1000/c/x is an answer after 500 ms of 1000 bytes,
 * the connection closed by us, and the process ended at once. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LISTENERS_MAX 8
#define LARGEST_ANSWER (4 << 20)

/* The kernel's own struct sigaction, for the two signals that the C library keeps for itself. */
struct kernel_sigaction {
	void (*handler)(int);
	unsigned long flags;
	void (*restorer)(void);
	uint64_t mask;
};

struct reaction {
	bool say, stop, graceful, exits, unlisten, accept, eat, exec;
	int code, delay_ms, port;
};

static struct reaction reactions[65];
static uint64_t reacted;
static int listeners[LISTENERS_MAX], listener_count;
static atomic_int requests;
static char **later_steps; /* those behind the one that is taken */

static void say(const char *format, ...)
{
	char line[4096];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(line, sizeof line - 1, format, args);
	va_end(args);
	line[len] = '\n';
	(void)!write(STDOUT_FILENO, line, (size_t)len + 1);
}

static void pause_ms(int ms)
{
	struct timespec left = {ms / 1000, ms % 1000 * 1000000L};

	while (nanosleep(&left, &left) < 0 && errno == EINTR)
		continue;
}

/* ---- signals ---- */

/* Installed so that /proc shows a handler; it never runs, for the signals that it is for are blocked
 * and taken one by one. */
static void never(int number)
{
	(void)number;
}

/* Returns what to do then. By system calls, for the C library keeps two signals for itself; its restorer, which is not
 * needed for a handler that never runs, serves all. */
static struct reaction *react_to(int number)
{
	struct sigaction action = {.sa_handler = never};
	struct kernel_sigaction raw;

	reacted |= UINT64_C(1) << (number - 1);
	syscall(SYS_rt_sigprocmask, SIG_BLOCK, &reacted, NULL, sizeof reacted);
	if (sigaction(number, &action, NULL) == 0)
		return &reactions[number];
	syscall(SYS_rt_sigaction, SIGUSR1, NULL, &raw, sizeof raw.mask);
	raw.handler = never;
	syscall(SYS_rt_sigaction, number, &raw, NULL, sizeof raw.mask);
	return &reactions[number];
}

static void catch_all(void)
{
	for (int number = 1; number <= 64; number++) {
		if (number != SIGKILL && number != SIGSTOP && number != SIGCHLD)
			react_to(number)->say = true;
	}
}

/* SIGNAL:CODE:MS */
static void exit_on(const char *value)
{
	struct reaction *reaction = react_to(atoi(value));

	reaction->exits = true;
	(void)sscanf(value, "%*d:%d:%d", &reaction->code, &reaction->delay_ms);
}

static void serve(const char *value);
static void accept_at_last(void);

static void close_listeners(void)
{
	for (int i = 0; i < listener_count; i++) {
		shutdown(listeners[i], SHUT_RDWR); /* wakes the thread that accepts */
		close(listeners[i]);
	}
	listener_count = 0;
}

static void end_gracefully(void)
{
	close_listeners();
	while (atomic_load(&requests) > 0)
		pause_ms(5);
	exit(0);
}

/* The limit of the control group ends this: the kernel kills the process of the group that uses most. */
static _Noreturn void eat(void)
{
	const size_t bite = 1 << 20;

	for (;;) {
		char *memory = malloc(bite);

		if (memory != NULL)
			memset(memory, 1, bite);
	}
}

static _Noreturn void become_program(char **argv)
{
	execv(argv[0], argv);
	say("cannot become %s: %s", argv[0], strerror(errno));
	_exit(97);
}

static void wait_for_signals(void)
{
	siginfo_t info;

	for (;;) {
		const struct reaction *reaction;

		if (syscall(SYS_rt_sigtimedwait, &reacted, &info, NULL, sizeof reacted) < 0)
			continue;
		reaction = &reactions[info.si_signo];
		if (reaction->say)
			say("signal %d code %d value %d", info.si_signo, info.si_code,
				info.si_value.sival_int);
		if (reaction->stop)
			raise(SIGSTOP);
		if (reaction->graceful)
			end_gracefully();
		if (reaction->unlisten)
			close_listeners();
		if (reaction->accept)
			accept_at_last();
		if (reaction->eat)
			eat();
		if (reaction->exec)
			become_program(later_steps);
		if (reaction->port > 0) {
			char port[16];

			snprintf(port, sizeof port, "%d", reaction->port);
			serve(port);
		}
		if (reaction->exits) {
			pause_ms(reaction->delay_ms);
			_exit(reaction->code);
		}
	}
}

/* ---- what we were given ---- */

static uint64_t ignored_signals(void)
{
	struct kernel_sigaction raw;
	uint64_t ignored = 0;

	for (int number = 1; number <= 64; number++) {
		if (syscall(SYS_rt_sigaction, number, NULL, &raw, sizeof raw.mask) == 0 &&
			raw.handler == SIG_IGN)
			ignored |= UINT64_C(1) << (number - 1);
	}
	return ignored;
}

static void describe_descriptors(void)
{
	char list[2048] = "";

	for (int fd = 0; fd < 1024; fd++) {
		struct stat file;
		int flags = fcntl(fd, F_GETFL);

		if (flags < 0 || fstat(fd, &file) < 0)
			continue;
		snprintf(list + strlen(list), sizeof list - strlen(list), " %d:%lu:%o", fd,
			(unsigned long)file.st_ino, (unsigned)flags);
	}
	say("descriptors%s", list);
}

static void describe(char **argv)
{
	uint64_t blocked = 0;
	char cwd[1024] = "";

	syscall(SYS_rt_sigprocmask, SIG_SETMASK, NULL, &blocked, sizeof blocked);
	say("blocked %llx", (unsigned long long)blocked);
	say("ignored %llx", (unsigned long long)ignored_signals());
	say("ids pid %d parent %d group %d session %d uid %d", getpid(), getppid(), getpgrp(),
		getsid(0), (int)getuid());
	say("cwd %s", getcwd(cwd, sizeof cwd) != NULL ? cwd : "?");
	describe_descriptors();
	for (char **argument = argv; *argument != NULL; argument++)
		say("argument %s", *argument);
	for (char **variable = environ; *variable != NULL; variable++)
		say("variable %s", *variable);
	say("described");
}

/* ---- the server ---- */

struct request {
	int delay_ms, bytes;
	bool close, exits;
};

static struct request parse_request(const char *head)
{
	struct request request = {.bytes = 2};
	const char *end = strstr(head, " HTTP/");

	for (const char *at = strchr(head, '/'); at != NULL && at < end; at = strchr(at + 1, '/')) {
		if (at[1] == 'd')
			request.delay_ms = atoi(at + 2);
		if (at[1] == 'b')
			request.bytes = atoi(at + 2);
		request.close |= at[1] == 'c';
		request.exits |= at[1] == 'x';
	}
	return request;
}

static bool send_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t sent = send(fd, bytes, len, MSG_NOSIGNAL);

		if (sent < 0)
			return false;
		bytes += sent;
		len -= (size_t)sent;
	}
	return true;
}

static bool answer(int fd, struct request request)
{
	char *bytes = malloc(LARGEST_ANSWER + 256);
	int head;
	bool sent;

	pause_ms(request.delay_ms);
	head = sprintf(bytes, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n%s\r\n", request.bytes,
		request.close ? "Connection: close\r\n" : "");
	memset(bytes + head, 'x', (size_t)request.bytes);
	sent = send_all(fd, bytes, (size_t)(head + request.bytes));
	free(bytes);
	if (request.exits)
		_exit(0);
	return sent && !request.close;
}

static void serve_connection(int fd)
{
	char head[2048];
	size_t len = 0;

	for (bool open = true; open;) {
		ssize_t got = recv(fd, head + len, sizeof head - 1 - len, 0);

		if (got <= 0)
			break;
		len += (size_t)got;
		head[len] = '\0';
		if (strstr(head, "\r\n\r\n") == NULL)
			continue;
		atomic_fetch_add(&requests, 1);
		open = answer(fd, parse_request(head));
		atomic_fetch_sub(&requests, 1);
		len = 0;
	}
	close(fd);
}

static void *connection_thread(void *arg)
{
	serve_connection((int)(intptr_t)arg);
	return NULL;
}

static void start_thread(void *(*function)(void *), intptr_t arg)
{
	pthread_t thread;
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before); /* signals are the main thread's */
	pthread_create(&thread, NULL, function, (void *)arg);
	pthread_detach(thread);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static int accept_one(int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC), on = 1, room = LARGEST_ANSWER;

	if (fd < 0)
		return fd;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
	return fd;
}

static void *parallel_server(void *arg)
{
	int fd;

	while ((fd = accept_one((int)(intptr_t)arg)) >= 0)
		start_thread(connection_thread, fd);
	return NULL;
}

static void *serial_server(void *arg)
{
	int fd;

	while ((fd = accept_one((int)(intptr_t)arg)) >= 0)
		serve_connection(fd);
	return NULL;
}

static int listen_on(int family, bool only_v6, int port)
{
	struct sockaddr_in in4 = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1, only = only_v6, r;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only);
	r = family == AF_INET ? bind(fd, (struct sockaddr *)&in4, sizeof in4)
			      : bind(fd, (struct sockaddr *)&in6, sizeof in6);
	if (r < 0 || listen(fd, 128) < 0) {
		say("cannot listen on %d: %s", port, strerror(errno));
		_exit(98);
	}
	listeners[listener_count++] = fd;
	say("listening %d", port);
	return fd;
}

static bool take_prefix(const char **at, const char *prefix)
{
	size_t len = strlen(prefix);

	if (strncmp(*at, prefix, len) != 0)
		return false;
	*at += len;
	return true;
}

static void serve(const char *value)
{
	bool serial = take_prefix(&value, "serial:"), v6 = take_prefix(&value, "v6:"),
	     dual = take_prefix(&value, "dual:");
	int fd = listen_on(v6 || dual ? AF_INET6 : AF_INET, v6, atoi(value));

	start_thread(serial ? serial_server : parallel_server, fd);
}

static void accept_at_last(void)
{
	for (int i = 0; i < listener_count; i++)
		start_thread(parallel_server, listeners[i]);
}

/* ---- children ---- */

/* deaf: SIGTERM does not reach it; plain: it does; a number: it cleans up for so long, then exits. It begins with SIGTERM
 * blocked. */
static _Noreturn void be_child(const char *manner)
{
	bool cleans_up = *manner >= '0' && *manner <= '9';
	sigset_t term;
	int number;

	sigemptyset(&term);
	if (cleans_up)
		sigaddset(&term, SIGTERM);
	else
		signal(SIGTERM, strcmp(manner, "deaf") == 0 ? SIG_IGN : SIG_DFL);
	sigprocmask(SIG_SETMASK, &term, NULL);
	say("child %d", getpid());
	if (cleans_up) {
		sigwait(&term, &number);
		pause_ms(atoi(manner));
		say("cleaned up %d", getpid());
		_exit(0);
	}
	for (;;)
		pause();
}

static void start_child(const char *manner)
{
	sigset_t term, before;

	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &term, &before);
	if (fork() == 0)
		be_child(manner);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void start_daemon(const char *manner)
{
	pid_t between = fork();

	if (between == 0) {
		setsid();
		start_child(manner);
		_exit(0);
	}
	waitpid(between, NULL, 0);
}

/* Returns when they have ended, but for the kernel's last steps. */
static void make_orphans(int count)
{
	int ends[2];
	char none;

	if (pipe(ends) < 0)
		abort();
	for (int i = 0; i < count; i++) {
		pid_t between = fork();

		if (between == 0) {
			if (fork() == 0)
				_exit(i % 256);
			_exit(0);
		}
		waitpid(between, NULL, 0);
	}
	close(ends[1]);
	while (read(ends[0], &none, 1) < 0 && errno == EINTR)
		;
	close(ends[0]);
	say("orphans made");
}

/* Every process of it forks for ever, deaf and in a session of its own: a killed one makes room for
 * another one. Only to be set off under RLIMIT_NPROC. */
static _Noreturn void explode(void)
{
	signal(SIGTERM, SIG_IGN);
	signal(SIGCHLD, SIG_IGN);
	say("bomb");
	for (;;) {
		if (fork() == 0)
			setsid();
		else
			pause_ms(1);
	}
}

/* The parent waits in the kernel, uninterruptibly but for SIGKILL, until its child execs or ends. By the
 * calls that every architecture has: arm64 never had those of the names vfork and pause. */
static void hang_in_vfork(void)
{
	say("in vfork");
	if (syscall(SYS_clone, CLONE_VM | CLONE_VFORK | SIGCHLD, NULL, NULL, NULL, NULL) == 0)
		for (;;)
			syscall(SYS_ppoll, NULL, 0, NULL, NULL, 0);
}

static _Noreturn void flood(int number)
{
	pid_t parent = getppid();

	say("flooding");
	for (;;)
		kill(parent, number);
}

static void become_user(unsigned uid)
{
	if (setgroups(0, NULL) < 0 || setgid(uid) < 0 || setuid(uid) < 0)
		say("cannot become %u: %s", uid, strerror(errno));
}

static void *spin(void *arg)
{
	volatile unsigned count = 0;

	for (;;)
		count++;
	return arg;
}

static void start_spinning(int count)
{
	for (int i = 0; i < count; i++)
		start_thread(spin, 0);
}

/* Byte by byte: the pipe gets full to its last byte. */
static _Noreturn void fill_output(void)
{
	for (;;)
		(void)!write(STDOUT_FILENO, "x", 1);
}

/* ---- steps ---- */

static void take_step(const char *step, char **argv)
{
	if (take_prefix(&step, "print="))
		say("%s", step);
	else if (strcmp(step, "describe") == 0)
		describe(argv);
	else if (take_prefix(&step, "exit="))
		exit(atoi(step));
	else if (take_prefix(&step, "raise="))
		raise(atoi(step));
	else if (strcmp(step, "hang") == 0)
		for (;;)
			pause();
	else if (strcmp(step, "wait") == 0)
		wait_for_signals();
	else if (strcmp(step, "catch") == 0)
		catch_all();
	else if (take_prefix(&step, "ignore="))
		signal(atoi(step), SIG_IGN);
	else if (take_prefix(&step, "exit-on="))
		exit_on(step);
	else if (take_prefix(&step, "stop-on="))
		react_to(atoi(step))->stop = true;
	else if (take_prefix(&step, "graceful="))
		react_to(atoi(step))->graceful = true;
	else if (take_prefix(&step, "unlisten-on="))
		react_to(atoi(step))->unlisten = true;
	else if (take_prefix(&step, "accept-on="))
		react_to(atoi(step))->accept = true;
	else if (take_prefix(&step, "eat-on="))
		react_to(atoi(step))->eat = true;
	else if (take_prefix(&step, "exec-on="))
		react_to(atoi(step))->exec = true;
	else if (take_prefix(&step, "listen-on="))
		react_to(atoi(step))->port = atoi(strchr(step, ':') + 1);
	else if (take_prefix(&step, "serve="))
		serve(step);
	else if (take_prefix(&step, "listen="))
		listen_on(AF_INET, false, atoi(step));
	else if (take_prefix(&step, "sleep="))
		pause_ms(atoi(step));
	else if (take_prefix(&step, "orphans="))
		make_orphans(atoi(step));
	else if (take_prefix(&step, "daemon="))
		start_daemon(step);
	else if (take_prefix(&step, "child="))
		start_child(step);
	else if (strcmp(step, "bomb") == 0)
		explode();
	else if (strcmp(step, "vfork") == 0)
		hang_in_vfork();
	else if (take_prefix(&step, "flood="))
		flood(atoi(step));
	else if (strcmp(step, "end-main-thread") == 0)
		pthread_exit(NULL);
	else if (strcmp(step, "hide") == 0)
		prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	else if (take_prefix(&step, "user="))
		become_user((unsigned)atoi(step));
	else if (take_prefix(&step, "name="))
		prctl(PR_SET_NAME, step, 0, 0, 0);
	else if (take_prefix(&step, "spin="))
		start_spinning(atoi(step));
	else if (strcmp(step, "fill") == 0)
		fill_output();
	else if (strcmp(step, "exec") == 0)
		become_program(later_steps);
	else
		say("no such step: %s", step);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		later_steps = argv + i + 1;
		take_step(argv[i], argv);
	}
	return 0;
}
