/* SPDX-License-Identifier: MIT */
/* The same outcomes through TLS, and which certificates are trusted. */
#include "kernel/sandbox.h"
#include "run_of_load.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define ATTEMPTS 200 /* a handshake takes a thousand times as long as a connection */

static struct scripted_server server, plain_server;
static char folder[] = "/tmp/lastcall-test-XXXXXX";

static void open_run(struct run_of_load *run, const char *host, const char *ca, bool is_insecure)
{
	char path[256] = "";

	run_open(run, "https", host, server.port);
	if (ca != NULL)
		snprintf(path, sizeof path, "%s/%s", folder, ca);
	assert_int_equal(target_start_tls(&run->target, ca != NULL ? path : NULL, is_insecure), 0);
}

static void check(const char *path, enum cohort cohort, enum outcome outcome)
{
	struct run_of_load run;
	struct load_request *request =
		cohort == COHORT_KEEP_ALIVE ? &run.settings.keep_alive : &run.settings.fresh;

	open_run(&run, "localhost", "cert.pem", false);
	request->path = path;
	request->connections = ATTEMPTS;
	run_well(&run);
	run_check(&run, cohort, outcome, ATTEMPTS, 0);
	run_close(&run);
}

static void outcomes_are_those_of_plain_connections(void **state)
{
	(void)state;
	check("/length/1800/keep", COHORT_ACCEPT_QUEUE, OUTCOME_OK);
	check("/chunked/1800/keep", COHORT_KEEP_ALIVE, OUTCOME_OK);
	check("/length/900/eof", COHORT_ACCEPT_QUEUE, OUTCOME_TRUNCATED);
	check("/chunked/900/reset", COHORT_ACCEPT_QUEUE, OUTCOME_RESET_MID_BODY);
	check("/none/0/eof", COHORT_ACCEPT_QUEUE, OUTCOME_EOF_BEFORE_RESPONSE);
	check("/none/0/reset", COHORT_ACCEPT_QUEUE, OUTCOME_RESET_BEFORE_RESPONSE);
	check("/second/none/0/reset", COHORT_KEEP_ALIVE, OUTCOME_RESET_BEFORE_RESPONSE);
	check("/length/1800/keep/wrong", COHORT_ACCEPT_QUEUE, OUTCOME_CORRUPT);
}

/* Any host can send a FIN: without a close_notify the body may have been longer. */
static void an_end_that_was_not_announced_is_no_end_of_a_body(void **state)
{
	(void)state;
	check("/close/1800/eof", COHORT_ACCEPT_QUEUE, OUTCOME_TRUNCATED);
	check("/close/1800/bye", COHORT_ACCEPT_QUEUE, OUTCOME_OK);
}

static void work_is_in_flight_through_tls(void **state)
{
	struct run_of_load run;
	struct load_request *kinds = run.settings.in_flight;

	(void)state;
	open_run(&run, "localhost", "cert.pem", false);
	run.settings.in_flight_kinds = 3;
	run.settings.preconnected = 10;
	kinds[0] = (struct load_request){
		.path = "/slow/1500/keep", .connections = 5, .pattern = BODY_NUMBERED};
	kinds[1] = (struct load_request){.path = "/length/1800/keep",
		.connections = 5,
		.pattern = BODY_NUMBERED,
		.upload_bytes = 80000,
		.upload_bytes_per_s = 50000};
	kinds[2] = (struct load_request){.path = "/large/1500000/keep",
		.connections = 5,
		.pattern = BODY_NUMBERED,
		.read_bytes_per_s = 1000000,
		.is_long_answer = true};
	run_well(&run);
	run_check(&run, COHORT_IN_FLIGHT, OUTCOME_OK, 15, 1000 * MS);
	run_check(&run, COHORT_PRECONNECTED, OUTCOME_OK, 10, 0);
	run_close(&run);
}

/* All hosts are this one; what it is called is what its certificate has to say. */
static void check_trust(const char *host, const char *ca, bool is_insecure, bool is_trusted)
{
	struct run_of_load run;

	open_run(&run, "127.0.0.1", ca, is_insecure);
	snprintf(run.target.url.host, sizeof run.target.url.host, "%s", host);
	run.settings.fresh.path = "/length/1800/keep";
	run.settings.fresh.connections = 5;
	run_well(&run);
	run_check(&run, COHORT_ACCEPT_QUEUE, is_trusted ? OUTCOME_OK : OUTCOME_CLIENT_ERROR, 5, 0);
	assert_int_equal(load_count(run.load).last_client_error, is_trusted ? 0 : EKEYREJECTED);
	run_close(&run);
}

static void who_is_not_trusted_is_not_asked(void **state)
{
	(void)state;
	check_trust("localhost", "cert.pem", false, true);
	check_trust("127.0.0.1", "cert.pem", false, true);
	check_trust("127.0.0.2", "cert.pem", false, false);
	check_trust("other.example", "cert.pem", false, false);
	check_trust("localhost", "other.pem", false, false); /* another authority */
	check_trust("localhost", NULL, false, false); /* the system's */
	check_trust("127.0.0.2", NULL, true, true);
}

static void a_plain_server_speaks_no_tls(void **state)
{
	struct run_of_load run;

	(void)state;
	run_open(&run, "https", "localhost", plain_server.port);
	assert_int_equal(target_start_tls(&run.target, NULL, true), 0);
	run.settings.fresh.connections = 5;
	run.settings.response_timeout_us = 300 * MS;
	run_well(&run);
	run_check(&run, COHORT_ACCEPT_QUEUE, OUTCOME_TIMEOUT_RESPONSE, 5, 300 * MS);
	run_close(&run);
}

static void no_certificates_are_no_trust(void **state)
{
	struct target target = {0};

	(void)state;
	assert_int_equal(target_start_tls(&target, "/dev/null", false), -EINVAL);
	assert_int_equal(target_start_tls(&target, "/does/not/exist", false), -EINVAL);
}

static void make_certificate(const char *key, const char *certificate)
{
	char command[1024];

	snprintf(command, sizeof command,
		"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
		"-subj /CN=test -addext subjectAltName=DNS:localhost,IP:127.0.0.1 "
		"-keyout %s/%s -out %s/%s >/dev/null 2>&1",
		folder, key, folder, certificate);
	if (system(command) != 0)
		sandbox_skip("openssl cannot make a certificate");
}

static int enter(void **state)
{
	int result = sandbox_enter_network(state);

	if (result != 0 || mkdtemp(folder) == NULL)
		return -1;
	make_certificate("key.pem", "cert.pem");
	make_certificate("other-key.pem", "other.pem");
	scripted_server_start(&server, folder);
	scripted_server_start(&plain_server, NULL);
	return 0;
}

static int leave(void **state)
{
	char command[256];

	(void)state;
	scripted_server_stop(&server);
	scripted_server_stop(&plain_server);
	snprintf(command, sizeof command, "rm -rf '%s'", folder);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(outcomes_are_those_of_plain_connections),
		cmocka_unit_test(an_end_that_was_not_announced_is_no_end_of_a_body),
		cmocka_unit_test(work_is_in_flight_through_tls),
		cmocka_unit_test(who_is_not_trusted_is_not_asked),
		cmocka_unit_test(a_plain_server_speaks_no_tls),
		cmocka_unit_test(no_certificates_are_no_trust),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
