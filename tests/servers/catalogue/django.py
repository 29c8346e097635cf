# SPDX-License-Identifier: MIT
"""Django's development server."""

from server import HttpServer, Stop

APP = """
import sys, time
from django.conf import settings
from django.core.management import execute_from_command_line
from django.http import HttpResponse
from django.urls import re_path
settings.configure(DEBUG=True, ROOT_URLCONF=__name__, SECRET_KEY="x", ALLOWED_HOSTS=["*"], MIDDLEWARE=[])
def main(request, path):
    if "slow" in path:
        time.sleep(3)
    return HttpResponse("done\\n")
urlpatterns = [re_path(r"^(.*)$", main)]
execute_from_command_line(sys.argv)
"""


class Django(HttpServer):
    title = "Django runserver"
    kind = "python"
    signals = ("TERM", "INT")
    guess = "TERM cuts and exits with 143; with the reloader, the child is left behind"
    note = "A server for development. As PID 1 it ignores TERM."
    packages = "python3-django"
    version = "dpkg-query -W python3-django"
    files = {"manage.py": APP}
    command = "/usr/bin/python3 manage.py runserver --noreload 0.0.0.0:8080"
    stops = (Stop("TERM", exits=(143, 0)),)


class DjangoReload(Django):
    name = "django-reload"
    title = "Django runserver, with its reloader"
    guess = "TERM ends the parent, and leaves the child that serves"
    note = "A server for development. On TERM the parent ends its child and cuts the child's requests."
    command = "/usr/bin/python3 manage.py runserver 0.0.0.0:8080"
    stops = (Stop("TERM", exits=(143, 0)),)
