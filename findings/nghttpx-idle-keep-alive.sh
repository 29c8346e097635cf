#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# One idle HTTP/1.1 connection holds nghttpx's graceful stop for a minute
#
# Guess: QUIT closes what is idle, in HTTP/1.1 as in HTTP/2.
# Seen: HTTP/2 gets two GOAWAY frames, 2 s apart, and is closed. An idle HTTP/1.1 connection stays open until
#   --frontend-keep-alive-timeout (here 8 s; the default is 1 minute) ends.
# For containers: behind a load balancer, which keeps connections open, no stop timeout below a minute is enough.
# Software: Debian 12, nghttp2-proxy 1.52.0-1+deb12u3; Linux 6.18
# Source: nghttpx(1), SIGNALS and --frontend-keep-alive-timeout
# Output, 2026-11-28:
#   HTTP/2, idle: nghttpx ends after: 2.0 s
#   HTTP/1.1, idle: nghttpx ends after: 8.0 s
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
debian nghttp2-proxy=1.52.0-1+deb12u3 libnghttp2-14=1.52.0-1+deb12u3 libev4=1:4.33-1 libc-ares2=1.18.1-3
probe <<'PY'
from probe import Client, Http2, Server, check, finish, slow_backend

slow_backend(9000)
for name, kind, expected in (("HTTP/2", Http2, (1.0, 5.0)), ("HTTP/1.1", Client, (6.0, 20.0))):
    server = Server("nghttpx", "--frontend=127.0.0.1,8080;no-tls", "--backend=127.0.0.1,9000", "--workers=1",
                    "--frontend-keep-alive-timeout=8", port=8080)
    client = kind(8080)
    client.get("/")
    client.answer()
    server.signal("QUIT")
    check(f"{name}, idle: nghttpx ends after", server.seconds_to_end(), expected)
finish()
PY
