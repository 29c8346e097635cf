/* SPDX-License-Identifier: MIT */
/* Starts a program in namespaces of its own and in the conditions that a test asks for, and tells
 * the test how it ended. The test reads three kinds of messages from the control socket:
 *
 *	program			sent by the process that is about to become the program, so that its
 *				credentials hold the pid as the reader sees it
 *	ended STATUS LEFT DELAY	the wait status, how many other processes were still alive, and for how
 *				many ms the program could have run, but had no processor
 *	failed STEP: REASON	the conditions could not be made
 *
 * usage: jail CONTROL_FD SETTING... -- PROGRAM ARGUMENT...
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <grp.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* What outlives its test all the same ends by itself after so many seconds, or those of lifetime=. */
#define LIFETIME_S 150

#define KERNEL_SIGSET_BYTES 8

static int control;
static int kept_proc; /* shows the program, whatever becomes of /proc */

static void say(const char *format, ...)
{
	char message[256];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(message, sizeof message, format, args);
	va_end(args);
	(void)!write(control, message, (size_t)len);
}

static void need(bool done, const char *step)
{
	if (done)
		return;
	say("failed %s: %s", step, strerror(errno));
	_exit(99);
}

/* The value of NAME=VALUE among the settings; "" for a bare NAME, NULL when it is not there. */
static const char *setting(char **settings, const char *name)
{
	size_t len = strlen(name);

	for (; strcmp(*settings, "--") != 0; settings++) {
		if (strncmp(*settings, name, len) != 0)
			continue;
		if ((*settings)[len] == '=')
			return *settings + len + 1;
		if ((*settings)[len] == '\0')
			return "";
	}
	return NULL;
}

static bool has(char **settings, const char *name)
{
	return setting(settings, name) != NULL;
}

static bool bring_loopback_up(void)
{
	struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool up = fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &request) == 0;

	close(fd);
	return up;
}

