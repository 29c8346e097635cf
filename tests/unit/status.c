/* SPDX-License-Identifier: MIT */
/* What --status shows, word by word. `--print` prints a status of each shape as JSON, for status_schema.py. */
#include "core/status/status.h"

#include "core/cli/option_parser.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static struct options options;
static struct stop_plan plan;
static struct port_set ports;
static struct label_list labels;
static struct status status;

static const struct class_settings settings = {.settle = 200, .longest_request = 10000};

/* Options as a command line gives them. */
static void take_options(char *const argv[])
{
	static char variable[] = "LASTCALL_LONGEST_REQUEST=2s";
	char *const environment[] = {variable, NULL};
	char bytes[256];
	struct text text;

	text_init(&text, bytes, sizeof bytes);
	assert_int_equal(options_parse(argv, environment, &options, &text, &text), 0);
}

static int begin(void **state)
{
	static char variable[] = "KUBERNETES_SERVICE_HOST=10.0.0.1", name[] = "lastcall",
		    timeout[] = "--stop-timeout=30s", drain_status[] = "--drain-status=429";
	static char *const environment[] = {variable, NULL};
	static const struct platform_facts facts = {.environment = environment};
	static const struct stop_settings drain_first = {.exit_when_idle = MSEC_NEVER};
	char *const argv[] = {name, timeout, drain_status, NULL};
	struct stop_budget budget;
	char bytes[256];
	struct text text;

	(void)state;
	take_options(argv);
	text_init(&text, bytes, sizeof bytes);
	assert_int_equal(stop_budget_compute(&options, &facts, &budget, &text, &text), 0);
	stop_plan_init(&plan, &budget, &drain_first);
	ports = (struct port_set){0};
	port_set_add(&ports, 8080);
	port_set_add(&ports, 8443);
	labels = (struct label_list){0};
	status = (struct status){
		.version = "1.2.3",
		.state = HEALTH_SERVING,
		.since_ms = 133040,
		.reason = "",
		.app_pid = 7,
		.app_name = "python3",
		.says = "",
		.detector = REPORT_DETECTOR_SOCK_DIAG,
		.connections_known = true,
		.ports = &ports,
		.options = &options,
		.plan = &plan,
		.labels = &labels,
	};
	return 0;
}

static void add(uint8_t last_byte, enum connection_class connection_class, uint32_t quiet_ms)
{
	struct connection row = {
		.family = AF_INET,
		.state = TCP_STATE_ESTABLISHED,
		.peer = {10, 0, 0, last_byte},
		.peer_port = 40000,
		.local_port = 8080,
		.inode = 1,
		.has_info = true,
		.last_data_recv_ms = quiet_ms,
		.last_data_sent_ms = quiet_ms,
	};
	struct connection_memory memory = {.doubt = DOUBT_NO_PROOF};

	connection_list_add(&status.connections, &row, connection_class, &memory, &settings);
}

static void have_connections(void)
{
	add(1, CONNECTION_IDLE, 5000);
	add(2, CONNECTION_UNSURE, 3000);
	add(3, CONNECTION_BUSY, 1288);
	add(4, CONNECTION_BUSY, 12345);
	status.counts =
		(struct conn_counts){.open = 4, .busy = 2, .unsure = 1, .held = 3, .idle = 1};
	status.forecast = (struct stop_forecast){.waits_for = STOP_WAITS_WORK,
		.at_least = 5000,
		.at_most = 23500,
		.kill_in = 28550,
		.exit_in = 29000};
}

static const char *text_of_status(void)
{
	static char bytes[STATUS_BYTES];
	struct text text;

	text_init(&text, bytes, sizeof bytes);
	status_write_text(&text, &status);
	assert_false(text.truncated);
	return bytes;
}

