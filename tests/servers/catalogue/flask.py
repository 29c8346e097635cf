# SPDX-License-Identifier: MIT
"""Flask's development server."""

from server import HttpServer, Stop


class Flask(HttpServer):
    title = "flask run"
    kind = "python"
    signals = ("TERM", "INT")
    guess = "TERM cuts and exits with 143, INT cuts and exits with 0"
    note = "A server for development. As PID 1 it ignores TERM."
    packages = "python3-flask"
    version = "dpkg-query -W python3-flask"
    files = {"app.py": """
import time
from flask import Flask
app = Flask(__name__)
@app.get("/")
def main():
    return "done\\n"
@app.get("/slow")
def slow():
    time.sleep(3)
    return "done\\n"
"""}
    command = "/usr/bin/python3 -m flask --app app run --host 0.0.0.0 --port 8080"
    stops = (Stop("TERM"),)
