# SPDX-License-Identifier: MIT
"""Mojolicious, with its daemon and with Hypnotoad."""

from server import HttpServer, Stop

APP = """
use Mojolicious::Lite -signatures;
use Mojo::IOLoop;
app->config(hypnotoad => {listen => ['http://*:8080'], workers => 2, pid_file => '@dir@/pid', keep_alive_timeout => 60});
app->log->level('fatal');
get '/slow' => sub ($c) { $c->render_later; Mojo::IOLoop->timer(3 => sub { $c->render(text => "done\\n") }) };
get '/' => sub ($c) { $c->render(text => "done\\n") };
app->start;
"""


class MojoDaemon(HttpServer):
    name = "mojolicious"
    title = "Mojolicious daemon"
    kind = "ruby"
    signals = ("TERM", "INT", "QUIT")
    guess = "TERM and INT stop the loop at once, QUIT finishes requests"
    note = "The daemon has no graceful stop, and no handler for QUIT."
    packages = "libmojolicious-perl"
    version = "dpkg-query -W libmojolicious-perl"
    files = {"app.pl": APP}
    command = "perl app.pl daemon --listen http://*:8080 --keep-alive-timeout 60"
    stops = (Stop("TERM", exits=(0,)),)


class Hypnotoad(MojoDaemon):
    name = "hypnotoad"
    title = "Hypnotoad"
    guess = "QUIT finishes requests; TERM cuts"
    note = ("QUIT waits for idle connections until `graceful_timeout`; TERM cuts. `lastcall` sends "
            "TERM when nothing is in flight.")
    command = "hypnotoad -f @dir@/app.pl"
    stops = (Stop("TERM", exits=(0,), ends_within=24),)
