/* SPDX-License-Identifier: MIT */
#include "drill/cli/drill_option_parser.h"

#include "core/cli/option_help.h"
#include "drill/cli/drill_in_flight_values.h"
#include "drill/cli/drill_option_values.h"
#include "drill/cli/drill_options_check.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

struct option_row {
	const char *name, *metavar; /* metavar NULL: a switch */
	char letter;
	drill_option_set_fn *set;
	size_t field;
	const char *initial; /* read like a value; NULL: none */
	const char *initial_text; /* shown instead of it */
	const char *form; /* what is accepted */
	const char *help;
};

#define FIELD(member) offsetof(struct drill_options, member)

static const char form_duration[] = "a duration with a unit, like 500ms or 10s";
static const char form_count[] = "a number from 0 to 100000";
static const char form_path[] = "a path that begins with '/', 8 of them at most";
static const char form_bytes[] = "a number of bytes, like 500000, 64k or 8M";
static const char form_url[] = "a URL like http://127.0.0.1:8080/";
static const char form_file[] = "a path, or - for standard output";
/* Every outcome but ok and client_error. */
#define OUTCOMES                                                                                   \
	"http_other, http_4xx, http_5xx, http_503_draining, refused, goaway, reset_connect, "      \
	"reset_before_response, eof_before_response, reset_mid_body, truncated, corrupt, "         \
	"timeout_connect, timeout_response, stalled, unreachable"
static const char form_limits[] =
	"OUTCOME>COUNT, or several with commas, like refused>5,truncated>0, or none; the outcomes "
	"are in_flight_cut, " OUTCOMES;
static const char form_outcomes[] = "outcomes with commas; they are " OUTCOMES;
static const char form_line[] = "a command line for sh";

