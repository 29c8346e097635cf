/* SPDX-License-Identifier: MIT */
/* Everything that may fail, in order, before the application starts; then the supervisor. */
#include "core/cli/environment.h"
#include "core/cli/help_page.h"
#include "core/cli/option_parser.h"
#include "core/text/exit_status.h"
#include "core/cli/options.h"
#include "core/text/signal_name.h"
#include "core/stop/stop_budget.h"
#include "lastcall/busy_run.h"
#include "lastcall/check.h"
#include "lastcall/healthcheck_client.h"
#include "lastcall/passthrough.h"
#include "lastcall/compat_run.h"
#include "lastcall/status_client.h"
#include "lastcall/supervisor.h"
#include "lastcall/task_labels.h"
#include "lastcall/task_protection.h"
#include "sys/child.h"
#include "sys/fd.h"
#include "sys/init_socket.h"
#include "sys/listener.h"

#include <ev.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

/* What main sets up and hands to the supervisor. */
struct setup {
	struct options options;
	struct platform_facts facts;
	struct compat compat; /* peer NULL: we are called by our own name */
	struct stop_budget budget;
	struct log log;
	struct report_outputs reports;
	struct signal_state inherited;
	int signal_fd;
	int listen_fds[2]; /* of the health endpoint: the address, and PID 1's own socket */
	size_t listen_count;
	bool has_address, is_address_in_use;
	uint32_t degraded; /* REPORT_DEGRADED_… bits */
	pid_t parent; /* when we were started */
	bool is_subreaper;
};

static int fail(struct log *log, const char *event, const char *message)
{
	log_event(log, LOG_ERROR, event, "%s", message);
	return EXIT_STATUS_USAGE;
}

static int print(const char *page)
{
	return fd_write_all(STDOUT_FILENO, page, strlen(page)) < 0 ? EXIT_STATUS_FAILED
								   : EXIT_SUCCESS;
}

static int print_help(void)
{
	char page[OPTIONS_HELP_BYTES];
	struct text text;

	text_init(&text, page, sizeof page);
	options_write_help(&text);
	return print(page);
}

static int print_check(struct setup *setup)
{
	static struct task_labels task;
	struct label_list labels = setup->options.labels;
	char page[CHECK_PAGE_BYTES];
	struct text text;

	(void)task_labels_ask_now(&task, environment_get(environ, TASK_METADATA_VARIABLE), &labels,
		&setup->log, setup->signal_fd);
	text_init(&text, page, sizeof page);
	check_write(&text, &setup->options, &setup->budget, &setup->facts, setup->is_address_in_use,
		&labels);
	return print(page);
}

static struct platform_facts gather_facts(void)
{
	return (struct platform_facts){
		.environment = environ,
		.has_dockerenv = access("/.dockerenv", F_OK) == 0,
		.has_containerenv = access("/run/.containerenv", F_OK) == 0,
		.pid = getpid(),
	};
}

static int compute_budget(struct setup *setup, struct text *error, struct text *warning)
{
	setup->facts = gather_facts();
	return stop_budget_compute(&setup->options, &setup->facts, &setup->budget, error, warning);
}

static int log_not_listening(struct setup *setup, int error)
{
	char origin[64];
	const char *given = setup->options.given[OPTION_LISTEN];

	log_event(&setup->log, LOG_ERROR, "cannot_listen",
		"%s='%s' cannot be listened on: %s; give another ADDR:PORT, or off",
		option_origin(&setup->options, OPTION_LISTEN, origin, sizeof origin),
		given != NULL ? given : option_default_text(OPTION_LISTEN), strerror(error));
	return EXIT_STATUS_USAGE;
}

/* The default address is taken by another container of the same pod or task, as a rule: no reason for
 * this one not to start. */
