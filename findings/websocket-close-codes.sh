#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The same ASGI application closes its WebSockets with 1000, with 1012 or without a code, by server and library
#
# Guess: at TERM uvicorn sends 1012 (service restart), and hypercorn 1001 (going away).
# Seen: uvicorn with wsproto sends 1012; with websockets, its default where that is installed, it sends no close frame
#   (browsers see 1006). Hypercorn sends 1000, and only after its graceful timeout of 3 s.
# For containers: 1000 means that the work is done, and many clients reconnect only on other codes. They stay away after
#   a deploy.
# Software: Debian 12, python3-uvicorn 0.17.6-1, python3-hypercorn 0.13.2-3, python3-websockets 10.4-1,
#   python3-wsproto 1.2.0-1; Linux 6.18
# Source: RFC 6455, section 7.4.1; IANA's registry of close codes (1012); uvicorn/protocols/websockets
# Output, 2026-11-28:
#   uvicorn, websockets: upgraded: True
#   uvicorn, websockets: ends after: 0.4 s
#   uvicorn, websockets: close code: None
#   uvicorn, wsproto: upgraded: True
#   uvicorn, wsproto: ends after: 0.4 s
#   uvicorn, wsproto: close code: 1012
#   hypercorn: upgraded: True
#   hypercorn: ends after: 3.2 s
#   hypercorn: close code: 1000
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
debian python3-uvicorn=0.17.6-1 uvicorn=0.17.6-1 python3-hypercorn=0.13.2-3 python3-websockets=10.4-1 \
	python3-wsproto=1.2.0-1 python3-h11=0.14.0-1.1~deb12u1 python3-h2=4.1.0-4 python3-hpack=4.0.0-2 \
	python3-hyperframe=6.0.0-1 python3-priority=2.0.0-1 python3-toml=0.10.2-1 python3-click=8.1.3-2 \
	python3-asgiref=3.6.0-1
probe <<'PY'
from probe import Client, Server, check, finish, wait_for, write

write("app.py", """
async def app(scope, receive, send):
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        while (await receive())["type"] != "websocket.disconnect":
            pass
""")
HANDSHAKE = (b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n")


def close_code(frames):
    """Of the close frame that is all the server sends: unmasked, opcode 8, two bytes or more."""
    return int.from_bytes(frames[2:4], "big") if frames[:1] == b"\x88" and len(frames) >= 4 else None


UVICORN = ("uvicorn", "--lifespan", "off", "--port", "8080")
for name, command, code, seconds in (
        ("uvicorn, websockets", (*UVICORN, "--ws", "websockets", "app:app"), None, (0.0, 2.5)),
        ("uvicorn, wsproto", (*UVICORN, "--ws", "wsproto", "app:app"), 1012, (0.0, 2.5)),
        ("hypercorn", ("hypercorn", "--bind", "127.0.0.1:8080", "app:app"), 1000, (2.5, 6.0))):
    server = Server(*command, port=8080)
    client = Client(8080, HANDSHAKE)
    wait_for(lambda: b"\r\n\r\n" in client.received or client.end, "the upgrade")
    check(f"{name}: upgraded", b" 101 " in client.received, True)
    before = len(client.received)
    server.signal("TERM")
    check(f"{name}: ends after", server.seconds_to_end(), seconds)
    client.ended()
    check(f"{name}: close code", close_code(client.received[before:]), code)
finish()
PY
