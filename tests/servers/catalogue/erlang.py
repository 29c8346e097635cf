# SPDX-License-Identifier: MIT
"""Erlang's inets httpd, in an emulator without a shell."""

from server import HttpServer, Stop

APP = """
-module(app).
-export([start/0, do/1]).
-include_lib("inets/include/httpd.hrl").
start() ->
    {ok, _} = application:ensure_all_started(inets),
    {ok, _} = inets:start(httpd, [{port, 8080}, {server_name, "localhost"}, {server_root, "."}, {document_root, "."},
                                  {modules, [app]}, {keep_alive_timeout, 60}, {max_keep_alive_request, 1000}]).
do(#mod{request_uri = Path}) ->
    case string:find(Path, "slow") of nomatch -> ok; _ -> timer:sleep(3000) end,
    {proceed, [{response, {response, [{code, 200}, {content_length, "5"}], ["done\\n"]}}]}.
"""


class Erlang(HttpServer):
    title = "Erlang, inets httpd"
    kind = "compiled"
    signals = ("TERM", "QUIT", "INT")
    guess = "TERM is init:stop(), which ends applications in order and exits with 0; requests are cut"
    flaw = "init:stop() takes a second, also when nothing is in flight."
    note = ("On TERM the emulator calls init:stop(), which takes a second in addition to the requests. QUIT and INT end "
            "it at once.")
    packages = "erlang-base erlang-inets"
    version = "dpkg-query -W erlang-base"
    files = {"app.erl": APP}
    command = "erl -noinput -pa @dir@ -s app"
    stops = (Stop("TERM", exits=(0,), ends_within=3.0),)

    def prepare(self, box):
        box.make("erlc", "app.erl")