static const struct option_row rows[] = {
	{"as", "PLACE", 0, drill_option_set_place, FIELD(server.place), "child", NULL,
		"child or pid1",
		"where COMMAND runs: as a child, or as PID 1 of a pid namespace of its own"},
	{"allow-remote", NULL, 0, drill_option_set_flag, FIELD(allow_remote), NULL, NULL, NULL,
		"let the target be another host than this one"},
	{"body", "PATTERN", 0, drill_option_set_body, FIELD(body), "any", NULL,
		"any, same or numbered",
		"what bodies have to be: any, the same as before the stop, or numbered lines (see "
		"the man page)"},
	{"burst", "COUNT", 0, drill_option_set_count, FIELD(burst), "10", NULL, form_count,
		"cohort E: new connections all at once at the stop"},
	{"cacert", "FILE", 0, drill_option_set_string, FIELD(cacert), NULL,
		"what the system trusts", "a path", "certificate authorities to trust, in PEM"},
	{"cert", "FILE", 0, drill_option_set_string, FIELD(cert), NULL, NULL, "a path",
		"the client's own certificate, in PEM"},
	{"connect-to", "HOST:PORT:HOST:PORT", 0, drill_option_set_connect_to, 0, NULL, NULL,
		"HOST:PORT:HOST:PORT, any of them empty, 8 at most",
		"connect to the second address where a URL names the first; requests still name "
		"the first (repeatable)"},
	{"container", "NAME", 0, drill_option_set_string, FIELD(server.container), NULL, NULL,
		"a container's name or identifier", "the target is this container"},
	{"control", "LINE", 0, drill_option_set_string, FIELD(control_line), NULL, NULL, form_line,
		"command line of a server that is known to stop badly, with --deploy of a bad "
		"deployment: its drill has to fail"},
	{"control-url", "URL", 0, drill_option_set_url, FIELD(control_url), NULL, "that of --url",
		form_url, "URL of the control"},
	{"data", "BODY", 0, drill_option_set_data, 0, NULL, "none",
		"text, or @ and a file of 1 MiB at most",
		"the body of requests other than --upload: text, or @FILE; of --grpc the message"},
	{"deploy", "LINE", 0, drill_option_set_string, FIELD(server.deploy_line), NULL, NULL,
		form_line,
		"the target is a deployment behind the URL: this command line replaces its servers "
		"and ends when that is done; requests count all the time"},
	{"docker-run", NULL, 0, drill_option_set_flag, FIELD(is_docker_run), NULL, NULL, NULL,
		"run the target as a new container: what follows -- are arguments of docker run"},
	{"download", "PATH", 0, drill_option_set_download, 0, NULL, NULL, form_path,
		"cohort A: a big response that is read at --read-rate (repeatable)"},
	{"engine", "PROGRAM", 0, drill_option_set_string, FIELD(server.engine), "docker", NULL,
		"docker, podman, or a path", "the container engine's client"},
	{"expect-body", "REGEX", 0, drill_option_set_regex, FIELD(expect_body), NULL, NULL,
		"an extended regular expression of POSIX",
		"regular expression that the first 64 KiB of a body have to match"},
	{"expect-exit", "CODE[,...]", 0, drill_option_set_exits, 0, NULL,
		"0, 143 or 128 + the signal", "exit statuses from 0 to 255 with commas, like 0,143",
		"exit statuses that the target may have; without this option others are a warning"},
	{"expect-status", "CODE", 0, drill_option_set_status, FIELD(expect_status), NULL,
		"as before the stop", "an HTTP status from 200 to 599",
		"status that responses have to have"},
	{"fail-on", "LIST", 0, drill_option_set_fail_on, 0, NULL, "none of any outcome but ok",
		form_limits,
		"highest number of an outcome in a run while the target looks healthy "
		"(repeatable)"},
	{"grpc", "SERVICE/METHOD", 0, drill_option_set_grpc, 0, NULL, NULL,
		"SERVICE/METHOD, like shop.Orders/Get, 8 kinds of requests at most",
		"cohort A: a call of this method, over HTTP/2 (repeatable)"},
	{"header", "NAME:VALUE", 0, drill_option_set_header, 0, NULL, NULL,
		"NAME: VALUE on one line",
		"a header field for all requests, probes too; it replaces one of the same name "
		"(repeatable)"},
	{"health-threshold", "COUNT", 0, drill_option_set_threshold, FIELD(health_threshold), NULL,
		"2, or the profile's", "a number from 1 to 100",
		"failing probes in a row until the target no longer looks healthy"},
	{"health-timeout", "DURATION", 0, drill_option_set_duration, FIELD(health_timeout_us), NULL,
		"5s, or the profile's", form_duration, "a probe that takes longer has failed"},
	{"health-url", "URL", 0, drill_option_set_url, FIELD(health_url), NULL, "none", form_url,
		"URL that the load balancer probes: requests count until the probes fail; without "
		"this option, until the stop"},
	{"help", NULL, 'h', drill_option_set_flag, FIELD(help), NULL, NULL, NULL,
		"print this page"},
	{"http2", NULL, 0, drill_option_set_flag, FIELD(is_http2), NULL, NULL, NULL,
		"use HTTP/2: by ALPN over TLS, else by prior knowledge"},
	{"in-flight", "COUNT", 0, drill_option_set_count, FIELD(in_flight_requests), "20", NULL,
		form_count, "cohort A: requests in flight at the stop"},
	{"insecure", NULL, 0, drill_option_set_flag, FIELD(insecure), NULL, NULL, NULL,
		"trust any certificate"},
	{"json", "FILE", 0, drill_option_set_string, FIELD(outputs[DRILL_OUTPUT_JSON]), NULL, NULL,
		form_file, "write all numbers as JSON"},
	{"junit", "FILE", 0, drill_option_set_string, FIELD(outputs[DRILL_OUTPUT_JUNIT]), NULL,
		NULL, form_file, "write the checks as JUnit XML"},
	{"keep-alive", "COUNT", 0, drill_option_set_count, FIELD(keep_alive), "10", NULL,
		form_count, "cohort B: idle connections that send a request after the stop"},
	{"keep-alive-offsets", "DURATION[,...]", 0, drill_option_set_offsets, 0,
		"0s,1ms,10ms,50ms,100ms", NULL, "durations with commas, like 0s,10ms, 16 at most",
		"when these connections send it"},
	{"key", "FILE", 0, drill_option_set_string, FIELD(key), NULL, "in --cert", "a path",
		"the key of --cert, in PEM"},
	{"lastcall-report", "FILE", 0, drill_option_set_string, FIELD(lastcall_report), NULL,
		"what the target writes", "a path",
		"where lastcall's reports are appended (its --report)"},
	{"lb-window", "DURATION", 0, drill_option_set_seconds, FIELD(lb_window_s), NULL,
		"0s, or the profile's", form_duration,
		"how long requests still arrive after the target no longer looks healthy"},
	{"markdown", "FILE", 0, drill_option_set_string, FIELD(outputs[DRILL_OUTPUT_MARKDOWN]),
		NULL, NULL, form_file, "write a summary as Markdown"},
	{"max-gap", "DURATION", 0, drill_option_set_seconds, FIELD(thresholds.max_gap_s), NULL,
		"none", form_duration, "fail when new connections got no answer for longer"},
	{"max-overshoot", "DURATION", 0, drill_option_set_seconds,
		FIELD(thresholds.max_overshoot_s), NULL, "none", form_duration,
		"fail when a stop took this much longer than the requests in flight"},
	{"max-stop", "DURATION", 0, drill_option_set_seconds, FIELD(thresholds.max_stop_s), NULL,
		"none", form_duration, "fail when a stop took longer"},
	{"method", "METHOD", 0, drill_option_set_method, FIELD(form.method), NULL,
		"GET, or POST with --data", "a method of HTTP, like PUT", "the method of requests"},
	{"min-completion", "SHARE", 0, drill_option_set_share, FIELD(thresholds.min_completion),
		NULL, "all, by --fail-on", "a number from 0 to 1",
		"pass with cut requests if at least this share of all was answered"},
	{"min-drain", "DURATION", 0, drill_option_set_seconds, FIELD(min_drain_s), "0s", NULL,
		form_duration, "the target drains at least this long; this time is no overshoot"},
	{"min-margin", "DURATION", 0, drill_option_set_seconds, FIELD(thresholds.min_margin_s),
		NULL, "more than 0s", form_duration,
		"fail when less time was left before the stop timeout"},
	{"ndjson", "FILE", 0, drill_option_set_string, FIELD(outputs[DRILL_OUTPUT_NDJSON]), NULL,
		NULL, form_file, "write every attempt, one JSON object a line"},
	{"openmetrics", "FILE", 0, drill_option_set_string,
		FIELD(outputs[DRILL_OUTPUT_OPENMETRICS]), NULL, NULL, form_file,
		"write metrics in the OpenMetrics format"},
	{"pid", "PID", 0, drill_option_set_pid, 0, NULL, NULL, "a process number above 1",
		"the target is this process"},
	{"pid-file", "FILE", 0, drill_option_set_string, FIELD(server.pid_file), NULL, NULL,
		"a path", "the target is the process whose number is in this file"},
	{"png", "FILE", 0, drill_option_set_string, FIELD(outputs[DRILL_OUTPUT_PNG]), NULL, NULL,
		form_file, "draw the worst run as PNG"},
	{"preconnected", "COUNT", 0, drill_option_set_count, FIELD(preconnected), "0", NULL,
		form_count, "cohort D: connections that are never used"},
	{"profile", "PLATFORM", 0, drill_option_set_profile, 0, NULL, "none",
		"ecs, kubernetes or docker",
		"health checks, --lb-window and --stop-timeout of a platform"},
	{"quiet", NULL, 'q', drill_option_set_flag, FIELD(quiet), NULL, NULL, NULL,
		"no progress and no table: only the exit status and the files"},
	{"rate", "COUNT[/s]", 0, drill_option_set_rate, FIELD(new_per_s), "20/s", NULL,
		"a number from 0 to 100000, with /s or without",
		"cohort C: new connections per second, from before the stop until the target has "
		"exited"},
	{"read-rate", "BYTES[/s]", 0, drill_option_set_bytes, FIELD(read_bytes_per_s), "1M/s", NULL,
		form_bytes, "rate at which --download reads"},
	{"retry-safe", "LIST", 0, drill_option_set_retry_safe, 0, NULL, "none", form_outcomes,
		"outcomes that clients repeat: a warning instead of a failure (repeatable)"},
	{"runs", "COUNT", 'n', drill_option_set_runs, FIELD(runs), NULL,
		"10; 1 where the target cannot be started again", "a number from 1 to 1000",
		"how often the target is started and stopped"},
	{"slow", "PATH", 0, drill_option_set_slow, 0, NULL, "that of --url", form_path,
		"cohort A: a request that takes long (repeatable)"},
	{"stall-timeout", "DURATION", 0, drill_option_set_duration, FIELD(stall_timeout_us), "5s",
		NULL, form_duration, "a response without a new byte for this long has stalled"},
	{"start-cmd", "LINE", 0, drill_option_set_string, FIELD(server.start_line), NULL, NULL,
		form_line, "command line that starts the target of --pid-file or --container"},
	{"start-timeout", "DURATION", 0, drill_option_set_duration, FIELD(server.start_timeout_us),
		"30s", NULL, form_duration, "longest time for the target to answer"},
	{"stop-cmd", "LINE", 0, drill_option_set_string, FIELD(server.stop_line), NULL,
		"a signal, or docker stop", form_line, "command line that stops the target"},
	{"stop-signal", "SIGNAL", 0, drill_option_set_signal, FIELD(server.stop_signal), NULL,
		"SIGTERM, or the container's own", "a signal's name or number, like QUIT",
		"the signal that stops the target"},
	{"stop-timeout", "DURATION", 't', drill_option_set_duration, FIELD(server.stop_timeout_us),
		NULL, "10s, or the profile's; 10m with --deploy", form_duration,
		"time from the stop to SIGKILL, as of docker stop -t; longest time of --deploy"},
	{"stream", "PATH", 0, drill_option_set_stream, 0, NULL, NULL, form_path,
		"cohort A: a streamed response (repeatable)"},
	{"svg", "FILE", 0, drill_option_set_string, FIELD(outputs[DRILL_OUTPUT_SVG]), NULL, NULL,
		form_file, "draw the worst run as SVG"},
	{"timeout", "DURATION", 0, drill_option_set_duration, FIELD(response_timeout_us), "30s",
		NULL, form_duration, "longest time until a response begins"},
	{"unix-socket", "PATH", 0, drill_option_set_string, FIELD(unix_socket), NULL, NULL,
		"a path", "connect to this socket; the URL gives host and path"},
	{"upload", "PATH", 0, drill_option_set_upload, 0, NULL, NULL, form_path,
		"cohort A: a POST that is sent at --upload-rate (repeatable)"},
	{"upload-rate", "BYTES[/s]", 0, drill_option_set_bytes, FIELD(upload_bytes_per_s), "512k/s",
		NULL, form_bytes, "rate at which --upload sends"},
	{"upload-size", "BYTES", 0, drill_option_set_bytes, FIELD(upload_bytes), "1M", NULL,
		form_bytes, "size of an upload"},
	{"url", "URL", 'u', drill_option_set_url, FIELD(url), NULL, NULL, form_url,
		"URL of the target; the host `container` is the container's address"},
	{"verbose", NULL, 'v', drill_option_set_flag, FIELD(verbose), NULL, NULL, NULL,
		"show what the target writes"},
	{"version", NULL, 'V', drill_option_set_flag, FIELD(version), NULL, NULL, NULL,
		"print the version"},
	{"websocket", "PATH", 0, drill_option_set_websocket, 0, NULL, NULL, form_path,
		"cohort A: a WebSocket that is held open, with a message each second (repeatable)"},
};

