# SPDX-License-Identifier: MIT
"""Options and environment: which one wins, and the error for bad input before anything starts."""

import harness
from harness import probe

BAD_OPTIONS = (
    (["--no-such-option"], "unknown option '--no-such-option'"),
    (["-X"], "unknown option '-X'"),
    (["--stop"], "unknown option '--stop'"),
    (["--stop-timeout=30"], "--stop-timeout='30'"),
    (["--stop-timeout=0s"], "--stop-timeout='0s'"),
    (["--stop-timeout=-1s"], "--stop-timeout='-1s'"),
    (["--stop-timeout="], "--stop-timeout=''"),
    (["--stop-timeout=99999999999999999999h"], "--stop-timeout='99999999999999999999h'"),
    (["--margin=1x"], "--margin='1x'"),
    (["--drain-budget=5"], "--drain-budget='5'"),
    (["--min-drain=1s1"], "--min-drain='1s1'"),
    (["--term-grace=s"], "--term-grace='s'"),
    (["--settle= 1s"], "--settle=' 1s'"),
    (["--port=0"], "--port='0'"),
    (["--port=65536"], "--port='65536'"),
    (["--port=80,"], "--port='80,'"),
    (["--port=http"], "--port='http'"),
    (["--listen=5278"], "--listen='5278'"),
    (["--listen=localhost:5278"], "--listen='localhost:5278'"),
    (["--listen=[::]:99999"], "--listen='[::]:99999'"),
    (["--health-path=health"], "--health-path='health'"),
    (["--health-path=/a?b"], "--health-path='/a?b'"),
    (["--order=first"], "--order='first'"),
    (["--wait=none"], "--wait='none'"),
    (["--stop-signal=SIGWHAT"], "--stop-signal='SIGWHAT'"),
    (["--stop-signal=65"], "--stop-signal='65'"),
    (["--stop-signal=0"], "--stop-signal='0'"),
    (["--log-format=xml"], "--log-format='xml'"),
    (["--label=nothing"], "--label='nothing'"),
    (["--label==value"], "--label='=value'"),
    (["--report=sterr"], "--report='sterr'"),
    (["--report=fd:x"], "--report='fd:x'"),
    (["--report=fd:77"], "--report='fd:77'"),
    (["--report=/nowhere/report"], "--report='/nowhere/report'"),
    (["--report=/tmp/"], "--report='/tmp/'"),
    (["--hurry=perhaps"], "--hurry='perhaps'"),
)

SETTINGS = (
    ("stop-timeout", "LASTCALL_STOP_TIMEOUT", "7s", "8s"),
    ("margin", "LASTCALL_MARGIN", "200ms", "300ms"),
    ("term-grace", "LASTCALL_TERM_GRACE", "400ms", "500ms"),
    ("drain-budget", "LASTCALL_DRAIN_BUDGET", "1s", "2s"),
    ("min-drain", "LASTCALL_MIN_DRAIN", "100ms", "150ms"),
    ("settle", "LASTCALL_SETTLE", "50ms", "60ms"),
    ("order", "LASTCALL_ORDER", "signal-first", "drain-first"),
    ("stop-signal", "LASTCALL_STOP_SIGNAL", "SIGQUIT", "SIGINT"),
    ("wait", "LASTCALL_WAIT", "main", "all"),
    ("hurry", "LASTCALL_HURRY", "on", "off"),
    ("listen", "LASTCALL_LISTEN", "off", "127.0.0.1:7002"),
    ("health-path", "LASTCALL_HEALTH_PATH", "/a", "/b"),
    ("port", "LASTCALL_PORT", "8080,8081", "9090"),
    ("report", "LASTCALL_REPORT", "off", "stderr"),
    ("log-format", "LASTCALL_LOG_FORMAT", "json", "text"),
    ("label", "LASTCALL_LABEL", "a=b", "c=d"),
    ("verbose", "LASTCALL_VERBOSE", "on", "off"),
    ("quiet", "LASTCALL_QUIET", "on", "off"),
)


