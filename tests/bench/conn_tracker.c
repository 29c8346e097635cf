/* SPDX-License-Identifier: MIT */
/* Ground truth: what servers and clients know to be in flight, against what connection_classify says of
 * dumps taken at random times. README.md says how to read what it prints. */
#include "bench/ground_truth.h"
#include "bench/must.h"
#include "bench/network.h"
#include "bench/traffic_client.h"
#include "bench/transport.h"
#include "core/tcp/connection_class.h"
#include "sys/monoclock.h"
#include "sys/sockdiag.h"
#include "sys/sockdiag_exact.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SETTLE_MS 200
#define POLL_MS 20
#define TICK_MS 10 /* what the kernel's times may be off, at most */
#define ROWS_MAX 32768

/* --longest-request: longer than any request here. Doubt may last until a connection has been quiet for so
 * long, and no longer. */
#define LONGEST_MS 10000

#define STATES                                                                                     \
	(TCP_STATE_BIT(TCP_STATE_ESTABLISHED) | TCP_STATE_BIT(TCP_STATE_CLOSE_WAIT) |              \
		TCP_STATE_BIT(TCP_STATE_SYN_RECV))

enum truth { TRUTH_UNKNOWN, TRUTH_BUSY, TRUTH_IDLE, TRUTH_COUNT };

struct options {
	const char *kind;
	uint64_t verdicts;
	unsigned seconds, connections, mtu, polls_max, probe_ms;
	uint64_t seed;
	bool list;
	const char *trace;
};

/* All verdicts. A spell is one request or one pause of one connection in one drain. */
struct matrix {
	uint64_t verdicts[TRUTH_COUNT][CONNECTION_CLASS_COUNT];
	uint64_t costly; /* idle verdicts that held for longer than settle and a poll */
	uint64_t unsure; /* of these, for doubt */
	uint64_t costly_spells, idle_spells, dangerous_spells, busy_spells;
	int64_t longest_costly_us, longest_unsure_us;
};

/* What the earlier polls of a drain have left of one connection. */
struct history {
	uint64_t cookie; /* a new connection starts afresh */
	struct connection_memory memory;
};

/* What was counted of one connection in one drain. */
struct spell {
	unsigned counted_busy, counted_idle; /* the request that was counted last, + 1 */
	unsigned dangerous, costly;
};

struct bench {
	const struct options *options;
	const struct traffic_kind *kind;
	unsigned connections;
	struct ground_truth *truths;
	struct ground_truth_copy *before, *after;
	_Atomic uint32_t *connection_of_port;
	struct sockdiag diag;
	uint16_t port;
	struct connection *rows;
	size_t row_count;
	struct connection *
		answers; /* to the same poll's request for one row alone; cookie 0: there was none */
	struct history *histories, *asked_histories;
	struct spell *spells;
	struct matrix matrix;
	uint64_t verdicts, discarded, dumps;
	uint64_t asked, asked_differ,
		asked_dangerous; /* verdicts by requests for single connections */
	struct random random;
	bool counting;
	FILE *trace;
};

static void keep_row(void *arg, const struct connection *row)
{
	struct bench *bench = arg;

	if (bench->row_count < ROWS_MAX)
		bench->rows[bench->row_count++] = *row;
}

static void copy_truths(const struct bench *bench, struct ground_truth_copy *copies)
{
	for (unsigned i = 0; i < bench->connections; i++)
		ground_truth_copy(&bench->truths[i], &copies[i]);
}

/* The truth at the moment of the row, if it is known. With byte counts the row itself says how
 * far the connection was; else only what held before and after the dump holds at the row. */
static enum truth tell(const struct ground_truth_copy *before,
	const struct ground_truth_copy *after, const struct connection *row)
{
	if (((before->version | after->version) & 1) || before->version != after->version)
		return TRUTH_UNKNOWN;
	if (before->begun == 0)
		return TRUTH_IDLE;
	if (before->exact)
		return row->bytes_received > before->received_before &&
				       row->bytes_acked < before->acked_after
			       ? TRUTH_BUSY
			       : TRUTH_IDLE;
	if ((int)(before->handed - after->answering) > 0)
		return TRUTH_BUSY;
	if (before->finished == after->begun)
		return TRUTH_IDLE;
	return TRUTH_UNKNOWN;
}