#define ROW_COUNT (sizeof(rows) / sizeof(*rows))

static void *field_of(struct drill_options *options, const struct option_row *row)
{
	return (char *)options + row->field;
}

static void apply_defaults(struct drill_options *options)
{
	*options = (struct drill_options){0};
	thresholds_init(&options->thresholds);
	options->health_timeout_us = options->server.stop_timeout_us = -1; /* the profile's */
	options->lb_window_s = (double)NAN;
	for (size_t i = 0; i < ROW_COUNT; i++) {
		if (rows[i].initial != NULL)
			(void)rows[i].set(options, field_of(options, &rows[i]), rows[i].initial);
	}
}

static const struct option_row *row_of_letter(int letter)
{
	for (size_t i = 0; i < ROW_COUNT; i++) {
		if (rows[i].letter == letter && letter != 0)
			return &rows[i];
	}
	return NULL;
}

/* The table as getopt_long(3) wants it: options end at the first operand, and errors are ours to report. */
static void fill_in_getopt(struct option longs[ROW_COUNT + 1], struct text *letters)
{
	text_add(letters, "+:");
	for (size_t i = 0; i < ROW_COUNT; i++) {
		bool has_value = rows[i].metavar != NULL;

		longs[i] = (struct option){
			rows[i].name, has_value ? required_argument : no_argument, NULL, 0};
		if (rows[i].letter != 0)
			text_printf(letters, "%c%s", rows[i].letter, has_value ? ":" : "");
	}
	longs[ROW_COUNT] = (struct option){0};
}

