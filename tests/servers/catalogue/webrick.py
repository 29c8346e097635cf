# SPDX-License-Identifier: MIT
"""WEBrick, with a handler as in its documentation."""

from server import HttpServer, Stop


class Webrick(HttpServer):
    title = "WEBrick, shutdown"
    kind = "ruby"
    signals = ("TERM", "INT")
    guess = "shutdown closes the listener and waits for the threads of open connections"
    note = "shutdown closes idle connections, and waits for the threads that serve."
    packages = "ruby-webrick"
    version = "dpkg-query -W ruby-webrick"
    files = {"app.rb": """
require 'webrick'
server = WEBrick::HTTPServer.new(Port: 8080, AccessLog: [], RequestTimeout: 60)
server.mount_proc '/' do |request, response|
  sleep 3 if request.path.include?('slow')
  response.body = "done\\n"
end
trap('TERM') { server.shutdown }
server.start
"""}
    command = "ruby app.rb"
    stops = (Stop("TERM", exits=(0,), ends_within=20.0),)


class WebrickPlain(Webrick):
    """rackup's way: no handler for TERM."""

    name = "webrick-plain"
    title = "WEBrick, without a handler"
    guess = "TERM cuts and exits with 143, as PID 1 with 1"
    note = ("Without a handler Ruby turns TERM into an exception, on which WEBrick finishes its "
            "requests. The status is 143, and 1 as PID 1.")
    files = {"app.rb": Webrick.files["app.rb"].replace("trap('TERM') { server.shutdown }\n", "")}
    stops = (Stop("TERM"),)