static void count_spell(struct matrix *matrix, struct spell *spell, enum truth truth,
	unsigned request, bool dangerous, bool costly)
{
	if (truth == TRUTH_BUSY && spell->counted_busy != request) {
		spell->counted_busy = request;
		matrix->busy_spells++;
	}
	if (truth == TRUTH_IDLE && spell->counted_idle != request) {
		spell->counted_idle = request;
		matrix->idle_spells++;
	}
	if (dangerous && spell->dangerous != request) {
		spell->dangerous = request;
		matrix->dangerous_spells++;
	}
	if (costly && spell->costly != request) {
		spell->costly = request;
		matrix->costly_spells++;
	}
}

static bool is_dangerous(enum truth truth, enum connection_class class)
{
	return truth == TRUTH_BUSY &&
	       (class == CONNECTION_IDLE || class == CONNECTION_NEW || class == CONNECTION_OTHER);
}

static void count_verdict(struct bench *bench, uint32_t index, enum truth truth,
	enum connection_class class, int64_t idle_us)
{
	struct matrix *matrix = &bench->matrix;
	bool unsure = class == CONNECTION_UNSURE;
	bool costly = truth == TRUTH_IDLE &&
		      (unsure || class == CONNECTION_BUSY || class == CONNECTION_RECENT) &&
		      idle_us > (SETTLE_MS + POLL_MS + TICK_MS) * 1000;

	matrix->verdicts[truth][class]++;
	if (costly) {
		int64_t *longest = unsure ? &matrix->longest_unsure_us : &matrix->longest_costly_us;

		matrix->costly++;
		matrix->unsure += unsure;
		if (idle_us > *longest)
			*longest = idle_us;
	}
	count_spell(matrix, &bench->spells[index], truth, bench->before[index].begun + 1,
		is_dangerous(truth, class), costly);
}

static void trace_row(struct bench *bench, uint32_t index, enum truth truth,
	const struct connection *row, enum connection_class class, int64_t idle_us)
{
	const struct connection_memory *memory = &bench->histories[index].memory;

	if (bench->trace == NULL)
		return;
	fprintf(bench->trace, "%s,%u,%s,%s,%u,%u,%u,%u,%u,%u,%u,%u,%u,%lld,%llu,%llu,%u,%u,%u\n",
		bench->kind->name, index, truth == TRUTH_BUSY ? "busy" : "idle",
		connection_class_name(class), row->last_data_sent_ms, row->last_data_recv_ms,
		row->last_ack_recv_ms, row->segs_out, row->data_segs_out, row->segs_in,
		row->data_segs_in, memory->rests, bench->before[index].begun, (long long)idle_us,
		(unsigned long long)row->bytes_received, (unsigned long long)row->bytes_acked,
		row->rqueue, row->wqueue, row->state);
}

static enum connection_class judge_again(struct history *history, const struct connection *row)
{
	const struct class_settings settings = {.settle = SETTLE_MS, .longest_request = LONGEST_MS};

	if (history->cookie != row->cookie)
		*history = (struct history){.cookie = row->cookie};
	return connection_classify(row, &history->memory, &settings, monoclock_now());
}

/* Nothing has happened on the connection between the dump and the request for it alone. */
static bool is_same_moment(const struct connection *a, const struct connection *b)
{
	return a->state == b->state && a->rqueue == b->rqueue && a->wqueue == b->wqueue &&
	       a->bytes_received == b->bytes_received && a->bytes_acked == b->bytes_acked &&
	       a->segs_in == b->segs_in && a->segs_out == b->segs_out;
}

/* The same by the other way of asking, which remembers its own polls. */
static void judge_answer(struct bench *bench, const struct connection *row, uint32_t index,
	enum connection_class dumped)
{
	const struct connection *answer = &bench->answers[row - bench->rows];
	enum connection_class class;
	enum truth truth;

