# SPDX-License-Identifier: MIT
"""PSGI servers: Starman, with processes, and Twiggy, on an event loop."""

from server import HttpServer, Stop

PSGI = """
my $app = sub {
    my $env = shift;
    if ($env->{PATH_INFO} =~ /slow/) { my $end = time + 3; sleep 1 while time < $end; } # a signal ends a sleep
    return [200, ['Content-Length' => 5], ["done\\n"]];
};
"""


class Starman(HttpServer):
    title = "Starman"
    kind = "ruby"
    signals = ("TERM", "QUIT", "INT", "HUP")
    guess = "QUIT finishes requests, TERM cuts"
    note = "QUIT finishes requests, TERM and INT cut. `lastcall` sends TERM when nothing is in flight."
    packages = "starman"
    version = "dpkg-query -W starman"
    files = {"app.psgi": PSGI}
    command = "starman --port 8080 --workers 4 --keepalive-timeout 60 app.psgi"
    stops = (Stop("TERM", exits=(0,)),)


class Twiggy(HttpServer):
    title = "Twiggy"
    kind = "ruby"
    signals = ("TERM", "QUIT", "INT")
    guess = "TERM cuts and exits with 143; QUIT finishes requests"
    note = "No signal finishes requests: TERM and INT have no handler, and QUIT does not end it."
    packages = "twiggy"
    version = "dpkg-query -W twiggy"
    files = {"app.psgi": """
use AnyEvent;
my $app = sub {
    my $env = shift;
    my $done = [200, ['Content-Length' => 5], ["done\\n"]];
    return $done unless $env->{PATH_INFO} =~ /slow/;
    return sub {
        my $respond = shift;
        my $timer; $timer = AE::timer 3, 0, sub { undef $timer; $respond->($done) };
    };
};
"""}
    command = "twiggy --listen :8080 app.psgi"
    stops = (Stop("TERM", exits=(143, 0)),)
