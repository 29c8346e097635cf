# SPDX-License-Identifier: MIT
"""The ten lines of docs/applications.md, in each language: a job that they declare is waited for."""

import os
import re
import shutil
import subprocess

import harness
import http_client
import json
from harness import HEALTH_PORT, LASTCALL, SOURCE

# What each is made into: says that it has two jobs, waits for a line, and says that they are done.
PYTHON = """
%s
notify("READY=1\\nX_LASTCALL_BUSY=2")
print("ready", flush=True)
input()
notify("X_LASTCALL_BUSY=0")
input()
"""
GO = """package main
import ("bufio"; "fmt"; "net"; "os")
%s
func main() {
	lines := bufio.NewScanner(os.Stdin)
	if notify("READY=1\\nX_LASTCALL_BUSY=2") != nil { os.Exit(1) }
	fmt.Println("ready")
	lines.Scan()
	if notify("X_LASTCALL_BUSY=0") != nil { os.Exit(1) }
	lines.Scan()
}
"""
RUBY = """
%s
notify("READY=1\\nX_LASTCALL_BUSY=2")
puts "ready"
$stdout.flush
gets
notify("X_LASTCALL_BUSY=0")
gets
"""
PHP = """<?php
%s
notify("READY=1\\nX_LASTCALL_BUSY=2");
echo "ready\\n";
fgets(STDIN);
notify("X_LASTCALL_BUSY=0");
fgets(STDIN);
"""
NODE = """
%s
notify("READY=1");
notify("X_LASTCALL_BUSY=2");
console.log("ready");
process.stdin.once("data", () => notify("X_LASTCALL_BUSY=0"));
"""
JAVA = """
import java.io.*;
public class Main {
%s
    public static void main(String[] arguments) throws IOException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        notify("READY=1");
        notify("X_LASTCALL_BUSY=2");
        System.out.println("ready");
        lines.readLine();
        notify("X_LASTCALL_BUSY=0");
        lines.readLine();
    }
}
"""
# language of the page: file, what is around its lines, command, runtime
LANGUAGES = {
    "python": ("main.py", PYTHON, ["/usr/bin/python3", "main.py"], "python3"),
    "js": ("main.js", NODE, ["node", "main.js"], "node"),
    "go": ("main.go", GO, ["./main"], "go"),
    "ruby": ("main.rb", RUBY, ["ruby", "main.rb"], "ruby"),
    "php": ("main.php", PHP, ["php", "main.php"], "php"),
    "java": ("Main.java", JAVA, ["java", "Main.java"], "javac"),
}
ALWAYS = ("python", "js")  # the ring has these two


def documented(language):
    """The block of that language in docs/applications.md."""
    with open(os.path.join(SOURCE, "docs", "applications.md")) as page:
        return re.search(rf"^```{language}\n(.*?)^```$", page.read(), re.M | re.S)[1]


class Applications(harness.ProgramTest):
    def prepare(self, language):
        file, around, _, _ = LANGUAGES[language]
        directory = self.temporary_directory()
        lines = documented(language)
        self.assertLess(len(lines.strip().splitlines()), 13)
        with open(os.path.join(directory, file), "w") as program:
            program.write(around % lines)
        if language == "go":
            subprocess.run(["go", "build", "-o", "main", "main.go"], cwd=directory, check=True, env={
                **harness.environment(), "GOFLAGS": "-mod=mod", "GO111MODULE": "off", "HOME": directory,
                "GOCACHE": os.path.join(os.path.dirname(harness.JAIL), "go-cache")})
        return directory

    def start_application(self, language, path):
        read, write = os.pipe()
        directory = self.prepare(language)
        program = self.start("--stop-timeout=20s", env={"PATH": path, "HOME": directory}, stdin=read, command=[
            "sh", "-c", f"cd {directory} && exec \"$@\"", "sh", *LANGUAGES[language][2]])
        os.close(read)
        return program, os.fdopen(write, "w")

    def test_declared_jobs_are_waited_for(self):
        languages = [name for name, row in LANGUAGES.items() if name in ALWAYS or shutil.which(row[3])]
        path = self.temporary_directory() + ":" + harness.environment()["PATH"]
        os.symlink(LASTCALL, os.path.join(path.split(":")[0], "lastcall"))
        programs = {name: self.start_application(name, path) for name in languages}
        for language, (program, lines) in programs.items():
            with self.subTest(language=language), lines:
                self.follow(program, lines)

    def follow(self, program, lines):
        program.wait_app("^ready")
        harness.wait_until(lambda: self.health(program)["jobs"] == 2, "both jobs are declared")
        harness.wait_until(lambda: self.health(program)["status"] == "serving", "it is ready")
        program.stop()
        program.err.wait_for("2 jobs;")
        self.assertIsNone(program.err.find("sent SIGTERM"))
        lines.write("done\n")
        lines.flush()
        program.wait()
        report = self.assert_in_time(program)
        self.assertEqual(report["outcome"], "drained")
        self.assertEqual([report["jobs"][name] for name in ("at_stop", "finished", "cut", "unknown")], [2, 2, 0, 0])

    def health(self, program):
        return json.loads(http_client.ask(program, HEALTH_PORT, "/healthcheck").body)


if __name__ == "__main__":
    harness.main()
