# SPDX-License-Identifier: MIT
"""npm, yarn and pnpm as the container's command: each starts a shell or node."""

import os

from apps import NODE
from server import Advice, HttpServer, Stop

PACKAGE = '{"name": "app", "version": "1.0.0", "scripts": {"start": "node app.js http close"}}'


class NpmStart(HttpServer):
    name = "npm-start"
    title = "npm start"
    kind = "javascript"
    signals = ("TERM", "INT")
    guess = "npm forwards TERM to its shell, which ends; node is left behind"
    note = ("npm signals its shell and ends; node never sees the signal. In a container "
            "node is then killed with its request.")
    packages = "nodejs"
    product = "`npm` {}"
    version = "npm --version"
    files = {"app.js": NODE, "package.json": PACKAGE}
    command = "npm start"
    never_used = False
    environment = {"npm_config_update_notifier": "false"}
    stops = (Stop("TERM", exits=(0, 143, 1), ends_within=12.0),)
    advice = Advice(command="node app.js http close", set="the command `node app.js`", why="a package manager adds nothing at run time")

    def prepare(self, box):
        box.certificate()


class YarnStart(NpmStart):
    name = "yarn-start"
    title = "yarn start"
    guess = "as npm"
    note = "yarn 1 ends with 1 on TERM, and node is left behind."
    product = "`yarn` {} from npm"
    shown = "yarn start"
    version = "echo 1.22.22"
    command = "node @dir@/node_modules/yarn/bin/yarn.js start"

    def prepare(self, box):
        super().prepare(box)
        os.symlink(box.npm("yarn@1.22.22"), box.path("node_modules"))


class PnpmStart(NpmStart):
    name = "pnpm-start"
    title = "pnpm start"
    guess = "as npm"
    note = "pnpm ends with 143 on TERM, and node is left behind."
    product = "`pnpm` {} from npm"
    shown = "pnpm start"
    version = "echo 10.18.0"
    command = "node @dir@/node_modules/pnpm/bin/pnpm.cjs start"

    def prepare(self, box):
        super().prepare(box)
        os.symlink(box.npm("pnpm@10.18.0"), box.path("node_modules"))