class BadInput(harness.ProgramTest):
    def assert_refused(self, options, text, env=None):
        program = self.start(*options, command=probe("print=ran"), env=env)
        self.assertEqual(program.wait().code, 2)
        self.assertEqual(program.out.all, [], "the application was started")
        self.assertEqual(len(program.err.all), 1, "one line says it all")
        self.assertIn(text, program.err.all[0])
        self.assertTrue(program.err.all[0].startswith("lastcall: error: "))

    def test_bad_options_are_one_line_and_status_2(self):
        for options, text in BAD_OPTIONS:
            with self.subTest(options=options):
                self.assert_refused(options, text)

    def test_bad_variables_name_the_variable(self):
        for name, value in (("STOP_TIMEOUT", "30"), ("PORT", "none"), ("ORDER", "x"), ("HURRY", "2"),
                            ("REPORT", "nowhere"), ("MARGIN", "")):
            with self.subTest(name=name):
                self.assert_refused([], f"LASTCALL_{name}='{value}'", {f"LASTCALL_{name}": value})

    def test_sums_that_do_not_fit_say_which_and_by_how_much(self):
        for options, text in (
                (["--stop-timeout=10s", "--drain-budget=9s", "--term-grace=2s"],
                 "= 12s does not fit into the stop timeout of 10s (--stop-timeout): 2s too much"),
                (["--stop-timeout=1s", "--margin=1s"], "does not fit into the stop timeout of 1s"),
                (["--stop-timeout=5s", "--min-drain=10s"], "--min-drain=10s does not fit")):
            self.assert_refused(options, text)

    def test_no_command_is_said(self):
        program = harness.Program(["--stop-timeout=5s"], [])
        self.addCleanup(program.kill)
        self.assertEqual(program.wait().code, 2)
        self.assertEqual(len(program.err.all), 1)
        self.assertIn("no command", program.err.all[0])

    def test_missing_value_is_said(self):
        program = harness.Program(["--stop-timeout"], [])
        self.addCleanup(program.kill)
        self.assertEqual(program.wait().code, 2)
        self.assertIn("--stop-timeout needs a value", program.err.all[0])

    def test_json_log_says_it_in_json(self):
        import json
        program = self.start("--log-format=json", "--port=x", command=probe("print=ran"))
        self.assertEqual(program.wait().code, 2)
        self.assertEqual(json.loads(program.err.all[0])["level"], "error")