static void log_in_use(struct setup *setup)
{
	setup->is_address_in_use = true;
	if (setup->options.check) /* asked where we run already, in docker exec */
		return;
	setup->degraded |= 1u << REPORT_DEGRADED_HEALTH_ADDRESS_IN_USE;
	log_event(&setup->log, LOG_WARNING, "health_address_in_use",
		"the health endpoint's default address %s is in use, probably by another "
		"container of this pod or task: give each its own LASTCALL_LISTEN",
		option_default_text(OPTION_LISTEN));
}

/* Returns 0 or the exit status. */
static int open_health(struct setup *setup)
{
	const struct options *options = &setup->options;
	bool may_be_in_use = options->check || options->given[OPTION_LISTEN] == NULL;
	int fd = listener_open(&options->listen);

	if (fd == -EADDRINUSE && may_be_in_use)
		log_in_use(setup);
	else if (fd < 0)
		return log_not_listening(setup, -fd);
	else
		setup->listen_fds[setup->listen_count++] = fd;
	setup->has_address = fd >= 0;
	if (getpid() != 1 || options->check)
		return 0;
	fd = init_socket_listen();
	if (fd >= 0)
		setup->listen_fds[setup->listen_count++] = fd;
	else
		log_event(&setup->log, LOG_VERBOSE, "no_init_socket",
			"lastcall --healthcheck has to use the health endpoint's address: %s",
			strerror(-fd));
	return 0;
}

/* Where the report goes and the health endpoint listens. Returns 0 or the exit status. */
static int open_all(struct setup *setup)
{
	if (report_outputs_open(&setup->reports, &setup->options, &setup->log) < 0)
		return EXIT_STATUS_USAGE;
	return setup->options.listen_off ? 0 : open_health(setup);
}

static const struct compat *compat_of(const struct setup *setup)
{
	return setup->compat.peer != NULL ? &setup->compat : NULL;
}

/* Those of a PID 1 where we are none, and of a child. Returns 0 or the exit status. */
static int setup_reaping(struct setup *setup)
{
	const struct options *options = &setup->options;
	int r = 0;

	setup->is_subreaper = getpid() == 1 ||
			      (options->subreaper && child_become_subreaper() == 0) ||
			      child_is_subreaper();
	if (!setup->is_subreaper && !options->drain)
		compat_run_say(compat_of(setup), &setup->log,
			&(struct compat_event){.kind = COMPAT_CANNOT_REAP});
	if (!setup->is_subreaper && options->subreaper)
		log_event(&setup->log, LOG_WARNING, "no_subreaper",
			"not PID 1 and not a subreaper: orphaned processes will not be reaped");
	if (options->parent_death_signal > 0)
		r = child_set_parent_death_signal(options->parent_death_signal, setup->parent);
	if (r == 0)
		return 0;
	log_event(&setup->log, LOG_ERROR, "setup_failed",
		"cannot request %s for the exit of the parent process: %s",
		signal_name(options->parent_death_signal), strerror(-r));
	return EXIT_STATUS_FAILED;
}

static int run_draining(struct setup *setup)
{
	struct supervisor_setup supervisor_setup = {
		.options = &setup->options,
		.budget = &setup->budget,
		.stop_settings =
			{
				.order = setup->budget.at_once ? ORDER_SIGNAL_FIRST
							       : setup->options.order,
				.wait = setup->options.wait,
				.ends_all = getpid() == 1,
				.exit_when_idle = setup->options.exit_when_idle,
			},
		.log = &setup->log,
		.reports = &setup->reports,
		.listen_fds = setup->listen_fds,
		.listen_count = setup->listen_count,
		.health_port = setup->has_address ? listen_address_port(&setup->options.listen) : 0,
		.degraded = setup->degraded,
		.signal_fd = setup->signal_fd,
		.environment = environ,
		.inherited = &setup->inherited,
		.is_subreaper = setup->is_subreaper,
		.container = platform_container(&setup->facts),
		.task_metadata_uri = environment_get(environ, TASK_METADATA_VARIABLE),
		.task_protection_uri = environment_get(environ, TASK_PROTECTION_VARIABLE),
	};
	/* never freed: the exit undoes all of it in one go, which is three times faster */
	static struct supervisor *supervisor;
	int r;

	/* what cannot be seen here matters where the application listens */
	log_hold(&setup->log, LOG_WARNING);
	r = supervisor_new(&supervisor_setup, &supervisor);

	if (r < 0) {
		log_event(&setup->log, LOG_ERROR, "setup_failed",
			"cannot set up the event loop: %s", strerror(-r));
		return EXIT_STATUS_FAILED;
	}
	return supervisor_run(supervisor, setup->options.command, environ);
}

