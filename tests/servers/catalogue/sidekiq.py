# SPDX-License-Identifier: MIT
"""Sidekiq."""

from server import JobServer


class Sidekiq(JobServer):
    title = "Sidekiq"
    kind = "jobs"
    signals = ("TERM", "INT")
    guess = "TERM finishes jobs within -t seconds"
    note = ("TERM gives jobs `-t` seconds, 25 by default, and puts those that are not done back into the queue. "
            "The stop timeout has to be a few seconds longer.")
    packages = "ruby-sidekiq redis-server"
    version = "sidekiq --version"
    files = {"app.rb": """
require 'sidekiq'
class Job
  include Sidekiq::Worker
  def perform
    File.write('@dir@/begun', 'begun')
    sleep 8
    File.write('@dir@/finished', 'finished')
  end
end
"""}
    command = "sidekiq -r ./app.rb -c 2 -t 25"
    environment = {"REDIS_URL": "redis://127.0.0.1:6379/0"}

    def enqueue(self, box):
        status, output = box.run("ruby", "-r", "./app.rb", "-e", "Job.perform_async",
                                 env={"PATH": "/usr/bin:/bin", "REDIS_URL": "redis://127.0.0.1:6379/0"})
        assert status == 0, output