	if (answer->cookie == 0)
		return;
	class = judge_again(&bench->asked_histories[index], answer);
	truth = tell(&bench->before[index], &bench->after[index], answer);
	if (!bench->counting || truth == TRUTH_UNKNOWN)
		return;
	bench->asked_dangerous += is_dangerous(truth, class);
	if (!is_same_moment(row, answer))
		return;
	bench->asked++;
	bench->asked_differ += class != dumped;
}

static void judge_row(struct bench *bench, const struct connection *row, int64_t now_us)
{
	uint32_t index = bench->connection_of_port[row->peer_port];
	enum connection_class class;
	enum truth truth;
	int64_t idle_us;

	if (index-- == 0 || index >= bench->connections)
		return;
	class = judge_again(&bench->histories[index], row);
	truth = tell(&bench->before[index], &bench->after[index], row);
	judge_answer(bench, row, index, class);
	if (!bench->counting)
		return;
	if (truth == TRUTH_UNKNOWN) {
		bench->discarded++;
		return;
	}
	/* what is finished for the kernel may not have been read by the client yet */
	idle_us = bench->before[index].finished == bench->before[index].begun
			  ? now_us - bench->before[index].finished_us
			  : 0;
	bench->verdicts++;
	count_verdict(bench, index, truth, class, idle_us);
	trace_row(bench, index, truth, row, class, idle_us);
}

static void keep_answer(void *arg, size_t index, const struct connection *row)
{
	struct connection *answers = arg;

	if (row != NULL)
		answers[index] = *row;
}

static struct connection_key key_of(const struct connection *row)
{
	struct connection_key key = {
		.cookie = row->cookie,
		.interface = row->interface,
		.family = row->family,
		.local_port = row->local_port,
		.peer_port = row->peer_port,
	};

	memcpy(key.local, row->local, sizeof key.local);
	memcpy(key.peer, row->peer, sizeof key.peer);
	return key;
}

/* Asks for each row of the dump alone, as lastcall does while it drains. */
static void ask_for_rows(struct bench *bench)
{
	struct connection_key keys[SOCKDIAG_EXACT_MAX];

	memset(bench->answers, 0, bench->row_count * sizeof *bench->answers);
	for (size_t from = 0, count; from < bench->row_count; from += count) {
		for (count = 0; count < SOCKDIAG_EXACT_MAX && from + count < bench->row_count;
			count++)
			keys[count] = key_of(&bench->rows[from + count]);
		must(sockdiag_ask(&bench->diag, keys, count, keep_answer, bench->answers + from),
			"sockdiag_ask");
	}
}

static void poll(struct bench *bench)
{
	static struct port_set port;
	const struct sockdiag_query query = {.states = STATES, .ports = &port, .want_info = true};
	int64_t now_us;
	int r;

	port_set_add(&port, bench->port);
	bench->row_count = 0;
	copy_truths(bench, bench->before);
	now_us = monoclock_now_us();
	r = sockdiag_dump(&bench->diag, &query, keep_row, bench);
	ask_for_rows(bench);
	copy_truths(bench, bench->after);
	if (r < 0 && r != -EINTR) {
		fprintf(stderr, "bench: error: dump: %s\n", strerror(-r));
		exit(BENCH_BROKEN);
	}
	bench->dumps++;
	for (size_t i = 0; i < bench->row_count; i++)
		judge_row(bench, &bench->rows[i], now_us);
}

/* The pace of polls and drains; nothing is waited for. */
static void pause_us(int64_t us)
{
	struct timespec left = {us / 1000000, us % 1000000 * 1000};

	if (us > 0)
		(void)nanosleep(&left, NULL);
}

/* Polls at regular times before the drain, as each health probe may be one. */
static void poll_for_probes(struct bench *bench)
{
	bench->counting = false;
	for (unsigned i = 0; i < 3; i++) {
		poll(bench);
		pause_us(bench->options->probe_ms * INT64_C(1000));
	}
}

/* One drain: it begins at a random time, knows nothing of before but what probes have left, and looks
 * again and again, not more often than lastcall would at this cost. */