static void the_first_line_says_what_a_stop_would_lose_or_wait_for(void **state)
{
	static const struct {
		struct stop_forecast forecast;
		struct conn_counts counts;
		const char *says;
	} rows[] = {
		{{.waits_for = STOP_WAITS_WORK, .at_most = 6300, .kill_in = 8550},
			{.busy = 1, .held = 1},
			"A stop now waits for 1 busy connection, for at most 6.3s.\n"
			"What is not finished by SIGKILL, in at most 8.6s, is lost.\n"},
		{{.waits_for = STOP_WAITS_WORK, .at_most = 150, .kill_in = 8550}, {.held = 2},
			"A stop now waits for 2 recent connections, for at most 150ms.\n"},
		{{.waits_for = STOP_WAITS_WORK, .at_most = 6300, .kill_in = 8550}, {.held = 0},
			"A stop now waits for work in flight, for at most 6.3s.\n"},
		{{.waits_for = STOP_WAITS_WORK, .at_most = 6300, .kill_in = 8550},
			{.busy = 1, .held = 1},
			"A stop now waits for 1 busy connection and 2 jobs, for at most 6.3s.\n"},
		{{.waits_for = STOP_WAITS_BLIND, .at_most = 6300, .kill_in = 8550}, {.held = 0},
			"A stop now waits although it cannot see connections, for at most 6.3s.\n"},
		{{.waits_for = STOP_WAITS_MINIMUM,
			 .at_least = 5000,
			 .at_most = 5000,
			 .kill_in = 8550},
			{.held = 0},
			"A stop now finds nothing in flight, and serves on for 5s.\n"
			"SIGKILL comes in at most 8.6s.\n"},
		{{.waits_for = STOP_WAITS_APP, .at_most = 8550, .kill_in = 8550}, {.held = 0},
			"A stop now finds nothing in flight, and signals the application.\n"
			"SIGKILL comes in at most 8.6s.\n"},
		{{.waits_for = STOP_WAITS_APP,
			 .is_cut_off = true,
			 .at_most = 8550,
			 .kill_in = 8550},
			{.busy = 2, .held = 2},
			"A stop now signals the application at once, with 2 busy connections.\n"
			"What is not finished by SIGKILL, in at most 8.6s, is lost.\n"},
		{{.is_under_way = true,
			 .waits_for = STOP_WAITS_APP,
			 .at_most = 7000,
			 .kill_in = 7000},
			{.held = 0},
			"This stop waits for the application to exit, for at most 7s.\n"},
		{{.is_under_way = true, .waits_for = STOP_WAITS_BYTES, .at_most = 100},
			{.undelivered_bytes = 4711},
			"This stop waits for 4711 bytes to be delivered, for at most 100ms.\n"},
		{{.is_under_way = true}, {.held = 0}, "This stop waits for nothing.\n\nstate"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *said;

		status.forecast = rows[i].forecast;
		status.counts = rows[i].counts;
		status.jobs = strstr(rows[i].says, "2 jobs") != NULL ? 2 : 0;
		said = text_of_status();
		if (strncmp(said, rows[i].says, strlen(rows[i].says)) != 0)
			fail_msg("'%.200s' instead of '%s'", said, rows[i].says);
	}
}

static void people_read_it_in_80_columns(void **state)
{
	(void)state;
	have_connections();
	(void)label_list_set(&labels, LABEL_LIST_MAX, "cluster", "production");
	(void)label_list_set(&labels, LABEL_LIST_MAX, "service", "shop");
	(void)label_list_set(
		&labels, LABEL_LIST_MAX, "task_id", "0123456789abcdef0123456789abcdef");
	assert_string_equal(text_of_status(),
		"A stop now waits for 2 busy, 1 unsure connections, for at most 23.5s.\n"
		"What is not finished by SIGKILL, in at most 28.6s, is lost.\n"
		"\n"
		"state         serving for 2m13s\n"
		"application   pid 7, python3\n"
		"connections   4 on ports 8080,8443: 2 busy, 1 unsure, 1 idle\n"
		"  CLIENT                  PORT  VERDICT  QUIET    WHY\n"
		"  10.0.0.4:40000          8080  busy     12.3s    request not answered yet\n"
		"  10.0.0.3:40000          8080  busy     1.3s     request not answered yet\n"
		"  10.0.0.2:40000          8080  unsure   3s       may be in use, at most 7s\n"
		"  10.0.0.1:40000          8080  idle     5s       answered\n"
		"platform      Kubernetes\n"
		"stop timeout  30s (--stop-timeout): drain 23.5s at most, exit within 29s\n"
		"settings      --stop-timeout=30s LASTCALL_LONGEST_REQUEST=2s --drain-status=429\n"
		"labels        cluster=production service=shop\n"
		"              task_id=0123456789abcdef0123456789abcdef\n");
}

static void many_connections_are_counted(void **state)
{
	(void)state;
	for (uint8_t i = 0; i < 100; i++)
		add(i, i == 50 ? CONNECTION_BUSY : CONNECTION_IDLE, 1000u * i);
	assert_int_equal(status.connections.count, CONNECTION_LIST_MAX);
	assert_int_equal(status.connections.list[0].peer[3], 50);
	assert_int_equal(status.connections.list[1].peer[3], 99);
	assert_int_equal(status.connections.list[CONNECTION_LIST_MAX - 1].peer[3], 85);
	status.counts = (struct conn_counts){.open = 100, .busy = 1, .held = 1, .idle = 99};
	assert_non_null(strstr(text_of_status(), "  and 90 more\n"));
}

static void what_is_not_known_is_not_shown(void **state)
{
	(void)state;
	status.connections_known = false;
	status.app_pid = 0;
	status.state = HEALTH_STARTING;
	status.reason = "it does not listen";
	status.is_ready = true;
	status.says = "Loading";
	assert_non_null(strstr(text_of_status(), "\nconnections   cannot be seen\n"));
	assert_non_null(strstr(
		text_of_status(), "\napplication   has exited\nit says       ready: Loading\n"));
	assert_non_null(strstr(text_of_status(), " for 2m13s: it does not listen\n"));
}

static const char *json_of_status(void)
{
	static char bytes[STATUS_BYTES];
	struct text text;

	text_init(&text, bytes, sizeof bytes);
	status_write_json(&text, &status);
	assert_false(text.truncated);
	return bytes;
}

/* Everything as long as it can be: labels that need six bytes a byte, all ports, all connections. */
static void have_the_longest(void)
{
	static char value[900], says[256], keys[LABEL_LIST_MAX][8];

	memset(value, 1, sizeof value - 1);
	memset(says, 1, sizeof says - 1);
	status.says = says;
	memset(status.app_name, 1, sizeof status.app_name - 1);
	for (unsigned i = 0; i < LABEL_LIST_MAX; i++) {
		snprintf(keys[i], sizeof keys[i], "k%u", i);
		(void)label_list_set(&labels, LABEL_LIST_MAX, keys[i], value);
	}
	for (unsigned port = 60000; port < 60100; port++)
		port_set_add(&ports, (uint16_t)port);
	for (uint8_t i = 0; i < 100; i++)
		add(i, CONNECTION_UNSURE, 4000000000u);
	status.counts.open = status.counts.unsure = status.counts.held = 4000000000u;
}

static void the_longest_json_is_whole(void **state)
{
	const char *json;

	(void)state;
	have_the_longest();
	json = json_of_status();
	assert_string_equal(json + strlen(json) - 2, "}\n");
	assert_non_null(strstr(json, "\"labels_more\":24"));
	assert_non_null(strstr(json, "\"list_more\":3999999984"));
}

static void the_key_changes_with_what_is_shown(void **state)
{
	uint64_t before;

	(void)state;
	have_connections();
	before = status_key(&status);
	status.since_ms += 1000;
	status.forecast.at_most -= 1000;
	status.connections.list[0].quiet_ms += 1000;
	assert_true(status_key(&status) == before);
	status.connections.list[0].connection_class = CONNECTION_IDLE;
	assert_true(status_key(&status) != before);
	before = status_key(&status);
	status.state = HEALTH_DRAINING;
	assert_true(status_key(&status) != before);
}

static int print_all(void)
{
	void *state = NULL;

	begin(&state);
	fputs(json_of_status(), stdout);
	have_connections();
	(void)label_list_set(&labels, LABEL_LIST_MAX, "service", "\"shop\"");
	fputs(json_of_status(), stdout);
	begin(&state);
	status.connections_known = false;
	status.app_pid = 0;
	status.reason = "no connection accepted for 4.2s";
	status.polled_ms_ago = -1;
	fputs(json_of_status(), stdout);
	begin(&state);
	plan.state = STOP_FLUSHING;
	status.forecast = (struct stop_forecast){.is_under_way = true,
		.waits_for = STOP_WAITS_BYTES,
		.kill_in = MSEC_NEVER,
		.exit_in = 400};
	fputs(json_of_status(), stdout);
	begin(&state);
	have_the_longest();
	fputs(json_of_status(), stdout);
	return 0;
}

int main(int argc, char *argv[])
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
			the_first_line_says_what_a_stop_would_lose_or_wait_for, begin),
		cmocka_unit_test_setup(people_read_it_in_80_columns, begin),
		cmocka_unit_test_setup(many_connections_are_counted, begin),
		cmocka_unit_test_setup(what_is_not_known_is_not_shown, begin),
		cmocka_unit_test_setup(the_longest_json_is_whole, begin),
		cmocka_unit_test_setup(the_key_changes_with_what_is_shown, begin),
	};

	if (argc > 1 && strcmp(argv[1], "--print") == 0)
		return print_all();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