/* Reads the words of options, in order. */
static int read_arguments(int argc, char *argv[], struct drill_options *options, struct text *error)
{
	struct option longs[ROW_COUNT + 1];
	char letter_bytes[2 * ROW_COUNT + 3];
	struct text letters;
	int letter, at = 0;

	text_init(&letters, letter_bytes, sizeof(letter_bytes));
	fill_in_getopt(longs, &letters);
	while ((letter = getopt_long(argc, argv, letter_bytes, longs, &at)) != -1) {
		const struct option_row *row = letter == 0 ? &rows[at] : row_of_letter(letter);

		if (letter == ':') {
			text_printf(error, "%s needs a value; see lastcall-drill --help",
				argv[optind - 1]);
			return -EINVAL;
		}
		if (row == NULL) {
			text_printf(error, "unknown option '%s'; see lastcall-drill --help",
				argv[optind - 1]);
			return -EINVAL;
		}
		if (row->set(options, field_of(options, row), optarg) < 0) {
			text_printf(error, "--%s='%s' is not accepted; give %s", row->name, optarg,
				row->form);
			return -EINVAL;
		}
	}
	return 0;
}

/* The URL may stand for itself, as long as no command has begun: no command is called http://… */
static bool is_url_next(int argc, char *argv[], const struct drill_options *options)
{
	return options->url == NULL && optind < argc && strcmp(argv[optind - 1], "--") != 0 &&
	       (strncasecmp(argv[optind], "http://", 7) == 0 ||
		       strncasecmp(argv[optind], "https://", 8) == 0);
}