static void drain(struct bench *bench, int64_t end_us)
{
	unsigned polls = random_between(&bench->random, 1, bench->options->polls_max);
	int64_t started_us;

	pause_us(random_between(&bench->random, 0, 300000));
	memset(bench->histories, 0, bench->connections * sizeof *bench->histories);
	memset(bench->asked_histories, 0, bench->connections * sizeof *bench->asked_histories);
	memset(bench->spells, 0, bench->connections * sizeof *bench->spells);
	if (bench->options->probe_ms > 0)
		poll_for_probes(bench);
	bench->counting = true;
	for (unsigned i = 0; i < polls && monoclock_now_us() < end_us; i++) {
		int64_t cost_us, pause;

		started_us = monoclock_now_us();
		poll(bench);
		cost_us = monoclock_now_us() - started_us;
		pause = cost_us * 33 < 250000 ? cost_us * 33 : 250000;
		pause_us((pause > POLL_MS * 1000 ? pause : POLL_MS * 1000) - cost_us);
	}
}

static double percent(uint64_t part, uint64_t whole)
{
	return whole == 0 ? 0 : 100.0 * (double)part / (double)whole;
}

static uint64_t dangerous_verdicts(const struct matrix *matrix)
{
	return matrix->verdicts[TRUTH_BUSY][CONNECTION_IDLE] +
	       matrix->verdicts[TRUTH_BUSY][CONNECTION_NEW] +
	       matrix->verdicts[TRUTH_BUSY][CONNECTION_OTHER];
}

static uint64_t truth_verdicts(const struct matrix *matrix, enum truth truth)
{
	uint64_t sum = 0;

	for (int class = 0; class < CONNECTION_CLASS_COUNT; class ++)
		sum += matrix->verdicts[truth][class];
	return sum;
}

static void print_matrix(const struct matrix *matrix)
{
	static const char *const names[TRUTH_COUNT] = {"", "busy", "idle"};

	printf("  %-12s", "truth");
	for (enum connection_class class = 0; class < CONNECTION_CLASS_COUNT; class ++)
		printf(" %10s", connection_class_name(class));
	printf("\n");
	for (enum truth truth = TRUTH_BUSY; truth < TRUTH_COUNT; truth++) {
		printf("  %-12s", names[truth]);
		for (int class = 0; class < CONNECTION_CLASS_COUNT; class ++)
			printf(" %10llu", (unsigned long long)matrix->verdicts[truth][class]);
		printf("\n");
	}
}

static void print_errors(const struct matrix *matrix)
{
	printf("  dangerous %llu of %llu busy verdicts (%llu of %llu requests, %.3f %%); "
	       "costly %llu of %llu idle, %llu of them unsure (%llu of %llu pauses, %.2f %%, "
	       "longest "
	       "unsure %.2f s, else %.2f s)\n",
		(unsigned long long)dangerous_verdicts(matrix),
		(unsigned long long)truth_verdicts(matrix, TRUTH_BUSY),
		(unsigned long long)matrix->dangerous_spells,
		(unsigned long long)matrix->busy_spells,
		percent(matrix->dangerous_spells, matrix->busy_spells),
		(unsigned long long)matrix->costly,
		(unsigned long long)truth_verdicts(matrix, TRUTH_IDLE),
		(unsigned long long)matrix->unsure, (unsigned long long)matrix->costly_spells,
		(unsigned long long)matrix->idle_spells,
		percent(matrix->costly_spells, matrix->idle_spells),
		(double)matrix->longest_unsure_us / 1e6, (double)matrix->longest_costly_us / 1e6);
}