/* The variables are for the lastcall that runs the container, and not for its jobs. */
static int run_busy(struct setup *setup, char *const argv[], struct text *error)
{
	char *const none[] = {NULL};

	if (options_parse(argv, none, &setup->options, error, error) < 0)
		return fail(&setup->log, "bad_option", error->buf);
	return busy_run(&setup->options, setup->signal_fd, &setup->inherited, environ, &setup->log);
}

static int run(struct setup *setup)
{
	int r = setup_reaping(setup);

	if (r != 0)
		return r;
	if (setup->options.drain)
		return run_draining(setup);
	return passthrough_run(&setup->options, setup->signal_fd, &setup->inherited, environ,
		compat_of(setup), &setup->log);
}

/* Answers what was asked, or runs the application. */
static int go(struct setup *setup, char *const argv[], struct text *error, struct text *warning)
{
	const struct options *options = &setup->options;
	int r;

	if (options->help)
		return print_help();
	if (options->version)
		return print("lastcall " LASTCALL_VERSION "\n");
	if (options->healthcheck)
		return healthcheck_client_run(options);
	if (options->watch && options->status == STATUS_NONE)
		return fail(&setup->log, "bad_option", "--watch is for --status: give both");
	if (options->status != STATUS_NONE)
		return status_client_run(options, &setup->inherited, &setup->log);
	if (options->busy)
		return run_busy(setup, argv, error);
	if ((options->drain || options->check) && compute_budget(setup, error, warning) < 0)
		return fail(&setup->log, "bad_budget", error->buf);
	if (warning->len > 0)
		log_event(&setup->log, LOG_WARNING, "environment", "%s", warning->buf);
	if (!options->check && !setup->compat.pauses && options->command[0] == NULL)
		return fail(&setup->log, "no_command",
			"no command to run; give lastcall [options] [--] COMMAND [ARG]...");
	r = options->drain ? open_all(setup) : 0;
	if (r == 0)
		r = options->check ? print_check(setup) : run(setup);
	report_outputs_close(&setup->reports);
	return r;
}

int main(int argc, char *argv[])
{
	static struct setup
		setup; /* as large as it is, it comes from the kernel, not from the file */
	char error_bytes[1024], warning_bytes[1024], *no_words = NULL;
	struct text error, warning;
	int r, status = COMPAT_GO_ON;

	(void)argc;
	setup.parent = getppid();
	/* before all else: a signal that comes too early is lost to PID 1 and the end of any other */
	setup.signal_fd = signals_open(&setup.inherited);
	text_init(&error, error_bytes, sizeof error_bytes);
	text_init(&warning, warning_bytes, sizeof warning_bytes);
	setup.compat.peer = compat_peer_of(argv[0]);
	r = options_parse(setup.compat.peer != NULL ? &no_words : argv, environ, &setup.options,
		&error, &warning);
	if (r == 0 && setup.compat.peer != NULL)
		status = compat_run_begin(&setup.compat, argv, environ, &setup.options);
	log_open(&setup.log, &setup.options);
	if (setup.signal_fd < 0) {
		log_event(&setup.log, LOG_ERROR, "setup_failed", "cannot receive signals: %s",
			strerror(-setup.signal_fd));
		return EXIT_STATUS_FAILED;
	}
	if (r < 0)
		return fail(&setup.log, "bad_option", error_bytes);
	if (status == COMPAT_GO_ON)
		status = go(&setup, argv, &error, &warning);
	log_close(&setup.log);
	return status;
}