static int read_all(int argc, char *argv[], struct drill_options *options, struct text *error)
{
	opterr = 0;
	optind = 1;
	if (read_arguments(argc, argv, options, error) < 0)
		return -EINVAL;
	if (is_url_next(argc, argv, options)) {
		if (drill_option_set_url(options, &options->url, argv[optind]) < 0) {
			text_printf(error, "'%s' is not accepted; give %s", argv[optind], form_url);
			return -EINVAL;
		}
		optind++;
		if (read_arguments(argc, argv, options, error) < 0)
			return -EINVAL;
	}
	options->server.argv = (const char *const *)argv + optind;
	options->server.argc = (unsigned)(argc - optind);
	return 0;
}

int drill_options_parse(
	int argc, char *argv[], struct drill_options *ret_options, struct text *error)
{
	apply_defaults(ret_options);
	if (read_all(argc, argv, ret_options, error) < 0)
		return -EINVAL;
	if (ret_options->help || ret_options->version)
		return 0;
	return drill_options_check(ret_options, error);
}

void drill_options_write_help(struct text *text)
{
	text_add(text,
		"Usage: lastcall-drill [OPTION]... URL [OPTION]... [--] COMMAND [ARG]...\n"
		"       lastcall-drill [OPTION]... URL --docker-run -- IMAGE [ARG]...\n"
		"       lastcall-drill [OPTION]... URL --container=NAME\n"
		"       lastcall-drill [OPTION]... URL --pid=PID\n"
		"       lastcall-drill [OPTION]... URL --deploy=LINE\n"
		"       lastcall-drill compare A.json B.json\n"
		"       lastcall-drill report FILE...\n"
		"\n"
		"Starts or finds a server, puts the server under load, stops it as an\n"
		"orchestrator would (--runs times), and reports what its clients lost and how\n"
		"long the stop took.\n"
		"\n");
	for (size_t i = 0; i < ROW_COUNT; i++) {
		const struct option_row *row = &rows[i];
		const struct option_help entry = {row->letter, row->name, row->metavar, row->help,
			row->initial_text != NULL ? row->initial_text : row->initial};

		option_help_write(text, &entry);
	}
	text_add(text,
		"\n"
		"A DURATION has a unit: 500ms, 10s, 1m30s. Options end at COMMAND.\n"
		"URL may be an option too: --url=URL.\n"
		"\n"
		"Exit status: 0: all checks passed; 1: one failed; 2: bad usage, or an output\n"
		"could not be written; 3: the target could not be started or reached;\n"
		"4: inconclusive; 129, 130, 131, 143: interrupted.\n"
		"See man lastcall-drill.\n");
}
