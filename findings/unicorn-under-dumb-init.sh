#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# dumb-init changes how long a unicorn drains: it signals the workers, too
#
# Guess: an init passes QUIT on and changes nothing else. A client that never sent a request is no work to wait for.
# Seen: with one connection that was never used, unicorn's graceful stop does not end within 15 s (its worker reads
#   from that client until unicorn's timeout of 60 s). Under dumb-init it ends with the request in flight: dumb-init
#   signals the whole process group, and a worker's second QUIT ends its read.
# For containers: the same image drains differently with --init, and with an entrypoint of dumb-init. dumb-init
#   --single-child passes the signal to its child alone.
# Software: Debian 12, unicorn 6.0.0-2+b4, dumb-init 1.2.5-2, ruby 3.1; Linux 6.18
# Source: dumb-init, README (session behavior); unicorn, SIGNALS and timeout
# Output, 2026-11-28:
#   no init: request in flight: whole
#   no init: ends within 15 s: False
#   dumb-init --single-child: request in flight: whole
#   dumb-init --single-child: ends within 15 s: False
#   dumb-init: request in flight: whole
#   dumb-init: ends within 15 s: True
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
need ruby
debian dumb-init=1.2.5-2 unicorn=6.0.0-2+b4 ruby-rack=2.2.22-0+deb12u2 ruby-kgio=2.11.2-2+b5 ruby-raindrops=0.20.0-1+b2
export GEM_PATH=$libraries/rubygems-integration/3.1.0:$root/usr/share/rubygems-integration/all
export RUBYLIB=$root/usr/lib/ruby/vendor_ruby:$libraries/ruby/vendor_ruby/3.1.0
probe <<'PY'
from probe import Client, Server, check, finish, wait_for, write

write("config.ru", """
$stdout.sync = true
run lambda { |env|
  if env["PATH_INFO"] == "/slow"
    $stdout.puts "began"
    sleep 2
  end
  [200, { "Content-Length" => "5" }, ["done\\n"]]
}
""")
write("unicorn.rb", "worker_processes 3\nlisten '127.0.0.1:8080'\n")
for init in ((), ("dumb-init", "--single-child", "--"), ("dumb-init", "--")):
    open("server.log", "w").close()
    name = " ".join(init[:-1]) or "no init"
    server = Server(*init, "unicorn", "-c", "unicorn.rb", "config.ru", port=8080, as_pid1=True)
    used = Client(8080)
    used.get("/")
    used.answer()
    unused, client = Client(8080), Client(8080)
    client.get("/slow")
    wait_for(lambda: "began" in server.log_text(), "the request")
    server.signal("QUIT")
    check(f"{name}: request in flight", client.answer(), "whole")
    ends = server.seconds_to_end(15) is not None
    check(f"{name}: ends within 15 s", ends, name == "dumb-init")
finish()
PY