class Check(harness.ProgramTest):
    def page(self, *options, env=None, settings=()):
        program = harness.Program([*options, "--check"], [], env=env, settings=settings)
        self.programs.append(program)
        self.addCleanup(program.kill)
        self.assertEqual(program.wait().code, 0)
        return program

    def setting(self, program, name):
        return program.out.find(rf"^\s+{name}\s+(.*)$").group(1).split()

    def test_each_variable_is_read_and_each_option_beats_it(self):
        for name, variable, value, stronger in SETTINGS:
            with self.subTest(name=name):
                program = self.page(env={variable: value})
                if name not in ("quiet", "log-format"):
                    self.assertEqual(self.setting(program, name), [value, variable])
                program = self.page(f"--{name}={stronger}", env={variable: value})
                self.assertEqual(self.setting(program, name), [stronger, f"--{name}"])

    def test_defaults_are_named(self):
        program = self.page()
        self.assertEqual(self.setting(program, "stop-timeout")[0], "10s")
        self.assertEqual(self.setting(program, "margin")[0], "1s")
        self.assertIn(f"Detector: {harness.DETECTOR}", "\n".join(program.out.all))

    def test_ecs_timeout_is_read_as_the_agent_reads_it(self):
        for value, expected, warned in (("2m", "2m", False), ("90s", "1m30s", False), ("1.5s", "1s", True),
                                        ("45", "30s", True), ("20", "20s", True), ("soon", "30s", True),
                                        ("", "30s", False), ("0s", "30s", False)):
            with self.subTest(value=value):
                program = self.page(env={"ECS_CONTAINER_STOP_TIMEOUT": value})
                self.assertEqual(self.setting(program, "stop-timeout"),
                                 [expected, "ECS_CONTAINER_STOP_TIMEOUT"])
                self.assertEqual(len(program.err.all), int(warned))

    def test_option_beats_ecs(self):
        program = self.page("-t", "5s", env={"ECS_CONTAINER_STOP_TIMEOUT": "2m"})
        self.assertEqual(self.setting(program, "stop-timeout"), ["5s", "--stop-timeout"])

    def test_kubernetes_service_link_is_passed_over(self):
        program = self.page(env={"LASTCALL_PORT": "tcp://10.0.0.7:80",
                                 "LASTCALL_PORT_80_TCP": "tcp://10.0.0.7:80",
                                 "LASTCALL_SERVICE_HOST": "10.0.0.7"})
        self.assertEqual(self.setting(program, "port")[0], "found")
        self.assertEqual(program.err.all, [])

    def test_misspelt_variable_is_named_where_nothing_is_drained_too(self):
        for options in ((), ("--drain=off",)):
            program = self.start(*options, command=probe("exit=0"), env={"LASTCALL_PORTS": "80"})
            self.assertEqual(program.wait().code, 0)
            self.assertEqual(program.said(), ["lastcall: warning: LASTCALL_PORTS is unknown, ignoring"])

    def test_image_that_says_its_version_in_the_environment_still_starts(self):
        """ENV LASTCALL_VERSION=0.1.0 is what Dockerfiles that download a release have."""
        for env in ({"LASTCALL_VERSION": "0.1.0"}, {"LASTCALL_VERSION": "1"}, {"LASTCALL_HELP": "1"}):
            program = self.start("-q", command=probe("print=ran"), env=env)
            self.assertEqual(program.wait().code, 0)
            self.assertEqual(program.out.all, ["ran"])

    def test_what_cannot_work_is_status_2(self):
        for option in ("--listen=192.0.2.1:5278", "--report=/nowhere/report"):
            program = harness.Program([option, "--check"], [])
            self.addCleanup(program.kill)
            self.assertEqual(program.wait().code, 2)
            self.assertIn(option.split("=")[0], program.err.all[0])

    def test_check_beside_the_one_that_runs_is_no_failure(self):
        """In `docker exec`: the address is in use, by ourselves."""
        first = self.start_ready(command=probe("print=ready", "hang"))
        first.wait_started()
        self.page(settings=[first.network()])

    def test_check_starts_nothing_and_changes_no_descriptor(self):
        program = self.start("--check", command=probe("print=ran"))
        self.assertEqual(program.wait().code, 0)
        self.assertIsNone(program.out.find("^ran"))

    def test_help_and_version(self):
        for option, text in (("--help", "^Usage: lastcall"), ("-h", "^Usage"), ("--version", r"^lastcall \d"),
                             ("-V", r"^lastcall \d")):
            program = harness.Program([option], [])
            self.addCleanup(program.kill)
            self.assertEqual(program.wait().code, 0)
            self.assertTrue(program.out.find(text))
            self.assertEqual(program.err.all, [])


class Effects(harness.ProgramTest):
    def test_settings_reach_the_report(self):
        program = self.start_ready(
            "--margin=300ms", command=probe("print=ready", "hang"),
            env={"LASTCALL_STOP_TIMEOUT": "4s", "LASTCALL_LABEL": "team=red"})
        program.stop()
        program.wait()
        report = program.report()
        self.assertEqual(report["stop"]["timeout_ms"], 4000)
        self.assertEqual(report["stop"]["timeout_source"], "LASTCALL_STOP_TIMEOUT")
        self.assertEqual(report["stop"]["margin_ms"], 300)
        self.assertEqual(report["labels"], {"team": "red"})


if __name__ == "__main__":
    harness.main()