static bool join_network(const char *pid)
{
	char path[64];
	int fd;
	bool joined;

	snprintf(path, sizeof path, "/proc/%s/ns/net", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	joined = fd >= 0 && setns(fd, CLONE_NEWNET) == 0;
	close(fd);
	return joined;
}

/* The clocks of children say that so many seconds more have passed since the machine was started. */
static bool move_clocks(const char *seconds)
{
	char offsets[128];
	int fd, len = snprintf(offsets, sizeof offsets, "monotonic %s 0\nboottime %s 0\n", seconds,
			seconds);
	bool moved;

	if (unshare(CLONE_NEWTIME) < 0)
		return false;
	fd = open("/proc/self/timens_offsets", O_WRONLY | O_CLOEXEC);
	moved = fd >= 0 && write(fd, offsets, (size_t)len) == len;
	close(fd);
	return moved;
}

static void make_network(char **settings)
{
	if (has(settings, "join")) {
		need(join_network(setting(settings, "join")), "join");
		return;
	}
	need(unshare(CLONE_NEWNET) == 0, "unshare net");
	need(bring_loopback_up(), "loopback");
}

/* proc=MOUNT_OPTIONS, proc=off for a container without it, proc=none to leave the old one. */
static void mount_proc(char **settings)
{
	const char *how = has(settings, "proc") ? setting(settings, "proc") : "";

	if (strcmp(how, "none") == 0)
		return;
	need(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0, "private mounts");
	if (strcmp(how, "off") == 0)
		need(mount("nothing", "/proc", "tmpfs", MS_RDONLY, NULL) == 0, "hide /proc");
	else
		need(mount("proc", "/proc", "proc", 0, how) == 0, "mount /proc");
}

/* As a container's root file system may be. */
static void make_read_only(const char *directory)
{
	need(mount(directory, directory, NULL, MS_BIND, NULL) == 0 &&
			mount(NULL, directory, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) == 0,
		"read-only mount");
}

static void set_limit(char **settings, const char *name, int resource)
{
	struct rlimit limit;

	if (!has(settings, name))
		return;
	limit.rlim_cur = limit.rlim_max = strtoul(setting(settings, name), NULL, 10);
	need(setrlimit(resource, &limit) == 0, name);
}

static bool install(struct sock_filter *program, size_t len)
{
	struct sock_fprog filter = {(unsigned short)len, program};

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

/* The call fails where the argument at that index, from 0 on, has that value. */
static bool deny_call_with(unsigned number, unsigned index, unsigned value, unsigned error)
{
	const unsigned offset = offsetof(struct seccomp_data, args) + index * sizeof(uint64_t);
	struct sock_filter program[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	return install(program, sizeof program / sizeof program[0]);
}

/* As in a kernel without that domain. */
static bool deny_socket_domain(unsigned domain, unsigned error)
{
	return deny_call_with(SYS_socket, 0, domain, error);
}

/* The address of netlink has another size than those of the internet. */
static bool deny_bind_of(unsigned size, unsigned error)
{
	return deny_call_with(SYS_bind, 2, size, error);
}

static bool deny_call(unsigned number, unsigned error)
{
	struct sock_filter program[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	return install(program, sizeof program / sizeof program[0]);
}

struct call {
	const char *name;
	unsigned number;
};

static const struct call calls_by_name[] = {
	{"accept4", SYS_accept4},
	{"bind", SYS_bind},
	{"chdir", SYS_chdir},
	{"epoll_create1", SYS_epoll_create1},
	{"epoll_ctl", SYS_epoll_ctl},
	{"epoll_pwait", SYS_epoll_pwait},
#ifdef SYS_epoll_wait
	{"epoll_wait", SYS_epoll_wait},
#endif
	{"fcntl", SYS_fcntl},
	{"fstat", SYS_fstat},
	{"getdents64", SYS_getdents64},
	{"getpgid", SYS_getpgid},
#ifdef SYS_getpgrp
	{"getpgrp", SYS_getpgrp},
#endif
	{"ioctl", SYS_ioctl},
	{"kill", SYS_kill},
	{"listen", SYS_listen},
	{"newfstatat", SYS_newfstatat},
	{"openat", SYS_openat},
	{"pipe2", SYS_pipe2},
	{"prctl", SYS_prctl},
	{"prlimit64", SYS_prlimit64},
	{"readlinkat", SYS_readlinkat},
	{"recvfrom", SYS_recvfrom},
	{"rt_sigaction", SYS_rt_sigaction},
	{"rt_sigprocmask", SYS_rt_sigprocmask},
	{"rt_sigqueueinfo", SYS_rt_sigqueueinfo},
	{"sendmsg", SYS_sendmsg},
	{"sendto", SYS_sendto},
	{"setpgid", SYS_setpgid},
	{"setsockopt", SYS_setsockopt},
	{"signalfd4", SYS_signalfd4},
	{"socket", SYS_socket},
	{"timerfd_create", SYS_timerfd_create},
	{"timerfd_settime", SYS_timerfd_settime},
#ifdef SYS_vfork
	{"vfork", SYS_vfork},
#endif
	{"waitid", SYS_waitid},
};

/* NAME:ERRNO */
static bool deny_by_name(const char *call)
{
	size_t len = strcspn(call, ":");

	for (size_t i = 0; i < sizeof calls_by_name / sizeof calls_by_name[0]; i++) {
		if (strncmp(calls_by_name[i].name, call, len) == 0 &&
			calls_by_name[i].name[len] == '\0')
			return deny_call(calls_by_name[i].number,
				(unsigned)strtoul(call + len + 1, NULL, 10));
	}
	errno = EINVAL;
	return false;
}

static void deny_calls(char **settings)
{
	const char *calls = has(settings, "deny") ? setting(settings, "deny") : "";

	if (strstr(calls, "netlink-eperm") != NULL)
		need(deny_socket_domain(AF_NETLINK, EPERM), "deny netlink");
	else if (strstr(calls, "netlink") != NULL)
		need(deny_socket_domain(AF_NETLINK, EPROTONOSUPPORT), "deny netlink");
	if (strstr(calls, "events") != NULL)
		need(deny_bind_of(sizeof(struct sockaddr_nl), EPERM), "deny events");
	if (strstr(calls, "inet6") != NULL)
		need(deny_socket_domain(AF_INET6, EAFNOSUPPORT), "deny inet6");
	if (has(settings, "call"))
		need(deny_by_name(setting(settings, "call")), "deny call");
	if (strstr(calls, "timerfd") != NULL)
		need(deny_call(SYS_timerfd_create, ENOSYS), "deny timerfd");
	if (strstr(calls, "pwritev2") != NULL)
		need(deny_call(SYS_pwritev2, EPERM), "deny pwritev2");
	if (strstr(calls, "pidfd") != NULL)
		need(deny_call(SYS_pidfd_open, ENOSYS), "deny pidfd");
	if (strstr(calls, "prctl") != NULL)
		need(deny_call(SYS_prctl, EPERM), "deny prctl");
}

static void become_user(const char *user)
{
	unsigned uid = (unsigned)strtoul(user, NULL, 10);

	need(setgroups(0, NULL) == 0 && setgid(uid) == 0 && setuid(uid) == 0, "become user");
}

static void drop_capabilities(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[2] = {{0}};

	need(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && syscall(SYS_capset, &header, none) == 0,
		"drop capabilities");
}

/* Signals go to the program as no shell would leave them. */
static void set_signals(char **settings)
{
	uint64_t blocked =
		has(settings, "block") ? strtoull(setting(settings, "block"), NULL, 16) : 0;
	uint64_t ignored =
		has(settings, "ignore") ? strtoull(setting(settings, "ignore"), NULL, 16) : 0;

	for (int number = 1; number <= 64; number++)
		signal(number, ignored >> (number - 1) & 1 ? SIG_IGN : SIG_DFL);
	need(syscall(SYS_rt_sigprocmask, SIG_SETMASK, &blocked, NULL, KERNEL_SIGSET_BYTES) == 0,
		"signal mask");
}

/* A terminal that is our standard input becomes the controlling one of a session of our own. */
static void take_terminal(void)
{
	need(setsid() > 0 && ioctl(STDIN_FILENO, TIOCSCTTY, 0) == 0, "terminal");
}

static void close_standard(const char *which)
{
	for (; *which != '\0'; which++)
		close(*which - '0');
}

/* Its processes are in a cgroup of their own, as those of a container are. */
static void enter_cgroup(const char *directory)
{
	char path[512];
	int fd;

	snprintf(path, sizeof path, "%s/cgroup.procs", directory);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	need(fd >= 0 && write(fd, "0", 1) == 1, "cgroup");
	close(fd);
}

static _Noreturn void become_program(char **settings, char **argv)
{
	if (has(settings, "terminal"))
		take_terminal();
	else
		need(setpgid(0, 0) == 0 || getpid() == 1, "process group");
	say("program");
	set_limit(settings, "nofile", RLIMIT_NOFILE);
	set_limit(settings, "memory", RLIMIT_AS);
	set_limit(settings, "fsize", RLIMIT_FSIZE);
	set_limit(settings, "sigpending", RLIMIT_SIGPENDING);
	set_limit(settings, "stack", RLIMIT_STACK);
	if (has(settings, "cgroup"))
		enter_cgroup(setting(settings, "cgroup"));
	if (has(settings, "cwd"))
		need(chdir(setting(settings, "cwd")) == 0, "cwd");
	if (has(settings, "user"))
		become_user(setting(settings, "user"));
	set_limit(settings, "nproc", RLIMIT_NPROC);
	if (has(settings, "noptrace")) /* Docker's root may not look into others' processes */
		need(prctl(PR_CAPBSET_DROP, CAP_SYS_PTRACE, 0, 0, 0) == 0, "give up ptrace");
	if (has(settings, "nokill")) /* cap_drop: ALL, and what changes the user added again */
		need(prctl(PR_CAPBSET_DROP, CAP_KILL, 0, 0, 0) == 0, "give up kill");
	if (has(settings, "nocaps"))
		drop_capabilities();
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* again: another user clears it */
	deny_calls(settings);
	set_signals(settings);
	if (has(settings, "close"))
		close_standard(setting(settings, "close"));
	execv(argv[0], argv);
	need(false, argv[0]);
	_exit(99);
}

/* Counts all processes but us, the PID 1 of this namespace. */
static int count_others(void)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	int count = 0;

	while (proc != NULL && (entry = readdir(proc)) != NULL)
		count += atoi(entry->d_name) > 1;
	if (proc != NULL)
		closedir(proc);
	return count;
}

/* So that an end of file means that the program has closed its end. */
static void keep_only_control(void)
{
	for (int fd = 0; fd < 1024; fd++) {
		if (fd != control && fd != kept_proc)
			close(fd);
	}
}

/* The second number of schedstat, ns; 0 where there is none. */
static long run_delay_ms(pid_t pid)
{
	char path[64], text[128] = "";
	unsigned long long delay = 0;
	int fd;

	snprintf(path, sizeof path, "%d/schedstat", (int)pid);
	fd = openat(kept_proc, path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && read(fd, text, sizeof text - 1) > 0)
		(void)sscanf(text, "%*u %llu", &delay);
	close(fd);
	return (long)(delay / 1000000);
}

/* Reaps children until the program has ended. Returns for how long it had no processor, ms. */
static long await_program(pid_t program, int *ret_status)
{
	siginfo_t info = {0};
	long delay = 0;

	while (info.si_pid != program) {
		if (waitid(P_ALL, 0, &info, WEXITED | WNOWAIT) < 0)
			continue;
		if (info.si_pid == program)
			delay = run_delay_ms(program);
		waitpid(info.si_pid, ret_status, 0);
	}
	return delay;
}

/* A process that was sent SIGKILL may need a moment to be gone. */
static int count_left(void)
{
	const struct timespec moment = {0, 5000000};
	int count = 0;

	for (int tries = 0; tries < 100; tries++) {
		while (waitpid(-1, NULL, WNOHANG) > 0)
			continue;
		count = count_others();
		if (count == 0)
			break;
		nanosleep(&moment, NULL);
	}
	return count;
}

/* PID 1 where the program is not to be: reaps, and counts the processes that are left in the end. */
static _Noreturn void be_init(char **settings, char **argv)
{
	pid_t program = fork();
	int status;
	long delay;

	need(program >= 0, "fork");
	if (program == 0)
		become_program(settings, argv);
	kept_proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	keep_only_control();
	delay = await_program(program, &status);
	say("ended %d %d %ld", status, count_left(), delay);
	_exit(0);
}

static _Noreturn void inside(char **settings, char **argv)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	mount_proc(settings);
	if (has(settings, "readonly"))
		make_read_only(setting(settings, "readonly"));
	if (has(settings, "pid1"))
		become_program(settings, argv);
	be_init(settings, argv);
}

int main(int argc, char **argv)
{
	char **settings = argv + 2, **program = settings;
	int status;
	long delay;
	pid_t pid;

	(void)argc;
	control = atoi(argv[1]);
	fcntl(control, F_SETFD, FD_CLOEXEC);
	while (strcmp(*program, "--") != 0)
		program++;
	program++;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarm(has(settings, "lifetime") ? (unsigned)atoi(setting(settings, "lifetime"))
					: LIFETIME_S);
	make_network(settings);
	if (has(settings, "uptime"))
		need(move_clocks(setting(settings, "uptime")), "time namespace");
	kept_proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	need(unshare(CLONE_NEWPID | CLONE_NEWNS) == 0, "unshare pid");
	pid = fork();
	need(pid >= 0, "fork");
	if (pid == 0)
		inside(settings, program);
	keep_only_control();
	delay = await_program(pid, &status);
	if (has(settings, "pid1"))
		say("ended %d 0 %ld", status, delay);
	return 0;
}
