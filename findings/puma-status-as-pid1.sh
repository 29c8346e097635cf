#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Puma's graceful stop exits with 1 as PID 1, and with 143 elsewhere
#
# Guess: a graceful stop exits with 0, and the status does not depend on the pid.
# Seen: the request in flight is answered in both. Puma then raises SIGTERM against itself. As PID 1 the kernel
#   drops that signal, and Ruby exits with 1.
# For containers: without an init every clean stop looks like a failure, and no handler for 143 helps.
# Software: Debian 12, puma 5.6.5-3+deb12u2, ruby 3.1; Linux 6.18
# Source: lib/puma/launcher.rb (setup_signals, raise_exception_on_sigterm); signal(7) on PID 1 in pid_namespaces(7)
# Output, 2026-11-28:
#   PID 1, request in flight: whole
#   PID 1, exit status: 1
#   not PID 1, request in flight: whole
#   not PID 1, exit status: 143
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
debian puma=5.6.5-3+deb12u2 ruby-rack=2.2.22-0+deb12u2 ruby-nio4r=2.5.8-3
need ruby
export GEM_PATH=$libraries/rubygems-integration/3.1.0:$root/usr/share/rubygems-integration/all
probe <<'PY'
from probe import Client, Server, check, finish, time, wait_for, can_connect, write

write("config.ru", """
run lambda { |env|
  $stdout.puts "began" if env["PATH_INFO"] == "/slow"
  sleep 2 if env["PATH_INFO"] == "/slow"
  [200, { "Content-Length" => "5" }, ["done\\n"]]
}
$stdout.sync = true
""")
for as_pid1, name, status in ((True, "PID 1", 1), (False, "not PID 1", 143)):
    open("server.log", "w").close()
    server = Server("puma", "--bind", "tcp://127.0.0.1:8080", "config.ru", port=8080, as_pid1=as_pid1)
    client = Client(8080)
    client.get("/slow")
    wait_for(lambda: "began" in server.log_text(), "the request")
    server.signal("TERM")
    check(f"{name}, request in flight", client.answer(), "whole")
    server.seconds_to_end()
    check(f"{name}, exit status", server.status(), status)
finish()
PY
