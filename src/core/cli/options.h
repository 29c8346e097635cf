/* SPDX-License-Identifier: MIT */
/* What lastcall was asked for, on its command line and in the LASTCALL_... environment. Every value remembers
 * where it came from. */
#pragma once

#include "core/cli/report_destination.h"
#include "core/http/app_check_target.h"
#include "core/http/http_url.h"
#include "core/tcp/listen_address.h"
#include "core/text/label_list.h"
#include "core/text/msec.h"
#include "core/tcp/peer_range.h"
#include "core/report/report.h"
#include "core/text/signal_name.h"
#include "core/text/text.h"

#include <stdbool.h>
#include <stdint.h>

/* In the order in which --help and --check show them: grouped, the common ones first. */
enum option_id {
	OPTION_STOP_TIMEOUT,
	OPTION_DRAIN_BUDGET,
	OPTION_LONGEST_REQUEST,
	OPTION_MIN_DRAIN,
	OPTION_QUIET_PERIOD,
	OPTION_TERM_GRACE,
	OPTION_EXIT_WHEN_IDLE,
	OPTION_MARGIN,
	OPTION_ORDER,
	OPTION_WAIT,
	OPTION_HURRY,
	OPTION_DRAIN,
	OPTION_PROTECT,
	OPTION_PORT,
	OPTION_IGNORE_PEER,
	OPTION_SETTLE,
	OPTION_LISTEN,
	OPTION_HEALTH_PATH,
	OPTION_DRAIN_STATUS,
	OPTION_APP_CHECK,
	OPTION_CHECK_INTERVAL,
	OPTION_CHECK_TIMEOUT,
	OPTION_CHECK_FAILURES,
	OPTION_START_TIMEOUT,
	OPTION_NOTIFY,
	OPTION_WATCHDOG,
	OPTION_STOP_ON,
	OPTION_STOP_SIGNAL,
	OPTION_REWRITE,
	OPTION_GROUP,
	OPTION_PARENT_DEATH_SIGNAL,
	OPTION_REPORT,
	OPTION_LABEL,
	OPTION_LOG_FORMAT,
	OPTION_QUIET,
	OPTION_VERBOSE,
	OPTION_WARN_ON_REAP,
	OPTION_EXIT_MAP,
	OPTION_SETSID,
	OPTION_SUBREAPER,
	OPTION_BUSY,
	OPTION_CHECK,
	OPTION_HEALTHCHECK,
	OPTION_STATUS,
	OPTION_WATCH,
	OPTION_HELP,
	OPTION_VERSION,
	OPTION_COUNT,
};

enum option_source { OPTION_FROM_DEFAULT, OPTION_FROM_ENVIRONMENT, OPTION_FROM_COMMAND_LINE };

enum stop_order { ORDER_DRAIN_FIRST, ORDER_SIGNAL_FIRST };
enum stop_wait { WAIT_ALL, WAIT_MAIN };

/* What the application's READY=1, and its other messages in the way of sd_notify(3), are good for. */
enum notify_mode {
	NOTIFY_AUTO, /* messages are received; READY=1 is not required */
	NOTIFY_READY, /* the health endpoint answers 200 from READY=1 on */
	NOTIFY_OFF, /* the application has no socket for them */
	NOTIFY_PASS, /* it has the one that lastcall was started with, if any */
};
enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON };

enum status_form { STATUS_NONE, STATUS_TEXT, STATUS_JSON };

/* A duration that was not given: its default is computed from the others. */
#define OPTION_UNSET (-1)

#define OPTIONS_MAX_APP_CHECKS 8
#define OPTIONS_MAX_IGNORED_PEERS 16
#define OPTIONS_MAX_REPORTS 4
#define OPTIONS_MAX_PORT_RANGES 64 /* a single port is one of them */
#define EXIT_CODES 256

struct options {
	enum status_form status; /* the question, and in which form its answer */
	bool watch;
	bool busy, check, healthcheck, help, version, hurry, verbose, quiet, listen_off;
	bool drain; /* false: an init and no more, see passthrough.h */
	bool group; /* signals go to the application's process group */
	bool setsid; /* the application leads a session, with our terminal, not just a group */
	bool subreaper; /* orphans come to us where we are not PID 1 */
	bool warn_on_reap;
	bool protect; /* on Amazon ECS, the task from scale-in while work is in flight */
	bool shell_for_scripts; /* without an interpreter's line; by another init's name alone */
	char *const *command; /* the operands; command[0] is NULL when there are none */
	msec_t stop_timeout, margin, term_grace, drain_budget, min_drain; /* or OPTION_UNSET */
	msec_t longest_request; /* or OPTION_UNSET */
	msec_t settle, quiet_period;
	msec_t exit_when_idle; /* MSEC_NEVER: off */

	msec_t check_interval, check_timeout;
	unsigned check_failures;
	msec_t start_timeout; /* MSEC_NEVER: off */
	enum notify_mode notify;
	msec_t watchdog; /* MSEC_NEVER: off */

	enum stop_order order;
	enum stop_wait wait;
	uint64_t stop_on; /* signals that start a stop, as signal_bit; 0: see stop_signal.h */
	int stop_signal; /* what the application is sent; 0: see stop_signal.h */

	int parent_death_signal; /* what we get when our parent ends; 0: nothing */

	const char *health_path;
	int drain_status; /* of the health endpoint's answers, from the stop signal on */

	enum log_format log_format;

	unsigned app_check_count;
	struct app_check_target app_checks[OPTIONS_MAX_APP_CHECKS]; /* into app_check_bytes */
	char app_check_bytes[OPTIONS_MAX_APP_CHECKS * 256 + APP_CHECK_PATH_MAX];
	size_t app_check_bytes_used;
	struct listen_address listen;
	struct http_url healthcheck_url; /* path NULL: the health endpoint's own */

	enum option_source source[OPTION_COUNT];
	const char *given[OPTION_COUNT]; /* the text that set it, NULL: the default */

	unsigned port_range_count, ignored_peer_count, report_count;
	struct report_destination reports[OPTIONS_MAX_REPORTS]; /* none: no report */
	struct port_range
		ports[OPTIONS_MAX_PORT_RANGES]; /* none: the application's own listeners */
	struct peer_range ignored_peers[OPTIONS_MAX_IGNORED_PEERS];
	struct label_list labels; /* into label_bytes */
	size_t label_bytes_used;
	char label_bytes[1024];
	uint8_t rewrite[SIGNAL_MAX + 1]; /* what the application gets for a signal; 0: nothing */
	uint8_t exit_map[EXIT_CODES]; /* what we exit with for the application's status */
};