static int report(const struct bench *bench)
{
	const struct matrix *matrix = &bench->matrix;
	const struct traffic_kind *kind = bench->kind;
	int status = 0;

	printf("%s: %s\n", kind->name, kind->note);
	printf("  seed %llu, %u connections, %llu verdicts in %llu polls, %llu discarded (changed "
	       "meanwhile)\n",
		(unsigned long long)bench->options->seed, bench->connections,
		(unsigned long long)bench->verdicts, (unsigned long long)bench->dumps,
		(unsigned long long)bench->discarded);
	print_matrix(matrix);
	print_errors(matrix);
	printf("  asked for one by one: %llu of %llu verdicts differ (%.3f %%), %llu dangerous\n",
		(unsigned long long)bench->asked_differ, (unsigned long long)bench->asked,
		percent(bench->asked_differ, bench->asked),
		(unsigned long long)bench->asked_dangerous);
	if (kind->busy_required && bench->asked_dangerous > 0) {
		printf("  NOT MET: a busy connection that was asked for was called idle\n");
		status = BENCH_FAILED;
	}
	if (kind->busy_required && dangerous_verdicts(matrix) > 0) {
		printf("  NOT MET: a busy connection was called idle\n");
		status = BENCH_FAILED;
	}
	if (kind->idle_required && matrix->costly > matrix->unsure) {
		printf("  NOT MET: an idle connection was called busy for longer than settle and a "
		       "poll\n");
		status = BENCH_FAILED;
	}
	if (kind->idle_required &&
		matrix->longest_unsure_us > (LONGEST_MS + POLL_MS + TICK_MS) * 1000) {
		printf("  NOT MET: an idle connection was doubted for longer than the longest "
		       "request\n");
		status = BENCH_FAILED;
	}
	if (bench->verdicts == 0) {
		printf("  NOT MET: nothing was judged\n");
		status = BENCH_FAILED;
	}
	fflush(stdout);
	return status;
}

/* In a process of its own where the server need not report the truth: room for its descriptors. */
static void start_server(const struct bench *bench, int listen_fd, bool tells_truth)
{
	size_t connections_max = 2 * (size_t)bench->connections + 1000;

	if (!tells_truth) {
		if (must(fork(), "fork") > 0)
			return;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	}
	traffic_server_start(&listen_fd, 1, connections_max, tells_truth ? bench->truths : NULL);
	while (!tells_truth)
		pause();
}

static uint16_t start_traffic(struct bench *bench)
{
	static struct traffic_client_config config;
	const struct traffic_kind *kind = bench->kind;
	bool proxied = kind->wire != WIRE_PLAIN;
	uint16_t port;
	int fd = network_listen(kind->address, &port);

	start_server(bench, fd, proxied);
	if (!proxied)
		close(fd);
	if (proxied)
		port = network_start_nginx(kind->wire, port);
	config = (struct traffic_client_config){
		.kind = kind,
		.connections = bench->connections,
		.seed = bench->options->seed,
		.truths = bench->truths,
		.connection_of_port = bench->connection_of_port,
	};
	config.address_len = network_address(kind->address, port, &config.address);
	traffic_client_start(&config);
	return port;
}

