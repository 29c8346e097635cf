# SPDX-License-Identifier: MIT
"""A main process that ends at once on SIGTERM, and workers that need a second to clean up: in its process
group, and in a session of their own. Other inits end with the main process and take them along."""

import signal

import harness
from harness import BOTH_WAYS, probe

CLEAN_UP_MS = 1000
WORKERS = 4
COMMAND = probe(f"child={CLEAN_UP_MS}", f"child={CLEAN_UP_MS}", f"daemon={CLEAN_UP_MS}",
                f"daemon={CLEAN_UP_MS}", "print=ready", "hang")


class Workers(harness.ProgramTest):
    def stop_all(self, programs):
        """How many workers of each have cleaned up."""
        for program in programs:
            self.programs.append(program)
            self.addCleanup(program.kill)
            program.wait_app("^ready")
            program.out.wait_count("^child", WORKERS)
        for program in programs:
            program.stop()
        for program in programs:
            self.assertEqual(program.wait().code, 128 + signal.SIGTERM)
        return [sum("cleaned up" in line for line in program.out.all) for program in programs]

    def test_all_of_them_clean_up_within_the_deadline(self):
        programs = [
            harness.Program(["--stop-timeout=10s", *options], COMMAND, pid1=pid1)
            for options in ((), ("--order=signal-first",), ("--group",), ("--setsid", "--group"))
            for pid1 in BOTH_WAYS]
        self.assertEqual(self.stop_all(programs), [WORKERS] * len(programs))
        for program in programs:
            self.assertEqual(self.assert_in_time(program)["app"]["leftovers_killed"], 0)
            self.assertLess(program.ending.seconds, 5, "no stop waited for the deadline")

    def test_other_inits_let_none_of_them(self):
        programs = [
            harness.Program(options, COMMAND, binary=harness.need_command(name))
            for name, *options in (("tini",), ("tini", "-g"), ("dumb-init",), ("dumb-init", "-c"),
                                   ("catatonit",))]
        self.assertEqual(self.stop_all(programs), [0] * len(programs))


if __name__ == "__main__":
    harness.main()
