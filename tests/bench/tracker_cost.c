/* SPDX-License-Identifier: MIT */
/* What one connection tracker costs (dump, judge, count) against reading /proc/net/tcp and tcp6 once, by the number
 * of connections on our port and of others in the namespace. And what the kernel alone takes for its part:
 * a dump whose rows nothing reads, with tcp_info and without, and files that are not parsed. */
#include "bench/must.h"
#include "bench/network.h"
#include "core/tcp/conn_tracker.h"
#include "sys/monoclock.h"
#include "sys/procnet.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define FOLLOWED_MAX 65536
#define REPEATS 21
#define BATCH 5000 /* connections a process holds */

/* Linear means: a connection costs the same at 1,000 and at 10,000, within this factor. */
#define LINEAR_WITHIN 2.0

#define STATES                                                                                     \
	(TCP_STATE_BIT(TCP_STATE_ESTABLISHED) | TCP_STATE_BIT(TCP_STATE_SYN_RECV) |                \
		TCP_STATE_BIT(TCP_STATE_CLOSE_WAIT) | TCP_STATE_BIT(TCP_STATE_FIN_WAIT1) |         \
		TCP_STATE_BIT(TCP_STATE_CLOSING) | TCP_STATE_BIT(TCP_STATE_LAST_ACK) |             \
		TCP_STATE_BIT(TCP_STATE_LISTEN))

struct port {
	int listen_fd;
	uint16_t number;
	unsigned connections;
};

enum way {
	TRACKER, /* dump, judge, count */
	DUMP, /* the same dump, whose rows nothing reads */
	DUMP_BARE, /* and without tcp_info */
	PROC, /* our reader of /proc/net/tcp and tcp6 */
	PROC_UNPARSED, /* read(2) alone */
	AWK, /* what people write: awk, run once, and nothing counted of its start */
	WAY_COUNT,
};

static const char *const way_names[] = {
	"connection tracker", "dump", "without info", "/proc", "unparsed", "awk"};
_Static_assert(sizeof way_names / sizeof *way_names == WAY_COUNT, "a way has no name");

static struct conn_tracker tracker;
static struct sockdiag diag;

static void open_some(const struct port *port, unsigned count)
{
	struct sockaddr_storage address;
	socklen_t len = network_address(ADDRESS_V4, port->number, &address);

	for (unsigned i = 0; i < count; i++) {
		int fd = must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");

		must(connect(fd, (const struct sockaddr *)&address, len), "connect");
		must(accept4(port->listen_fd, NULL, NULL, SOCK_CLOEXEC), "accept4");
	}
}

/* In processes that hold both ends until we are gone, for the limit of open files is small. */
static void open_connections(struct port *port, unsigned until)
{
	while (port->connections < until) {
		unsigned left = until - port->connections;
		unsigned count = left < BATCH ? left : BATCH;
		int ready[2];
		char byte;

		must(pipe(ready), "pipe");
		if (must(fork(), "fork") == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			close(ready[0]);
			open_some(port, count);
			must((int)write(ready[1], "", 1), "write");
			for (;;)
				pause();
		}
		close(ready[1]);
		if (read(ready[0], &byte, 1) != 1)
			cannot_run("not so many connections can be opened here");
		close(ready[0]);
		port->connections += count;
	}
}

static msec_t now;

static void take_row(void *arg, const struct connection *row)
{
	conn_tracker_pass_row(arg, row, now);
}

static void count_row(void *arg, const struct connection *row)
{
	unsigned *count = arg;

	*count += row->state == TCP_STATE_ESTABLISHED;
}

static void ignore_row(void *arg, const struct connection *row)
{
	(void)arg;
	(void)row;
}

static void poll_once(const struct sockdiag_query *query, unsigned connections)
{
	now = monoclock_now();
	conn_tracker_pass_begin(&tracker);
	must(sockdiag_dump(&diag, query, take_row, &tracker), "sockdiag_dump");
	conn_tracker_pass_end(&tracker, now);
	if (tracker.counts.open != connections) {
		fprintf(stderr, "bench: error: %u connections counted, there are %u\n",
			tracker.counts.open, connections);
		exit(BENCH_BROKEN);
	}
}

static void read_unparsed(const char *path)
{
	static char buf[65536];
	int fd = must(open(path, O_RDONLY | O_CLOEXEC), path);

	while (must((int)read(fd, buf, sizeof buf), path) > 0)
		continue;
	close(fd);
}

