#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Ruby's sd_notify raises where NOTIFY_SOCKET is an abstract socket
#
# Guess: a client of systemd's notify protocol takes a name that begins with @ for an abstract socket, as sd_notify(3)
#   says; where it cannot, it sends nothing.
# Seen: the gem sd_notify (Puma) and its copy in Sidekiq connect to a file named "@..." in the working directory, and
#   raise NotifyError for the ENOENT. Sidekiq 6.4.1 then exits with 1 as soon as it has started. With a file's name
#   both send READY=1.
# For containers: a supervisor that gives its application an abstract NOTIFY_SOCKET, to need no writable directory,
#   breaks images with Sidekiq or Puma.
# Software: Debian 12, ruby-sd-notify 0.1.1-2, ruby-sidekiq 6.4.1+dfsg-1, ruby 3.1.2
# Source: sd_notify(3), NOTES; lib/sd_notify.rb and lib/sidekiq/sd_notify.rb, notify
# Output, 2026-11-28:
#   SdNotify, a file: exit 0, READY=1
#   SdNotify, abstract: exit 1, NotifyError: Errno::ENOENT
#   Sidekiq::SdNotify, a file: exit 0, READY=1
#   Sidekiq::SdNotify, abstract: exit 1, NotifyError: Errno::ENOENT
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
need ruby
debian ruby-sd-notify=0.1.1-2 ruby-sidekiq=6.4.1+dfsg-1
probe <<'PY'
import os
from probe import check, finish, re, socket, subprocess

gems = f"{os.environ['root']}/usr/share/rubygems-integration/all/gems"
for module, gem, file in (("SdNotify", "sd_notify-0.1.1", "sd_notify"),
                          ("Sidekiq::SdNotify", "sidekiq-6.4.1", "sidekiq/sd_notify")):
    for kind, name in (("a file", f"{os.getcwd()}/notify"), ("abstract", "@notify")):
        notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        notify.bind(name.replace("@", "\0", 1))
        notify.setblocking(False)
        done = subprocess.run(["ruby", f"-I{gems}/{gem}/lib", f"-r{file}", "-e", f"{module}.ready"],
                              env={**os.environ, "NOTIFY_SOCKET": name}, capture_output=True, text=True)
        error = re.search(r"[A-Za-z]+Error|Errno::\w+", done.stderr)
        said = notify.recv(100).decode() if done.returncode == 0 else "NotifyError: " + str(error and error[0])
        notify.close()
        if os.path.exists(name):
            os.unlink(name)
        check(f"{module}, {kind}", f"exit {done.returncode}, {said}",
              "exit 0, READY=1" if kind == "a file" else "exit 1, NotifyError: Errno::ENOENT")
finish()
PY