static void allow_many_files(void)
{
	struct rlimit limit;

	must(getrlimit(RLIMIT_NOFILE, &limit), "getrlimit");
	limit.rlim_cur = limit.rlim_max;
	must(setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
}

static int run_kind(const struct options *options, const struct traffic_kind *kind)
{
	unsigned count = options->connections > 0 ? options->connections : kind->connections;
	struct bench bench = {
		.options = options,
		.kind = kind,
		.connections = count,
		.truths = must_calloc(count, sizeof *bench.truths),
		.before = must_calloc(count, sizeof *bench.before),
		.after = must_calloc(count, sizeof *bench.after),
		.connection_of_port = must_calloc(65536, sizeof *bench.connection_of_port),
		.rows = must_calloc(ROWS_MAX, sizeof *bench.rows),
		.answers = must_calloc(ROWS_MAX, sizeof *bench.answers),
		.histories = must_calloc(count, sizeof *bench.histories),
		.asked_histories = must_calloc(count, sizeof *bench.asked_histories),
		.spells = must_calloc(count, sizeof *bench.spells),
		.random.state = options->seed ^ 0x5ca1ab1e,
	};
	int64_t end_us;
	int r;

	allow_many_files();
	network_enter(options->mtu);
	r = sockdiag_open(&bench.diag);
	if (r < 0)
		cannot_run("no sock_diag here");
	if (options->trace != NULL)
		bench.trace = fopen(options->trace, "ae");
	bench.port = start_traffic(&bench);
	pause_us(1000000); /* what drains begin in is traffic that is under way, not its start */
	end_us = monoclock_now_us() + options->seconds * INT64_C(1000000);
	while (bench.verdicts < options->verdicts && monoclock_now_us() < end_us)
		drain(&bench, end_us);
	if (bench.trace != NULL)
		fclose(bench.trace);
	return report(&bench);
}

/* In a process of its own, so that the threads, descriptors and the namespace go away with it. */
static int run_kind_apart(const struct options *options, const struct traffic_kind *kind)
{
	int status;
	pid_t pid = must(fork(), "fork");

	if (pid == 0)
		exit(run_kind(options, kind));
	while (waitpid(pid, &status, 0) < 0)
		continue;
	return WIFEXITED(status) ? WEXITSTATUS(status) : BENCH_BROKEN;
}

static const char usage[] = "usage: conn_tracker [--kind=NAME[,NAME...]] [--verdicts=N] "
			    "[--seconds=N] [--connections=N]\n"
			    "              [--seed=N] [--mtu=BYTES] [--polls=N] [--probe-ms=N] "
			    "[--trace=FILE] [--list]\n";

static void parse(int argc, char *argv[], struct options *options)
{
	static const struct option longs[] = {
		{"kind", required_argument, NULL, 'k'},
		{"verdicts", required_argument, NULL, 'v'},
		{"seconds", required_argument, NULL, 's'},
		{"connections", required_argument, NULL, 'c'},
		{"seed", required_argument, NULL, 'r'},
		{"mtu", required_argument, NULL, 'm'},
		{"polls", required_argument, NULL, 'n'},
		{"probe-ms", required_argument, NULL, 'p'},
		{"trace", required_argument, NULL, 't'},
		{"list", no_argument, NULL, 'l'},
		{0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		unsigned long long number = optarg == NULL ? 0 : strtoull(optarg, NULL, 10);

		switch (option) {
		case 'k':
			options->kind = optarg;
			break;
		case 'v':
			options->verdicts = number;
			break;
		case 's':
			options->seconds = (unsigned)number;
			break;
		case 'c':
			options->connections = (unsigned)number;
			break;
		case 'r':
			options->seed = number;
			break;
		case 'm':
			options->mtu = (unsigned)number;
			break;
		case 'n':
			options->polls_max = (unsigned)number;
			break;
		case 'p':
			options->probe_ms = (unsigned)number;
			break;
		case 't':
			options->trace = optarg;
			break;
		case 'l':
			options->list = true;
			break;
		default:
			fputs(usage, stderr);
			exit(BENCH_BROKEN);
		}
	}
}

static bool is_asked_for(const char *list, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = list; at != NULL && *at != '\0'; at = strchr(at, ',') + 1) {
		if (strncmp(at, name, len) == 0 && (at[len] == ',' || at[len] == '\0'))
			return true;
		if (strchr(at, ',') == NULL)
			break;
	}
	return list == NULL;
}

int main(int argc, char *argv[])
{
	struct options options = {
		.verdicts = 100000,
		.seconds = 120,
		.polls_max = 60,
		.seed = (uint64_t)monoclock_now_us() % 1000000,
	};
	int worst = 0;
	size_t asked = 0, measured = 0;

	parse(argc, argv, &options);
	for (size_t i = 0; i < traffic_kind_count; i++) {
		const struct traffic_kind *kind = &traffic_kinds[i];
		int status;

		if (!is_asked_for(options.kind, kind->name))
			continue;
		asked++;
		if (options.list) {
			printf("%-16s %s\n", kind->name, kind->note);
			continue;
		}
		status = run_kind_apart(&options, kind);
		if (status == BENCH_CANNOT_RUN)
			continue; /* it has said why */
		measured++;
		if (status > worst)
			worst = status;
	}
	if (asked == 0) {
		fprintf(stderr, "bench: error: no kind of traffic '%s'; see --list\n",
			options.kind);
		return BENCH_BROKEN;
	}
	if (options.list || worst != 0)
		return worst;
	return measured == 0 || (options.kind != NULL && measured < asked) ? BENCH_CANNOT_RUN : 0;
}