static void read_proc(const struct sockdiag_query *query, unsigned connections)
{
	unsigned count = 0;

	must(procnet_dump(query, count_row, &count), "procnet_dump");
	if (count != connections)
		fprintf(stderr, "bench: warning: /proc showed %u of %u\n", count, connections);
}

static double take(enum way way, const struct sockdiag_query *query, unsigned connections)
{
	struct sockdiag_query bare = *query;
	int64_t started_us = monoclock_now_us();

	bare.want_info = false;
	switch (way) {
	case TRACKER:
		poll_once(query, connections);
		break;
	case DUMP:
		must(sockdiag_dump(&diag, query, ignore_row, NULL), "sockdiag_dump");
		break;
	case DUMP_BARE:
		must(sockdiag_dump(&diag, &bare, ignore_row, NULL), "sockdiag_dump");
		break;
	case PROC:
		read_proc(query, connections);
		break;
	case PROC_UNPARSED:
		read_unparsed("/proc/net/tcp");
		read_unparsed("/proc/net/tcp6");
		break;
	case AWK:
		if (system("awk '$4 == \"01\" { n++ } END { exit n < 0 }' /proc/net/tcp "
			   "/proc/net/tcp6"))
			cannot_run("awk does not work here");
		break;
	case WAY_COUNT:
		break;
	}
	return (double)(monoclock_now_us() - started_us);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Medians, taken turn by turn, so that a disturbance meets all. */
static void measure(const struct port *port, double ret_us[static WAY_COUNT])
{
	struct port_set set = {0};
	const struct sockdiag_query query = {.states = STATES, .ports = &set, .want_info = true};
	double us[WAY_COUNT][REPEATS];

	port_set_add(&set, port->number);
	(void)take(TRACKER, &query, port->connections); /* meets each connection */
	for (int i = 0; i < REPEATS; i++) {
		for (enum way way = 0; way < WAY_COUNT; way++)
			us[way][i] = take(way, &query, port->connections);
	}
	for (enum way way = 0; way < WAY_COUNT; way++) {
		qsort(us[way], REPEATS, sizeof us[way][0], compare);
		ret_us[way] = us[way][REPEATS / 2];
	}
}

static void print(const struct port *port, const struct port *others, const double *us)
{
	printf("| %11u | %6u |", port->connections, others->connections);
	for (enum way way = 0; way < WAY_COUNT; way++)
		printf(" %12.0f |", us[way]);
	printf(" %5.1f |\n", us[PROC] / us[TRACKER]);
	fflush(stdout);
}

int main(void)
{
	static const unsigned steps[] = {0, 100, 1000, 10000};
	const struct class_settings settings = {.settle = 200};
	double costs[4][WAY_COUNT], beside_others[WAY_COUNT];
	struct port port = {0}, others = {0};
	double at_1000, at_10000;
	int status = 0;

	network_enter(0);
	if (sockdiag_open(&diag) < 0)
		cannot_run("no sock_diag here");
	conn_tracker_init(&tracker, must_calloc(FOLLOWED_MAX, sizeof(struct tracked_conn)),
		must_calloc(2 * (size_t)FOLLOWED_MAX, sizeof(uint32_t)), FOLLOWED_MAX, &settings);
	now = monoclock_now();
	conn_tracker_start(&tracker, now);
	port.listen_fd = network_listen(ADDRESS_V4, &port.number);
	others.listen_fd = network_listen(ADDRESS_V4, &others.number);
	printf("µs\n| connections | others |");
	for (enum way way = 0; way < WAY_COUNT; way++)
		printf(" %12s |", way_names[way]);
	printf(" ratio |\n");
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		open_connections(&port, steps[i]);
		measure(&port, costs[i]);
		print(&port, &others, costs[i]);
	}
	open_connections(&others, 10000);
	measure(&port, beside_others);
	print(&port, &others, beside_others);
	at_1000 = (costs[2][TRACKER] - costs[0][TRACKER]) / 1000;
	at_10000 = (costs[3][TRACKER] - costs[0][TRACKER]) / 10000;
	printf("a connection costs %.2f µs at 1,000 and %.2f µs at 10,000\n", at_1000, at_10000);
	if (at_10000 > LINEAR_WITHIN * at_1000) {
		printf("NOT MET: grows faster than linearly\n");
		status = BENCH_FAILED;
	}
	return status;
}
