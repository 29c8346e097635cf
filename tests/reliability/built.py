# SPDX-License-Identifier: MIT
"""Where the long runs find what is built: ctest says it in variables; a run by hand takes the preset dev. Import it
before harness."""

import os
import sys

from record import SOURCE

DEV = SOURCE / "build" / "dev"
STATIC = SOURCE / "build" / "static" / "bin" / "lastcall"

for variable, path in (("LASTCALL_BIN", DEV / "bin" / "lastcall"), ("LASTCALL_SOURCE_DIR", SOURCE),
                       ("LASTCALL_JAIL", DEV / "tests" / "program" / "jail"),
                       ("LASTCALL_PROBE", DEV / "tests" / "program" / "probe"),
                       ("LASTCALL_TLS_SERVER", DEV / "tests" / "traffic" / "tls_server")):
    os.environ.setdefault(variable, str(path))

sys.path[:0] = [str(SOURCE / "tests" / "program"), str(SOURCE / "tests" / "traffic")]
