# SPDX-License-Identifier: MIT
"""The kinds of traffic: which server, which clients, and what a request of each is like."""

import dataclasses
import os
import sys
import tempfile

from stop import HERE, PORT, certificate, folder

PYTHON = "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable
UPSTREAM_PORT = 9000

# How long requests take, s: shorter than --longest-request, and longer than any time that a verdict knows.
SHORTEST = 1.0
LONGEST = 8.0


def python(folder_name, name, *arguments):
    return [PYTHON, "-B", str(HERE / folder_name / f"{name}.py"), *map(str, arguments)]


def node(folder_name, name, *arguments):
    return ["node", str(HERE / folder_name / f"{name}.js"), *map(str, arguments)]


def tls_server():
    return [os.environ.get("LASTCALL_TLS_SERVER", ""), str(PORT), *certificate()]


def nginx(listen):
    """nginx in front of a server that is none of its processes."""
    cert, key = certificate()
    place = tempfile.mkdtemp(prefix="nginx.", dir=folder())
    os.chmod(place, 0o755)
    temporary = "".join(f"{name}_temp_path {place}/{name};" for name in
                        ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    with open(f"{place}/nginx.conf", "w") as file:
        file.write(f"""daemon off; user root; worker_processes 1; pid {place}/pid; error_log {place}/error.log;
events {{ worker_connections 4000; }}
http {{ access_log off; {temporary} keepalive_timeout 600s;
ssl_protocols TLSv1.2 TLSv1.3; ssl_certificate {cert}; ssl_certificate_key {key};
server {{ listen {PORT} {listen}; location / {{ proxy_pass http://127.0.0.1:{UPSTREAM_PORT}; }} }} }}
""")
    return ["nginx", "-e", f"{place}/error.log", "-c", f"{place}/nginx.conf"]


@dataclasses.dataclass
class Kind:
    name: str
    note: str
    server: object  # makes the application's command
    client: list
    request: object  # random -> a request that takes `seconds`
    upstream: bool = False
    required: bool = True  # nothing may be lost
    requests: bool = True  # its clients have some
    needs: tuple = ()  # programs
    options: tuple = ()
    stop_after: object = None  # random, request -> when in its life the signal comes, s


def ms(seconds):
    return int(seconds * 1000)


def waiting(random):
    seconds = random.uniform(SHORTEST, LONGEST)
    return {"wait": ms(seconds), "seconds": seconds}


def tie(random):
    """Sent in the tick in which the answer before it came."""
    count = random.randint(1, 4) if random.random() < 0.5 else random.randint(5, 30)
    return {**waiting(random), "before": [random.choice((0, 0, 3, 30)) for _ in range(count)]}


def query(login):
    return lambda random: {**waiting(random), "login": login}


def upload(random):
    pauses = [random.uniform(0.1, 1.0) for _ in range(random.randint(2, 6))]
    wait = random.uniform(0.5, 4)
    return {"upload": [ms(pause) for pause in pauses], "wait": ms(wait), "seconds": sum(pauses) + wait}


def stream(first, before=()):
    def request(random):
        pauses = [first]
        while sum(pauses) < LONGEST and len(pauses) < 20 and (len(pauses) < 3 or random.random() < 0.9):
            pauses.append(random.uniform(0.02, 1.0))
        return {"stream": ["early" if random.random() < 0.5 else "late", [ms(pause) for pause in pauses]],
                "before": list(before), "rested": bool(before), "seconds": sum(pauses)}
    return request


def streams(random):
    """HTTP/2 connections beyond a dozen segments: some streams are answered while others wait."""
    return {**waiting(random), "before": [0] * 20, "beside": [ms(random.uniform(0.05, 3)) for _ in range(3)]}


def talker(random):
    return {"pauses": [ms(random.uniform(0.2, 1.5)) for _ in range(5)], "seconds": LONGEST}


def silent(random):
    return {"pauses": [], "seconds": LONGEST}


HTTP = python("clients", "http_client")
TLS = python("clients", "http_client", "tls")


def python_http():
    return python("servers", "http_server", PORT)


def python_tls():
    return python("servers", "http_server", PORT, *certificate())


def node_server(kind):
    return lambda: node("servers", "node_server", kind, PORT, *certificate())


def greeting_server():
    return python("servers", "greeting_server", PORT)


KINDS = (
    Kind("tls-python", "fresh TLS 1.3, Python's ssl", python_tls, TLS, waiting),
    Kind("tls-node", "fresh TLS 1.3, Node https", node_server("https"), node("clients", "node_client", "https"),
         waiting, needs=("node",)),
    Kind("tls-nginx", "fresh TLS 1.3, nginx", lambda: nginx("ssl"), TLS, waiting, upstream=True, needs=("nginx",)),
    Kind("tls-openssl", "fresh TLS 1.3, OpenSSL in C", tls_server, TLS, waiting),
    Kind("h2c-node", "h2c, one request, Node", node_server("h2c"), node("clients", "node_client", "h2c"), waiting,
         needs=("node",)),
    Kind("h2c-nginx", "h2c, one request, nginx", lambda: nginx("http2"), node("clients", "node_client", "h2c"),
         waiting, upstream=True, needs=("node", "nginx")),
    Kind("h2-node", "h2 over TLS, one request, Node", node_server("h2"), node("clients", "node_client", "h2"),
         waiting, needs=("node",)),
    Kind("h2-nginx", "h2 over TLS, one request, nginx", lambda: nginx("ssl http2"),
         node("clients", "node_client", "h2"), waiting, upstream=True, needs=("node", "nginx")),
    Kind("greeting-login", "greeting, login, query", greeting_server, python("clients", "greeting_client"),
         query(True)),
    Kind("greeting-query", "greeting, query", greeting_server, python("clients", "greeting_client"), query(False)),
    Kind("tie", "in the tick of the answer before it", python_http, HTTP, tie),
    Kind("tie-tls", "the same over TLS 1.3, Node", node_server("https"), TLS, tie, needs=("node",)),
    Kind("upload", "slow uploads", python_http, HTTP, upload),
    Kind("stream-100", "streams with pauses, first piece after 0.1 s", python_http, HTTP, stream(0.1)),
    Kind("stream-1500", "streams with pauses, first piece after 1.5 s", python_http, HTTP, stream(1.5)),
    Kind("talkers", "clients that talk and are never answered", lambda: python("servers", "silent_server", PORT),
         python("clients", "talking_client"), talker, requests=False),
    Kind("deferred", "silent clients of TCP_DEFER_ACCEPT",
         lambda: python("servers", "silent_server", PORT, "deferred"), python("clients", "talking_client"), silent,
         requests=False),
    Kind("h2-streams", "h2c with several streams beyond 12 segments, Node", node_server("h2c"),
         node("clients", "node_client", "h2c"), streams, required=False, needs=("node",)),
    Kind("stream-old", "streams on old connections, stopped in their first pause", python_http, HTTP,
         stream(1.5, before=[0] * 20), required=False,
         stop_after=lambda random, request: random.uniform(0.3, 1.4)),
)


def upstream_of(kind):
    return python("servers", "http_server", UPSTREAM_PORT) if kind.upstream else None
